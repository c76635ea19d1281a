// Small makers of elements. Words of people only ever become text nodes; nothing here takes HTML.

const SVG = "http://www.w3.org/2000/svg";

export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

const LINES = {
  send: "M4 12 20 4.5 15.5 20l-3.7-6.3L4 12Zm7.8 1.7L20 4.5",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  dots: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  place: "M12 21s6.5-6 6.5-11a6.5 6.5 0 1 0-13 0c0 5 6.5 11 6.5 11Zm0-8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z",
  live: "M12 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM8 16.5a6.3 6.3 0 0 1 0-9M16 7.5a6.3 6.3 0 0 1 0 9M5 19.5a10.5 10.5 0 0 1 0-15M19 4.5a10.5 10.5 0 0 1 0 15",
  photo: "M4 7.5A1.5 1.5 0 0 1 5.5 6H8l1.5-2h5L16 6h2.5A1.5 1.5 0 0 1 20 7.5v10a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17.5v-10Zm8 8.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z",
  voice: "M12 15a3 3 0 0 0 3-3V6.5a3 3 0 1 0-6 0V12a3 3 0 0 0 3 3Zm-6-3.5a6 6 0 0 0 12 0M12 17.5V21",
  file: "M13.5 3.5H7A1.5 1.5 0 0 0 5.5 5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8.5l-5-5Zm0 0v5h5",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1",
  block: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM6 6l12 12",
  reply: "M9.5 7 4.5 12l5 5M5 12h8.5a6 6 0 0 1 6 6",
  edit: "M5 19l.8-3.8L15.7 5.3a1.8 1.8 0 0 1 2.6 0l.4.4a1.8 1.8 0 0 1 0 2.6L8.8 18.2 5 19Z",
  walk: "M5 19 12 5l7 14-7-3.5L5 19Z",
  close: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  play: "M9 6.5v11l8.5-5.5L9 6.5Z",
  lock: "M7.5 11V8.5a4.5 4.5 0 0 1 9 0V11M6 11h12v8.5H6V11Z",
  mute: "M6 10v4h3l4 3.5v-11L9 10H6Zm11 0 3.5 4m0-4L17 14",
};

export function icon(name) {
  const thick = name === "more" || name === "dots" ? 2.6 : 1.7;
  return svg("svg", { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "stroke-width": thick,
    "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true" }, svg("path", { d: LINES[name] }));
}

export function iconButton(name, label, onclick, extra = {}) {
  return el("button", { type: "button", class: "icon", "aria-label": label, title: label, onclick, ...extra }, icon(name));
}
