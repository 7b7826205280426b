/** Every stage of the served network, with all its maps, as they are for the chosen digit. */

import { bytesOf, paintMap } from "./paint.js";
import { list, say } from "./say.js";

const FUSED = { norm: "batch-normalisation", relu: "relu", dropout: "dropout" };
const KINDS = {
  Conv2D: "convolution",
  MaxPooling2D: "max-pooling",
  AveragePooling2D: "average-pooling",
  GlobalAveragePooling2D: "global-average",
  Flatten: "flatten",
  Dense: "dense",
};

const LAST = "probabilities"; // the network's own answer

export class Network {
  /** `onMap(stage, map)` when a map is pointed at, tapped or focused. */
  constructor(list, onMap) {
    this.list = list;
    this.onMap = onMap;
    this.version = null;
    this.stages = [];
    this.ownScale = false;
    this.digit = null;
  }

  /** Make the stages of a model, as `/draw/model` describes it. */
  build(model) {
    this.version = model.version;
    this.digit = null;
    let bytes = 0;
    let maps = 0;
    this.stages = model.stages.map((described, number) => {
      const before = model.stages[number - 1] ?? { height: 28, width: 28 };
      const stage = new Stage({ ...described, before, isFirst: number === 0 }, bytes, maps, (map) => this.point(stage, map));
      bytes += described.maps * described.height * described.width;
      maps += described.maps;
      return stage;
    });
    this.list.replaceChildren(...this.stages.map((stage) => stage.item));
    this.paint();
  }

  /** Show what the network makes of a digit of an answer; null for none. */
  show(digit) {
    this.digit = digit?.maps ? { bytes: bytesOf(digit.maps), ranges: new Float32Array(bytesOf(digit.ranges).buffer) } : null;
    this.paint();
  }

  /** Point at a map from the start, where there is room for it. */
  pointAtFirst() {
    if (this.stages.length) this.point(this.stages[0], 0);
  }

  paint() {
    this.list.classList.toggle("idle", !this.digit);
    for (const stage of this.stages) stage.show(this.digit, this.ownScale);
  }

  point(stage, map) {
    for (const button of this.list.querySelectorAll("[aria-current]")) button.removeAttribute("aria-current");
    stage.buttons[map].setAttribute("aria-current", "true");
    this.onMap(stage, map);
  }
}

/** One stage: its maps as (maps, height, width) bytes with a range each. */
class Stage {
  constructor(described, firstByte, firstMap, onMap) {
    Object.assign(this, described);
    this.isLast = described.name === LAST;
    this.isRow = described.shape.length === 1;
    this.firstByte = firstByte;
    this.firstMap = firstMap;
    this.onMap = onMap;
    this.shown = null;
    // A row of numbers is broken into lines, to be seen as a whole.
    this.columns = this.isRow ? columnsOf(this.width) : this.width;
    this.rows = this.isRow ? Math.ceil(this.width / this.columns) : this.height;
    this.makeItem();
  }

  makeItem() {
    this.item = document.createElement("li");
    this.item.className = this.isRow ? "stage row" : "stage";
    this.item.dataset.stage = this.name;
    const title = document.createElement("div");
    title.className = "stage-title";
    const shape = element("span", this.shape.join(" × "), "shape");
    shape.dir = "ltr";
    title.append(element("h3", this.name), shape, element("p", this.about(), "about"));
    const maps = element("div", "", "maps");
    maps.setAttribute("role", "group");
    maps.setAttribute("aria-label", `${this.name}: ${this.isRow ? say("numbers", { n: this.width }) : say("maps", { n: this.maps })}`);
    maps.dir = "ltr"; // as the network has them, and as the keys go
    maps.style.setProperty("--aspect", `${this.columns} / ${this.rows}`);
    this.item.style.setProperty("--wide", `${this.columns * (this.columns <= 10 ? 40 : this.columns <= 32 ? 18 : 13)}px`);
    this.buttons = Array.from({ length: this.maps }, (_, map) => this.button(map));
    maps.append(...this.buttons);
    maps.addEventListener("keydown", (event) => this.onKey(event));
    this.item.append(title, maps);
    if (this.isLast) this.item.append(units());
  }

  button(map) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "map";
    button.tabIndex = map ? -1 : 0; // one stop a stage; arrows lead on inside
    button.setAttribute("aria-label", this.labelOf(map));
    button.append(document.createElement("canvas"));
    button.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && this.onMap(map));
    button.addEventListener("focus", () => button.matches(":focus-visible") && this.onMap(map));
    button.addEventListener("click", () => this.onMap(map));
    return button;
  }

  onKey(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.across(), ArrowDown: this.across() }[event.key];
    const ends = { Home: 0, End: this.maps - 1 };
    const at = this.buttons.indexOf(document.activeElement);
    const to = by ? at + by : (ends[event.key] ?? -1);
    if (at < 0 || !this.buttons[to]) return;
    event.preventDefault();
    this.buttons[at].tabIndex = -1;
    this.buttons[to].tabIndex = 0;
    this.buttons[to].focus({ focusVisible: true });
    this.onMap(to);
  }

  /** How many maps stand side by side. */
  across() {
    const top = this.buttons[0].offsetTop;
    const below = this.buttons.findIndex((button) => button.offsetTop > top);
    return below < 0 ? this.maps : below;
  }

  show(digit, ownScale) {
    const size = this.height * this.width;
    if (digit) {
      const bytes = digit.bytes.subarray(this.firstByte, this.firstByte + this.maps * size);
      const ranges = digit.ranges.subarray(2 * this.firstMap, 2 * (this.firstMap + this.maps));
      this.shown = { bytes, ranges, low: Math.min(...ranges), high: Math.max(...ranges) };
    } else this.shown = null;
    this.buttons.forEach((button, map) => this.paint(button.firstChild, map, ownScale));
    this.ownScale = ownScale;
  }

  /** Paint one map, on the layer's scale or on its own. */
  paint(canvas, map, ownScale, columns = this.columns) {
    const { bytes, low, step } = this.map(map, ownScale);
    paintMap(canvas, bytes, columns, Math.ceil(bytes.length / columns), low, step);
  }

  /** How many numbers of a row stand side by side where there is as much height as width. */
  get squareColumns() {
    return this.isRow && this.width > 10 ? 2 ** Math.ceil(Math.log2(Math.sqrt(this.width))) : this.columns;
  }

  /** A map's bytes, and the range that the ramp stands for. */
  map(map, ownScale = this.ownScale) {
    const size = this.height * this.width;
    if (!this.shown) return { bytes: new Uint8Array(size), low: 0, step: 0 };
    const [mapLow, mapHigh] = this.shown.ranges.subarray(2 * map, 2 * map + 2);
    const from = ownScale ? mapLow : this.shown.low;
    const to = ownScale ? mapHigh : this.shown.high;
    const spread = to - from || 1;
    return {
      bytes: this.shown.bytes.subarray(map * size, (map + 1) * size),
      low: (mapLow - from) / spread,
      step: (mapHigh - mapLow) / 255 / spread,
      from,
      to,
      value: (byte) => mapLow + (byte / 255) * (mapHigh - mapLow),
    };
  }

  get isConvolution() {
    return this.kind === "Conv2D";
  }

  labelOf(map) {
    if (this.isRow) return say("enlarge", { stage: this.name });
    return say(this.isConvolution ? "filter" : "map", { stage: this.name, n: map + 1 });
  }

  titleOf(map) {
    if (this.isRow) return this.name;
    return say(this.isConvolution ? "lens-filter-title" : "lens-map-title", { stage: this.name, n: map + 1 });
  }

  about() {
    let stage = KINDS[this.kind] ? say(KINDS[this.kind]) : this.kind;
    const reach = this.reach();
    if (reach) stage = say("reach", { reach, stage });
    if (this.isHalf()) stage = say("every-second", { stage });
    const parts = this.parts.slice(1).map((part) => nameOf(part));
    if (parts.length) stage = say("fused", { stage, parts: list(parts) });
    if (this.isLast) return say("last-stage", { stage });
    return `${stage} · ${this.isRow ? say("numbers", { n: this.width }) : say(this.isConvolution ? "filters" : "maps", { n: this.maps })}`;
  }

  /** Whether a convolution steps two pixels at a time; how far it reaches, the sizes don't tell then. */
  isHalf() {
    return this.isConvolution && this.height === Math.ceil(this.before.height / 2);
  }

  /** How much of the stage before a pixel sees, where the two sizes tell: without padding, step by step. */
  reach() {
    const isPool = this.kind.includes("Pooling");
    const side = isPool ? Math.round(this.before.height / this.height) : this.before.height - this.height + 1;
    return this.isRow || this.isHalf() || side < 2 || side > 7 ? "" : `${side} × ${side}`;
  }
}

/** What a layer is that is fused into another: its name ends in its kind. */
function nameOf(part) {
  const word = FUSED[part.split("_").at(-1)];
  return word ? say(word) : part;
}

function columnsOf(count) {
  if (count <= 10) return count;
  return Math.min(64, 2 ** Math.ceil(Math.log2(Math.sqrt(count * 2.5))));
}

/** The digits below the last stage's ten numbers. */
function units() {
  const row = element("div", "", "units");
  row.setAttribute("aria-hidden", "true");
  row.append(...Array.from({ length: 10 }, (_, digit) => element("span", digit)));
  return row;
}

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}
