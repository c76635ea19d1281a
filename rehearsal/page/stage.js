// The page: listens to the stage, keeps the clock, and gives each phone what is its own.

import { steer } from "./acts.js";
import { drawBoard, tick } from "./board.js";
import { Phone } from "./phone.js";
import { day, isFast, minute, now, second, setClock } from "./time.js";

const FASTEST = 600;
const PHONE_WIDTH = 228; // pixels; a smaller phone is drawn smaller as a whole,
const SMALLEST = 0.76; // down to this, so that a team stands in one row
const GAP = 18;
const [SHORTEST, TALLEST] = [440, 690]; // pixels of a phone
const NARROW = matchMedia("(max-width: 700px)"); // one phone at a time, the others beside it
const AROUND_PHONES = 76; // pixels: names above, air around
const AROUND_NARROW = 290; // pixels: the bar too, and the head of what the board says
const find = (id) => document.getElementById(id);
const phones = new Map();
let bots = [];

function arrange() {
  const place = find("phones");
  const fits = (width) => Math.max(1, Math.floor((place.clientWidth + GAP) / (width + GAP)));
  const rows = NARROW.matches ? 1 : Math.ceil(phones.size / fits(PHONE_WIDTH * SMALLEST)) || 1;
  const columns = Math.max(1, Math.ceil(phones.size / rows));
  const width = (place.clientWidth - (columns - 1) * GAP) / columns;
  const scale = NARROW.matches ? 1 : Math.min(1, width / PHONE_WIDTH);
  const board = find("board");
  const taken = document.querySelector(".bar").offsetHeight + (board.hidden ? 24 : board.offsetHeight) + AROUND_PHONES;
  board.classList.toggle("floating", rows > 1);
  const room = NARROW.matches ? window.innerHeight - AROUND_NARROW : (window.innerHeight - taken) / scale;
  place.style.setProperty("--columns", String(columns));
  place.style.setProperty("--scale", String(scale));
  place.style.setProperty("--phone-height", `${Math.max(SHORTEST, Math.min(TALLEST, room))}px`);
}

function add(person) {
  phones.get(person.id)?.element.remove();
  const phone = new Phone(person, () => bots);
  phones.set(person.id, phone);
  find("phones").append(phone.element);
  phone.toEnd();
}

function frame() {
  if (isFast()) drawClock();
  requestAnimationFrame(frame);
}

const hears = {
  snapshot(about) {
    bots = about.bots;
    find("phones").replaceChildren();
    phones.clear();
    about.phones.forEach(add);
    find("hidden-phones").hidden = !about.hidden;
    find("hidden-phones").textContent = `and ${about.hidden} more phones`;
    arrange();
    phones.forEach((phone) => phone.toEnd());
  },
  phone(person) {
    add(person);
    arrange();
  },
  bots(about) {
    bots = about;
    phones.forEach((phone) => phone.draw());
  },
  message: (about) => phones.get(about.phone)?.told(about),
  chat: (about) => phones.get(about.phone)?.told(about),
  typing: (about) => phones.get(about.phone)?.typing(about),
  answer: (about) => phones.get(about.phone)?.answered(about),
  board(about) {
    drawBoard(about, find("board"), find("chip"));
  },
  clock(about) {
    setClock(about.now, about.speed);
    find("steer").hidden = !about.steerable;
    find("link").textContent = about.still ? "The messenger stands still" : "";
    if (document.activeElement !== find("speed")) drawSpeed(about.speed);
    drawClock();
  },
};

function listen() {
  const stream = new EventSource("/stage/events");
  for (const [name, hear] of Object.entries(hears)) stream.addEventListener(name, (event) => hear(JSON.parse(event.data)));
  stream.addEventListener("open", () => { find("link").textContent = ""; });
  stream.addEventListener("error", () => { find("link").textContent = "The stage is not there. Trying again…"; });
}

function drawClock() {
  const time = now();
  find("clock-time").textContent = second(time);
  find("clock-day").textContent = `${day(time)}, UTC`;
  const short = minute(time);
  phones.forEach((phone) => { if (phone.time.textContent !== short) phone.time.textContent = short; });
  tick();
}

function drawSpeed(speed) {
  const slider = find("speed");
  slider.value = String(Math.round((Math.log(speed) / Math.log(FASTEST)) * 100));
  nameSpeed(speed);
}

function nameSpeed(speed) {
  find("speed-is").textContent = `${Math.round(speed)}×`;
  find("speed").style.setProperty("--fill", `${find("speed").value}%`);
  find("speed").setAttribute("aria-valuetext", `${Math.round(speed)} times as fast`);
}

const chosenSpeed = () => {
  const speed = FASTEST ** (Number(find("speed").value) / 100);
  return speed < 10 ? Math.round(speed) : Math.min(FASTEST, Math.round(speed / 5) * 5);
};

find("speed").addEventListener("input", () => {
  nameSpeed(chosenSpeed());
  steer({ speed: chosenSpeed() });
});
find("speed").addEventListener("change", () => find("speed").blur());
for (const button of document.querySelectorAll("[data-jump]")) {
  button.addEventListener("click", () => steer({ advance: Number(button.dataset.jump) }));
}

new ResizeObserver(arrange).observe(find("board"));
window.addEventListener("resize", arrange);
setInterval(drawClock, 200);
requestAnimationFrame(frame);
listen();
