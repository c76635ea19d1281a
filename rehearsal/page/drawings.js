// Pictures drawn on the spot: a map that is no map, and the wave of a voice. The same input gives the same picture.

import { svg } from "./dom.js";

function dice(seed) {
  let state = Math.imul(Math.floor(seed), 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

export function mapCard(place) {
  const roll = dice(Math.round(place.lat * 200) * 7919 + Math.round(place.lon * 200));
  const shapes = [svg("rect", { width: 224, height: 124, fill: "#1f2a33" })];
  for (let i = 0; i < 5; i += 1) {
    const [x, y] = [roll() * 210 - 10, roll() * 110 - 10];
    shapes.push(svg("rect", { x, y, width: 30 + roll() * 44, height: 22 + roll() * 30, rx: 6, fill: i % 2 ? "#26383a" : "#243040" }));
  }
  const river = 20 + roll() * 84;
  shapes.push(svg("path", { d: `M-5 ${river} C 60 ${river - 30}, 120 ${river + 46}, 230 ${river - 12 + roll() * 30}`, stroke: "#2c4a63", "stroke-width": 11, fill: "none" }));
  const tilt = roll() * 26 - 13;
  for (let i = -1; i < 8; i += 1) {
    const x = i * 36 + roll() * 12;
    shapes.push(svg("path", { d: `M${x} -4 L${x + tilt} 128`, stroke: "#3a4755", "stroke-width": i % 3 ? 1.6 : 3.6 }));
  }
  for (let i = 0; i < 5; i += 1) {
    const y = 10 + i * 28 + roll() * 8;
    shapes.push(svg("path", { d: `M-4 ${y} L228 ${y - tilt / 2}`, stroke: "#3a4755", "stroke-width": i % 2 ? 1.6 : 3.6 }));
  }
  if (place.live) shapes.push(svg("circle", { cx: 112, cy: 64, r: 26, fill: "#e6ac5c", class: "live", opacity: 0.5 }));
  shapes.push(
    svg("ellipse", { cx: 112, cy: 73, rx: 7, ry: 2.6, fill: "#000", opacity: 0.45 }),
    svg("path", { d: "M112 72c-1-6-13-12-13-23a13 13 0 1 1 26 0c0 11-12 17-13 23Z", fill: "#e6ac5c", stroke: "#1c1408", "stroke-width": 1.2 }),
    svg("circle", { cx: 112, cy: 49, r: 4.6, fill: "#1c1408" }),
  );
  return svg("svg", { viewBox: "0 0 224 124", class: "map", role: "img", "aria-label": "Drawn map" }, shapes);
}

export function wave(seed) {
  const roll = dice(seed + 17);
  const bars = [];
  for (let i = 0; i < 26; i += 1) {
    const height = 4 + Math.abs(Math.sin(i / 3.1 + roll())) * (8 + roll() * 12);
    bars.push(svg("rect", { x: i * 4, y: 13 - height / 2, width: 2.2, height, rx: 1.1, fill: "currentColor", opacity: i < 10 ? 1 : 0.5 }));
  }
  return svg("svg", { viewBox: "0 0 104 26", class: "wave", "aria-hidden": "true" }, bars);
}

// A picture for people who have none at hand: dusk over roofs, as a PNG.
export function samplePicture() {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [640, 420];
  const draw = canvas.getContext("2d");
  const sky = draw.createLinearGradient(0, 0, 0, 420);
  for (const [at, colour] of [[0, "#1b2a47"], [0.55, "#8a5a6b"], [0.8, "#e6a15c"], [1, "#f3cf8e"]]) sky.addColorStop(at, colour);
  draw.fillStyle = sky;
  draw.fillRect(0, 0, 640, 420);
  draw.fillStyle = "#f7dfae";
  draw.beginPath();
  draw.arc(430, 270, 34, 0, Math.PI * 2);
  draw.fill();
  for (let layer = 0; layer < 3; layer += 1) {
    draw.fillStyle = ["#4d3a51", "#33293f", "#1a1824"][layer];
    for (let x = -20; x < 660; x += 52 - layer * 4) {
      const height = 70 + ((x * 37 + layer * 91) % 83 + 83) % 83 - layer * 24;
      draw.fillRect(x, 420 - height - 40 + layer * 32, 46, 420);
    }
  }
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
