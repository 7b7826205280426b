/**
 * The last drawing, remembered on this device and nowhere else: by Telegram (DeviceStorage, Bot API 9.0), else by the
 * browser, else not at all. What can't be kept or found again is simply not there: a drawing is soon drawn anew.
 */

import { HEIGHT, WIDTH } from "./sketch.js";

const KEY = "drawing";
const PATIENCE_MS = 1500;
const MAX_LENGTH = 12_000; // characters: about forty digits. Above it the oldest strokes are left out, each as a whole
const GRAIN = 4; // places are kept in quarters of the sheet's units
const PRESSURE_GRAIN = 100;
const PENS = [1, 60]; // thicknesses that may be true

/** Where drawings are kept: {load: () => Promise of strokes, none if there are none; save: (strokes) => void}. */
export function openMemory(telegram) {
  const place = telegram.isVersionAtLeast("9.0") ? deviceStorage(telegram) : browserStorage(telegram.userId);
  return {
    load: async () => unpacked(await place.get()),
    save: (strokes) => place.set(packed(strokes)),
  };
}

function deviceStorage(telegram) {
  const waiting = new Map(); // what to do with an answer, by its request
  const answered = (told) => {
    waiting.get(told.req_id)?.(typeof told.value === "string" ? told.value : null);
    waiting.delete(told.req_id);
  };
  telegram.on("device_storage_key_received", answered);
  telegram.on("device_storage_failed", answered);
  return {
    get: () =>
      new Promise((resolve) => {
        const req_id = crypto.randomUUID?.() ?? String(Math.random());
        waiting.set(req_id, resolve);
        setTimeout(() => answered({ req_id }), PATIENCE_MS);
        telegram.post("web_app_device_storage_get_key", { req_id, key: KEY });
      }),
    set: (value) => telegram.post("web_app_device_storage_save_key", { req_id: "save", key: KEY, value }),
  };
}

/** People who share a device and its browser have a drawing each, as far as Telegram says who they are. */
function browserStorage(userId) {
  const key = userId ? `${KEY}:${userId}` : KEY;
  const tried = (act) => {
    try {
      return act();
    } catch {
      return null; // the browser keeps nothing here: a private window, a frame, or no room
    }
  };
  return {
    get: () => tried(() => localStorage.getItem(key)),
    set: (value) => tried(() => (value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value))),
  };
}

/** Strokes as text: of each its thickness, whether its pressure is told, and the steps from point to point; null for none. */
export function packed(strokes) {
  const kept = [];
  let length = 0;
  for (const stroke of [...strokes].reverse()) {
    const text = JSON.stringify(numbersOf(stroke));
    length += text.length + 1;
    if (length > MAX_LENGTH) break;
    kept.unshift(text);
  }
  return kept.length ? `{"v":1,"strokes":[${kept}]}` : null;
}

function numbersOf({ width, points }) {
  const isPressed = points.some((point) => point.pressure !== 1);
  const numbers = [width, Number(isPressed)];
  let [x, y] = [0, 0];
  for (const point of points) {
    const [toX, toY] = [Math.round(point.x * GRAIN), Math.round(point.y * GRAIN)];
    numbers.push(toX - x, toY - y);
    if (isPressed) numbers.push(Math.round(point.pressure * PRESSURE_GRAIN));
    [x, y] = [toX, toY];
  }
  return numbers;
}

/** The strokes again; none at all when the text is damaged or something else's. */
export function unpacked(text) {
  try {
    const found = JSON.parse(text);
    return found?.v === 1 && text.length <= 2 * MAX_LENGTH ? found.strokes.map(strokeOf) : [];
  } catch {
    return [];
  }
}

function strokeOf([width, isPressed, ...steps]) {
  const size = isPressed ? 3 : 2;
  check(between(width, ...PENS) && steps.length > 0 && steps.length % size === 0 && steps.every(Number.isInteger));
  const points = [];
  let [x, y] = [0, 0];
  for (let at = 0; at < steps.length; at += size) {
    x += steps[at] / GRAIN;
    y += steps[at + 1] / GRAIN;
    const pressure = isPressed ? steps[at + 2] / PRESSURE_GRAIN : 1;
    check(between(x, 0, WIDTH) && between(y, 0, HEIGHT) && between(pressure, 0.1, 2));
    points.push({ x, y, pressure });
  }
  return { width, points };
}

function check(isSound) {
  if (!isSound) throw new RangeError("no drawing");
}

function between(value, low, high) {
  return typeof value === "number" && value >= low && value <= high;
}
