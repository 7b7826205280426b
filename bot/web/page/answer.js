/** The digits that were read, how sure, the ten bars, and what the network sees of the chosen one. */

import { bytesOf, paintMap } from "./paint.js";
import { nodesFor, percentage, say } from "./say.js";

const byId = (id) => document.getElementById(id);

const HINTS = { dark: "no-digit-dark", blurred: "no-digit-blurred", faint: "no-digit-faint", small: "no-digit-small" };

const isDigit = (character) => character >= "0" && character <= "9";

/** A sign between the digits, or a space: to be read, not to be pressed. */
function sign(character) {
  const shown = document.createElement("span");
  shown.className = "sign";
  shown.textContent = character;
  return shown;
}

/** A line of writing; of several, each with how sure its digits are together: as the whole reading, their product. */
function row(line, written, digits) {
  const shown = document.createElement("div");
  shown.className = "line";
  const characters = document.createElement("span");
  characters.append(...written);
  shown.append(characters);
  if (!digits) return shown;
  const share = document.createElement("small");
  share.className = "line-sure";
  share.textContent = percent(digits.reduce((product, digit) => product * digit.confidence, 1));
  shown.append(share);
  shown.setAttribute("role", "group");
  shown.setAttribute("aria-label", `${line}, ${share.textContent}`);
  return shown;
}

export class Answer {
  /** `onDigit(digit or null)` when another is chosen or read; `onChange()` when the number that is read changes. */
  constructor({ onDigit, onChange }) {
    this.onDigit = onDigit;
    this.onChange = onChange;
    this.chosen = -1;
    this.reading = null;
    this.text = "";
    this.bars = Array.from({ length: 10 }, (_, digit) => bar(digit));
    byId("bars").replaceChildren(...this.bars);
  }

  clear() {
    this.reading = this.frame = null;
    this.chosen = -1;
    this.text = "";
    this.showDigits();
    this.choose(-1);
    byId("sure").replaceChildren();
  }

  show(reading, frame) {
    const before = this.chosen;
    this.reading = reading;
    this.frame = frame;
    const text = reading.text.join("\n");
    if (text !== this.text && text) this.onChange();
    const grew = text.length !== this.text.length;
    this.text = text;
    const count = reading.digits.length;
    // The newest digit of a number is the one to look at; while one is only being changed, the choice stays.
    const chosen = grew || before < 0 || before >= count ? this.newest() : before;
    this.showDigits();
    this.say();
    this.choose(chosen);
  }

  /** The digit that the pen was at last. */
  newest() {
    const { x, y } = this.frame.pen;
    const away = this.places().map((place) => Math.hypot(beyond(x, place.left, place.right), beyond(y, place.top, place.bottom)));
    return away.indexOf(Math.min(...away));
  }

  /** Where each digit is on the sheet. */
  places() {
    if (!this.reading) return [];
    const { left, top, scale } = this.frame;
    return this.reading.digits.map(({ box }) => ({
      left: left + box[0] / scale,
      top: top + box[1] / scale,
      right: left + box[2] / scale,
      bottom: top + box[3] / scale,
    }));
  }

  choose(place) {
    this.chosen = place;
    const digit = this.reading?.digits[place] ?? null;
    for (const button of byId("digits").querySelectorAll("button"))
      button.setAttribute("aria-pressed", String(Number(button.dataset.place) === place));
    this.paint();
    this.showBars(digit);
    this.onDigit(digit);
  }

  paint() {
    const digit = this.reading?.digits[this.chosen];
    const pixels = digit ? bytesOf(digit.bitmap) : new Uint8Array(784);
    paintMap(byId("sees"), pixels, 28, 28, 0, 1 / 255);
  }

  say() {
    const sure = byId("sure");
    if (!this.text) return void sure.replaceChildren(say(HINTS[this.reading.hint] ?? "no-digit"));
    const [digits, share] = [document.createElement("span"), document.createElement("b")];
    digits.className = "unseen"; // a screen reader is told the number too
    digits.textContent = `${this.reading.text.join("; ")}: `;
    share.textContent = percent(this.reading.confidence);
    sure.replaceChildren(digits, ...nodesFor(this.reading.digits.length > 1 ? "sure-tap" : "sure", { share }));
  }

  showDigits() {
    const holder = byId("digits");
    const digits = this.reading?.digits ?? [];
    const lines = this.reading?.text ?? [];
    const isCrowd = lines.length > 2 || lines.some((line) => line.length > 5);
    holder.classList.toggle("many", digits.length > 1 && !isCrowd);
    holder.classList.toggle("crowd", isCrowd);
    if (!digits.length) {
      const nothing = document.createElement("b");
      nothing.textContent = "–";
      nothing.setAttribute("aria-label", say("nothing"));
      return void holder.replaceChildren(nothing);
    }
    const shown = [];
    let place = 0;
    for (const line of lines) {
      const from = place;
      const written = [...line].map((character) => (isDigit(character) ? this.button(character, place++) : sign(character)));
      shown.push(row(line, written, lines.length > 1 && digits.slice(from, place)));
    }
    const focused = holder.contains(document.activeElement) ? document.activeElement.dataset.place : null;
    holder.replaceChildren(...shown);
    if (focused !== null) holder.querySelector(`[data-place="${focused}"]`)?.focus();
  }

  button(character, place) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = character;
    button.dataset.place = place;
    const share = percent(this.reading.digits[place].confidence);
    button.setAttribute("aria-label", say("look", { digit: character, share }));
    button.addEventListener("click", () => this.choose(place));
    return button;
  }

  showBars(digit) {
    this.bars.forEach((item, number) => {
      const share = digit?.probabilities[number] ?? 0;
      item.classList.toggle("best", digit?.digit === number);
      item.querySelector(".fill").style.setProperty("--share", share.toFixed(4));
      item.querySelector(".share").textContent = !digit || share < 0.005 ? "" : percent(share);
      item.setAttribute("aria-label", digit ? `${number}: ${percent(share)}` : `${number}`);
    });
  }
}

function bar(digit) {
  const item = document.createElement("li");
  for (const name of ["share", "tube", "label"]) {
    const part = document.createElement("span");
    part.className = name;
    item.append(part);
  }
  const fill = document.createElement("i");
  fill.className = "fill";
  item.querySelector(".tube").append(fill);
  item.querySelector(".label").textContent = digit;
  return item;
}

/** How far a number is outside of a range. */
function beyond(value, low, high) {
  return Math.max(low - value, value - high, 0);
}

/** Never 100 %, for nothing is that sure. */
function percent(share) {
  return percentage(Math.min(99, Math.round(100 * share)) / 100);
}
