/** One map, enlarged, with its figures; of the first stage also the kernel that makes it. */

import { colour, paintMap, paintRamp, signed } from "./paint.js";
import { number as written, percentage, say } from "./say.js";

const byId = (id) => document.getElementById(id);

export class Lens {
  constructor() {
    this.panel = byId("lens");
    this.stage = null;
    this.map = 0;
    this.kernels = null;
    this.at = null; // the pixel that is pointed at, {row, column}
    byId("lens-close").addEventListener("click", () => this.close());
    const view = byId("lens-map");
    view.addEventListener("pointermove", (event) => this.pointAt(event));
    view.addEventListener("pointerleave", () => this.pointAt(null));
  }

  /** Forget the model before. */
  setModel(model) {
    this.kernels = model.kernels;
    this.close();
  }

  show(stage, map) {
    this.stage = stage;
    this.map = map;
    this.panel.hidden = false;
    this.refresh();
  }

  close() {
    this.stage = null;
    this.panel.hidden = true;
    for (const button of document.querySelectorAll(".map[aria-current]")) button.removeAttribute("aria-current");
  }

  /** Say what the pixel under the pointer is, and of the first stage, where the kernel lies for it. */
  pointAt(event) {
    const view = byId("lens-map");
    const box = view.getBoundingClientRect();
    const along = (from, length, count) => Math.min(count - 1, Math.max(0, Math.floor((from / length) * count)));
    this.at = event && {
      row: along(event.clientY - box.top, box.height, view.height),
      column: along(event.clientX - box.left, box.width, view.width),
    };
    this.refresh();
  }

  /** Show it anew: another digit, or other colours. */
  refresh() {
    const { stage, map } = this;
    if (!stage) return;
    byId("lens-title").textContent = stage.titleOf(map);
    byId("lens-about").textContent = stage.isRow ? stage.about() : say("one-of", { size: `${stage.height} × ${stage.width}`, n: stage.maps });
    stage.paint(byId("lens-map"), map, stage.ownScale, stage.squareColumns);
    paintRamp(byId("lens-ramp"));
    const shown = stage.map(map);
    byId("lens-low").textContent = shown.value ? number(shown.from) : "";
    byId("lens-high").textContent = shown.value ? number(shown.to) : "";
    byId("lens-facts").textContent = (this.at && pixel(stage, shown, this.at)) || facts(stage, shown);
    this.showKernel();
  }

  showKernel() {
    const kernel = this.stage.isFirst ? this.kernels?.[this.map] : null;
    byId("lens-kernel").hidden = !kernel;
    byId("lens-note").textContent = "";
    if (!kernel) return;
    const context = byId("lens-sees").getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(byId("sees"), 0, 0, 112, 112);
    if (this.at) {
      context.strokeStyle = colour("--minus");
      context.lineWidth = 2;
      context.strokeRect(4 * this.at.column, 4 * this.at.row, 4 * kernel[0].length, 4 * kernel.length); // no padding
    }
    const most = Math.max(...kernel.flat().map(Math.abs));
    byId("kernel").replaceChildren(
      ...kernel.map((row) => {
        const line = document.createElement("tr");
        line.append(...row.map((weight) => cell(weight, most)));
        return line;
      }),
    );
    const isFused = this.stage.parts.some((part) => part.endsWith("_norm"));
    byId("lens-note").textContent = say(isFused ? "kernel-fused" : "kernel-served");
  }
}

function cell(weight, most) {
  const made = document.createElement("td");
  const { fill, text } = signed(most ? weight / most : 0);
  made.textContent = written(weight, 2);
  made.style.background = fill;
  made.style.color = text;
  return made;
}

/** One pixel's value; null where there is none. */
function pixel(stage, shown, { row, column }) {
  const place = row * stage.squareColumns + column;
  if (!shown.value || place >= shown.bytes.length) return null;
  const where = stage.isLast ? place : stage.isRow ? say("place", { n: place + 1 }) : say("pixel", { row: row + 1, column: column + 1 });
  return `${where}: ${number(shown.value(shown.bytes[place]))}`;
}

function facts(stage, shown) {
  if (!shown.value) return say("no-facts");
  const values = Array.from(shown.bytes, shown.value);
  const most = values.map((value, place) => ({ value, place })).sort((one, other) => other.value - one.value).slice(0, 3);
  if (stage.isLast) return most.map(({ value, place }) => `${place}: ${percentage(value, 1)}`).join(" · ");
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const silent = values.filter((value) => value <= 0).length / values.length;
  const strongest = stage.isRow ? most.map(({ value, place }) => `${say("place", { n: place + 1 })}: ${number(value)}`).join(", ") : number(most[0].value);
  return say("facts", { strongest, mean: number(mean), share: percentage(silent) });
}

function number(value) {
  return written(value, Math.abs(value) >= 10 ? 1 : 2);
}
