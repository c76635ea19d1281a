// Under the phones: each open incident with its steps and what comes next, then the watches,
// and what there is to try while nothing is open.

import { el } from "./dom.js";
import { countdown, minute, now, second } from "./time.js";

const words = (text) => (text ? text[0].toUpperCase() + text.slice(1).replaceAll("_", " ") : "");

function tone(state) {
  if (/held|hold/i.test(state)) return "held";
  return /clos|over|ended|resolved|done|clear|cancel/i.test(state) ? "over" : "open";
}

function watchTone(state) {
  if (/alarm|missed|incident|escalat/i.test(state)) return "alarm";
  if (/overdue|grace|late|remind|asked/i.test(state)) return "late";
  return /rest|pause|off|stop/i.test(state) ? "rest" : "calm";
}

export function drawBoard(board, place, chip) {
  const incidents = board.incidents || [];
  const watches = board.watches || [];
  const hints = incidents.length ? [] : board.hints || [];
  place.hidden = !incidents.length && !watches.length && !hints.length;
  const scrolled = new Map([...place.querySelectorAll(".entries")].map((list) => [list.dataset.id, list.scrollTop]));
  place.replaceChildren(...incidents.map(drawIncident), ...(watches.length ? [drawWatches(watches)] : []), ...(hints.length ? [drawHints(hints)] : []));
  for (const list of place.querySelectorAll(".entries")) list.scrollTop = scrolled.get(list.dataset.id) || 0;
  drawChip(incidents, chip);
  tick();
}

function drawIncident(incident) {
  const { next } = incident;
  return el("article", { class: "incident", "data-tone": tone(incident.state), "data-incident": incident.id },
    el("div", { class: "about" },
      el("span", { class: "state" }, words(incident.state)),
      el("h3", { dir: "auto" }, `${words(incident.kind)} · ${incident.defender}`),
      el("p", {}, "Since ", el("time", { datetime: incident.opened_at }, second(incident.opened_at))),
      incident.holder ? el("p", { class: "holder" }, el("b", { dir: "auto" }, incident.holder), incident.held_until ? ` has it until ${minute(incident.held_until)}` : " has it") : null),
    el("div", { class: "course" },
      next ? el("div", { class: "next" }, el("span", { class: "count", "data-until": next.at }), el("span", { dir: "auto" }, words(next.what)))
        : el("div", { class: "next" }, el("span", {}, tone(incident.state) === "over" ? "It is over." : "Nothing is due.")),
      el("ol", { class: "tiers", "aria-label": "Who is asked, step by step" }, (incident.tiers || []).map((tier) => drawTier(tier, incident)))),
    el("div", { class: "past" }, el("ol", { class: "entries", "data-id": incident.id, "aria-label": "What happened", tabindex: "0" },
      [...(incident.entries || [])].reverse().map((entry) => el("li", {}, el("time", { datetime: entry.at }, second(entry.at)), el("span", { dir: "auto" }, entry.text))))));
}

function drawTier(tier, incident) {
  const asked = tier.asked > 0;
  const holds = incident.holder && (tier.people || []).includes(incident.holder);
  const when = asked ? (tier.asked > 1 ? `asked ${tier.asked} times` : "asked") : "";
  return el("li", { class: [asked ? "asked" : "", holds ? "holds" : ""].join(" ").trim() || undefined },
    el("strong", { dir: "auto" }, words(tier.name)),
    tier.people?.length ? el("small", { dir: "auto" }, tier.people.join(", ")) : null,
    el("small", tier.due_at && !asked ? { "data-until": tier.due_at, "data-before": "in " } : {}, when));
}

function drawWatches(watches) {
  return el("ul", { class: "watches", "aria-label": "Watches" }, watches.map((watch) => el("li", { "data-tone": watchTone(watch.state) },
    el("b", { dir: "auto" }, watch.defender), el("span", {}, words(watch.state)),
    watch.next ? el("span", {}, `${watch.next.what} `, el("span", { class: "count", "data-until": watch.next.at, "data-before": "in " })) : null)));
}

function drawHints(hints) {
  return el("ul", { class: "hints", "aria-label": "What to try" }, hints.map((hint) => el("li", { dir: "auto" }, hint)));
}

function drawChip(incidents, chip) {
  const open = incidents.filter((incident) => tone(incident.state) !== "over");
  chip.hidden = !open.length;
  if (!open.length) return;
  const [first] = open;
  const who = first.holder ? `${first.holder} has it` : words(first.state);
  const others = open.length > 1 ? ` and ${open.length - 1} more` : "";
  chip.style.setProperty("--tone", first.holder ? "var(--calm)" : "var(--alarm)");
  chip.replaceChildren(el("span", { dir: "auto" }, `${words(first.kind)} · ${first.defender} · ${who}${others}`));
}

export function tick() {
  for (const node of document.querySelectorAll("[data-until]")) {
    const left = countdown(node.dataset.until);
    const text = left === "now" ? left : (node.dataset.before || "") + left;
    if (node.textContent !== text) node.textContent = text;
    node.classList.toggle("late", Date.parse(node.dataset.until) < now());
  }
}
