// The service's time on this page: told by the stage now and then, counted on in between.

let base = Date.now();
let mark = performance.now();
let speed = 1;

export function setClock(iso, times) {
  base = Date.parse(iso);
  mark = performance.now();
  speed = times;
}

// True while seconds pass faster than they are drawn five times in one.
export const isFast = () => speed > 1;

export const now = () => base + (performance.now() - mark) * speed;

const form = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hourCycle: "h23", ...options });
const HM = form({ hour: "2-digit", minute: "2-digit" });
const HMS = form({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const DAY = form({ weekday: "short", day: "numeric", month: "short" });

export const minute = (when) => HM.format(typeof when === "string" ? Date.parse(when) : when);
export const second = (when) => HMS.format(typeof when === "string" ? Date.parse(when) : when);
export const day = (when) => DAY.format(when);

// "now" when it is due, and before that how long it takes.
export function countdown(iso) {
  const left = Math.ceil((Date.parse(iso) - now()) / 1000);
  return left <= 0 ? "now" : length(left);
}

export const span = (from, to) => length(Math.round((Date.parse(to) - Date.parse(from)) / 1000));

// "4:09" under an hour, "2 h 05 min" above.
function length(left) {
  if (left < 3600) return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  const minutes = Math.floor(left / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(minutes / 1440)} days`;
}
