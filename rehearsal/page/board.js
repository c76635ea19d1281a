// Under the phones: each open incident with its steps and what comes next; then, in one line, the watches, what is over,
// and what there is to try. What is over is folded away, but for the newest while nothing is open; a press unfolds it.

import { el, iconButton } from "./dom.js";
import { countdown, minute, now, second, span } from "./time.js";

const unfolded = new Map(); // what somebody chose to see or not to see: an incident's id, or HINTS
const HINTS = "hints";
let drawn = {};
let place = null;

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

export function drawBoard(board, where, chip) {
  drawn = board;
  place = where;
  draw();
  drawChip((board.incidents || []).filter((incident) => tone(incident.state) !== "over"), chip);
}

function draw() {
  const incidents = drawn.incidents || [];
  const watches = drawn.watches || [];
  const hints = drawn.hints || [];
  const over = incidents.filter((incident) => tone(incident.state) === "over");
  const newest = over.length === incidents.length ? over[0]?.id : null;
  const isUnfolded = (incident) => unfolded.get(incident.id) ?? incident.id === newest;
  const folded = over.filter((incident) => !isUnfolded(incident));
  const hinted = hints.length > 0 && (unfolded.get(HINTS) ?? !incidents.length);
  place.hidden = !incidents.length && !watches.length && !hints.length;
  const scrolled = new Map([...place.querySelectorAll(".entries")].map((list) => [list.dataset.id, list.scrollTop]));
  const focused = document.activeElement?.dataset.fold;
  place.replaceChildren(
    ...incidents.filter((incident) => !folded.includes(incident)).map(drawIncident),
    el("div", { class: "strip" }, watches.length ? drawWatches(watches) : null, folded.map(drawFolded), hints.length && incidents.length ? drawHintsButton(hinted) : null),
    ...(hinted ? [drawHints(hints)] : []));
  for (const list of place.querySelectorAll(".entries")) list.scrollTop = scrolled.get(list.dataset.id) || 0;
  if (focused) place.querySelector(`[data-fold="${focused}"]`)?.focus();
  tick();
}

function fold(what, shown) {
  unfolded.set(what, shown);
  draw();
}

function drawIncident(incident) {
  const over = tone(incident.state) === "over";
  const name = `${words(incident.kind)} · ${incident.defender}`;
  return el("article", { class: "incident", "data-tone": tone(incident.state), "data-incident": incident.id, "aria-label": name },
    el("div", { class: "about" },
      el("span", { class: "state" }, words(incident.state)),
      over ? iconButton("close", "Fold it away", () => fold(incident.id, false), { class: "icon fold", "data-fold": incident.id }) : null,
      el("h3", { dir: "auto" }, name),
      el("p", {}, "Since ", el("time", { datetime: incident.opened_at }, second(incident.opened_at))),
      incident.holder ? el("p", { class: "holder" }, el("b", { dir: "auto" }, incident.holder), incident.held_until ? ` has it until ${minute(incident.held_until)}` : " has it") : null,
      incident.proposal ? el("p", { class: "proposal", dir: "auto" }, incident.proposal) : null),
    el("div", { class: "course" }, over ? drawEnd(incident) : drawNext(incident),
      el("ol", { class: "tiers", "aria-label": "Who is asked, step by step" }, (incident.tiers || []).map((tier) => drawTier(tier, incident, over)))),
    el("div", { class: "past" }, el("ol", { class: "entries", "data-id": incident.id, "aria-label": "What happened", tabindex: "0" },
      [...(incident.entries || [])].reverse().map((entry) => el("li", {}, el("time", { datetime: entry.at }, second(entry.at)), el("span", { dir: "auto" }, entry.text))))));
}

function drawNext({ next }) {
  if (!next) return el("div", { class: "next" }, el("span", {}, "Nothing is due."));
  return el("div", { class: "next", "aria-label": "What comes next" }, el("span", { class: "count", role: "timer", "data-until": next.at }), el("span", { dir: "auto" }, words(next.what)));
}

function drawEnd({ opened_at, closed_at }) {
  return el("div", { class: "next" }, closed_at ? el("span", { class: "count ended" }, span(opened_at, closed_at)) : null, el("span", {}, closed_at ? "from the first call to the all-clear." : "It is over."));
}

function drawTier(tier, incident, over) {
  const asked = tier.asked > 0;
  const people = tier.people || [];
  const cannot = tier.cannot || [];
  const holds = incident.holder && people.includes(incident.holder);
  const out = asked && people.length > 0 && people.every((name) => cannot.includes(name));
  const due = tier.due_at && !asked && !over;
  const when = asked ? (tier.asked > 1 ? `asked ${tier.asked} times` : "asked") : over ? "not called" : "";
  return el("li", { class: [asked ? "asked" : "", holds ? "holds" : "", out ? "out" : ""].filter(Boolean).join(" ") || undefined },
    el("strong", { dir: "auto" }, words(tier.name)),
    people.length ? el("small", { dir: "auto" }, listed(people.map((name) => (cannot.includes(name) ? el("s", { title: "Cannot, or cannot be reached" }, name) : name)))) : null,
    el("small", due ? { "data-until": tier.due_at, "data-before": "in " } : {}, when));
}

const listed = (names) => names.flatMap((name, place) => (place ? [", ", name] : [name]));

function drawWatches(watches) {
  return el("ul", { class: "watches", "aria-label": "Watches" }, watches.map((watch) => el("li", { "data-tone": watchTone(watch.state) },
    el("b", { dir: "auto" }, watch.defender), el("span", {}, words(watch.state)),
    watch.next ? el("span", {}, `${watch.next.what} `, el("span", { class: "count", "data-until": watch.next.at, "data-before": "in " })) : null)));
}

function drawFolded(incident) {
  return el("button", { type: "button", class: "pill", "aria-expanded": "false", "data-fold": incident.id, onclick: () => fold(incident.id, true) },
    el("b", { dir: "auto" }, `${words(incident.kind)} · ${incident.defender}`), el("span", {}, words(incident.state)), el("span", { class: "count" }, minute(incident.closed_at || incident.opened_at)));
}

function drawHintsButton(shown) {
  return el("button", { type: "button", class: "pill try", "aria-expanded": String(shown), "data-fold": HINTS, onclick: () => fold(HINTS, !shown) }, "What to try");
}

function drawHints(hints) {
  return el("ul", { class: "hints", "aria-label": "What to try" }, hints.map((hint) => el("li", { dir: "auto" }, hint)));
}

function drawChip(open, chip) {
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
