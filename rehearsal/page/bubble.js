// One message as an element. `does` is what its buttons call: press, reply, edit, move.

import { el, icon, iconButton } from "./dom.js";
import { mapCard, wave } from "./drawings.js";
import { minute } from "./time.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote" };

export function bubble(message, does) {
  const media = message.kind === "photo" || message.kind === "place";
  const box = el("div", { class: media ? "bubble media" : "bubble" },
    message.forwarded ? el("div", { class: "forwarded" }, "Forwarded message") : null,
    message.reply ? el("div", { class: "quote", dir: "auto" }, message.reply.text) : null,
    attachment(message),
    message.text ? el("div", { class: "words", dir: "auto" }, words(message.text, message.entities || [])) : null,
    meta(message, does));
  return el("div", { class: classes(message), "data-message": message.id, "data-kind": message.kind }, box,
    message.rows.length ? keys(message, does) : null,
    message.reaction ? el("div", { class: "reaction" }, message.reaction) : null);
}

function classes(message) {
  return ["message", message.mine ? "mine" : "theirs", message.rows.length ? "withkeys" : ""].join(" ").trim();
}

function meta(message, does) {
  const signs = [
    message.silent && !message.mine ? sign("mute", "Without a sound") : null,
    message.protected ? sign("lock", "Cannot be forwarded or saved") : null,
    message.edited && message.kind !== "place" ? el("span", {}, "edited") : null,
    message.place && message.place.live ? el("span", {}, "live") : null,
  ];
  return el("div", { class: "meta" },
    iconButton("dots", "What to do with this message", (event) => does.more(message, event.currentTarget), { class: "icon more" }),
    signs, el("time", { datetime: message.at }, minute(message.at)));
}

const sign = (name, label) => el("span", { title: label, role: "img", "aria-label": label }, icon(name));

function attachment(message) {
  const { file, place } = message;
  if (message.kind === "photo") return el("img", { class: "photo", src: file.url, alt: message.text || "Photo", loading: "lazy", width: file.width, height: file.height });
  if (message.kind === "place") {
    const point = `${place.lat.toFixed(4)}, ${place.lon.toFixed(4)}`;
    return el("div", {}, mapCard(place), el("div", { class: "point" }, point));
  }
  if (message.kind === "voice") {
    const seconds = `0:${String(file.seconds || 3).padStart(2, "0")}`;
    return el("div", { class: "file" }, el("span", {}, icon("play")), el("span", {}, wave(message.id), el("small", {}, seconds)));
  }
  if (message.kind === "document") {
    return el("a", { class: "file", href: file.url, download: file.name }, el("span", {}, icon("file")),
      el("span", {}, el("strong", { dir: "auto" }, file.name || "File"), el("small", {}, size(file.size))));
  }
  return null;
}

const size = (bytes) => (bytes < 1024 ? `${bytes} B` : bytes < 1048576 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`);

function keys(message, does) {
  return el("div", { class: "keys" }, message.rows.map((row) => el("div", {}, row.map((button) =>
    el("button", { type: "button", dir: "auto", onclick: (event) => does.press(message, button, event.currentTarget) }, button.label)))));
}

// Entities are counted in UTF-16 units, as strings of this language are.
function words(text, entities, begin = 0, end = text.length) {
  const parts = [];
  let at = begin;
  const within = entities.filter((entity) => entity.offset >= begin && entity.offset + entity.length <= end);
  for (const entity of within) {
    if (entity.offset < at) continue;
    parts.push(text.slice(at, entity.offset));
    at = entity.offset + entity.length;
    parts.push(styled(entity, words(text, within.filter((other) => other !== entity), entity.offset, at)));
  }
  parts.push(text.slice(at, end));
  return parts;
}

function styled(entity, inner) {
  if (entity.type === "bot_command") return el("span", { class: "command" }, inner);
  if (entity.type === "spoiler") return el("span", { class: "spoiler" }, inner);
  if (entity.type === "text_link") {
    const safe = /^https?:/i.test(entity.url) ? entity.url : undefined;
    return el("a", { href: safe, target: "_blank", rel: "noreferrer noopener" }, inner);
  }
  return el(TAGS[entity.type] || "span", {}, inner);
}
