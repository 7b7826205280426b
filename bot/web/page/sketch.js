/**
 * The canvas: strokes of a mouse, a pen, fingers or the keyboard, with undo; and the picture of them for the bot.
 *
 * A stroke is {width, points: [{x, y, pressure}]} in units of the sheet, 400 wide and 300 high, whatever its size on
 * the screen. Strokes are never changed once they are drawn, so that a step back is a list remembered.
 */

import { boundsOf, inkOn, pictureOf } from "./ink.js";
import { colour } from "./paint.js";

export const WIDTH = 400;
export const HEIGHT = 300;
const STEP = 8; // of the keyboard's pen

// The picture for the bot is the ink, enlarged or shrunk to this, with as much paper around as a reader of photos
// expects. Larger pictures are read no better (docs/drawing.md), and take longer to send and to read.
const INK_HEIGHT = 64;
const INK_WIDTH = 320;
const FRAME = 32;
const MAX_PEN = 14; // a dot does not become a ball

export class Sketch {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.finished = document.createElement("canvas"); // the strokes that are done, painted once
    this.painted = null; // which they are, at which size and in which colour
    this.thickness = 16;
    this.strokes = [];
    this.before = [];
    this.after = [];
    this.current = null; // the stroke under the pen
    this.pointer = null;
    this.marks = [];
    this.markChosen = -1;
    this.cursor = null; // of the keyboard
    this.onBegin = this.onStroke = this.onChange = () => {};
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.end(event));
    canvas.addEventListener("pointercancel", (event) => this.cancel(event));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    canvas.addEventListener("keydown", (event) => this.onKey(event));
    canvas.addEventListener("blur", () => this.hideCursor());
    new ResizeObserver(() => this.fit()).observe(canvas);
  }

  get isEmpty() {
    return !this.strokes.length && !this.current;
  }

  get isDrawing() {
    return this.current !== null;
  }

  get canUndo() {
    return this.before.length > 0;
  }

  // ── drawing

  begin(event) {
    if (this.current || (event.pointerType === "mouse" && event.button !== 0)) return;
    this.hideCursor();
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.current = { width: this.thickness, points: [this.point(event)] };
    this.onBegin();
    this.paint();
  }

  move(event) {
    if (!this.current || event.pointerId !== this.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) this.add(this.point(each));
    this.paint();
    this.onStroke();
  }

  end(event) {
    if (!this.current || event.pointerId !== this.pointer) return;
    this.add(this.point(event));
    this.finish();
  }

  cancel(event) {
    if (event.pointerId !== this.pointer) return;
    this.current = this.pointer = null;
    this.paint();
    this.onChange();
  }

  add(point) {
    const last = this.current.points.at(-1);
    if (Math.hypot(point.x - last.x, point.y - last.y) < 0.7) return;
    this.current.points.push(point);
  }

  finish() {
    const stroke = this.current;
    this.current = this.pointer = null;
    this.change([...this.strokes, stroke]);
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: clamp(((event.clientX - box.left) / box.width) * WIDTH, 0, WIDTH),
      y: clamp(((event.clientY - box.top) / box.height) * HEIGHT, 0, HEIGHT),
      pressure: event.pointerType === "pen" && event.pressure ? 0.5 + event.pressure : 1,
    };
  }

  // ── history

  change(strokes) {
    this.before.push(this.strokes);
    this.after = [];
    this.strokes = strokes;
    this.paint();
    this.onChange();
  }

  /** Begin with strokes that were drawn at another time, as if they had been drawn now one after the other. */
  restore(strokes) {
    this.before = strokes.map((_, count) => strokes.slice(0, count));
    this.after = [];
    this.strokes = strokes;
    this.paint();
    this.onChange();
  }

  undo() {
    this.step(this.before, this.after);
  }

  redo() {
    this.step(this.after, this.before);
  }

  step(from, to) {
    if (this.current || !from.length) return;
    to.push(this.strokes);
    this.strokes = from.pop();
    this.paint();
    this.onChange();
  }

  clear() {
    if (this.current) this.current = this.pointer = null;
    if (this.strokes.length) this.change([]);
  }

  // ── the keyboard

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? STEP / 4 : STEP;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (by) this.moveCursor(...by);
    else if (event.key === " " || event.key === "Enter") this.pressCursor();
    else if (event.key === "Backspace") this.undo();
    else if (event.key === "Delete") this.clear();
    else return;
    event.preventDefault();
  }

  moveCursor(dx, dy) {
    this.cursor ??= { x: WIDTH / 2, y: HEIGHT / 4 };
    this.cursor = { x: clamp(this.cursor.x + dx, 0, WIDTH), y: clamp(this.cursor.y + dy, 0, HEIGHT) };
    if (this.current && this.pointer === null) {
      this.add({ ...this.cursor, pressure: 1 });
      this.onStroke();
    }
    this.paint();
  }

  pressCursor() {
    if (this.pointer !== null) return;
    this.cursor ??= { x: WIDTH / 2, y: HEIGHT / 4 };
    if (this.current) return this.finish();
    this.current = { width: this.thickness, points: [{ ...this.cursor, pressure: 1 }] };
    this.onBegin();
    this.paint();
  }

  hideCursor() {
    if (this.current && this.pointer === null) this.finish();
    this.cursor = null;
    this.paint();
  }

  // ── painting

  fit() {
    const box = this.canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(box.width * ratio));
    const height = Math.max(1, Math.round(box.height * ratio));
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this.paint();
  }

  /** Show a box around each of these places, {left, top, right, bottom} of the sheet, one of them chosen. */
  mark(places, chosen) {
    this.marks = places.length > 1 ? places : [];
    this.markChosen = chosen;
    this.paint();
  }

  paint() {
    const { context, canvas } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(canvas.width / WIDTH, 0, 0, canvas.height / HEIGHT, 0, 0);
    this.marks.forEach((mark, place) => {
      const isChosen = place === this.markChosen;
      context.strokeStyle = isChosen ? colour("--accent") : colour("--muted");
      context.lineWidth = isChosen ? 2 : 1;
      context.setLineDash(isChosen ? [] : [4, 4]);
      context.beginPath();
      (context.roundRect ?? context.rect).call(context, mark.left - 4, mark.top - 4, mark.right - mark.left + 8, mark.bottom - mark.top + 8, 8);
      context.stroke();
    });
    context.setLineDash([]);
    this.paintFinished();
    context.drawImage(this.finished, 0, 0, WIDTH, HEIGHT);
    if (this.current) inkOn(context, [this.current], colour("--ink"));
    if (this.cursor) {
      context.strokeStyle = colour("--accent");
      context.lineWidth = 2;
      context.beginPath();
      context.arc(this.cursor.x, this.cursor.y, this.thickness / 2 + 4, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  paintFinished() {
    const wanted = [this.strokes, this.canvas.width, this.canvas.height, colour("--ink")];
    if (this.painted?.every((part, which) => part === wanted[which])) return;
    this.painted = wanted;
    this.finished.width = this.canvas.width; // and empties it
    this.finished.height = this.canvas.height;
    const context = this.finished.getContext("2d");
    context.setTransform(this.canvas.width / WIDTH, 0, 0, this.canvas.height / HEIGHT, 0, 0);
    inkOn(context, this.strokes, colour("--ink"));
  }

  drawn() {
    return this.current ? [...this.strokes, this.current] : this.strokes;
  }

  // ── pictures

  /** What is drawn, for the bot: {png, frame}; null when nothing is. `frame` leads from its pixels to the sheet, and to the pen. */
  picture() {
    const strokes = this.drawn();
    if (!strokes.length) return null;
    const ink = boundsOf(strokes);
    const widest = Math.max(...strokes.map((stroke) => stroke.width));
    const scale = Math.min(INK_HEIGHT / (ink.bottom - ink.top), INK_WIDTH / (ink.right - ink.left), MAX_PEN / widest);
    const pen = strokes.at(-1).points.at(-1);
    const frame = { left: ink.left - FRAME / scale, top: ink.top - FRAME / scale, scale, pen };
    const width = Math.ceil((ink.right - ink.left) * scale) + 2 * FRAME;
    const height = Math.ceil((ink.bottom - ink.top) * scale) + 2 * FRAME;
    return { png: pictureOf(strokes, width, height, frame), frame };
  }

  /** The whole sheet, as large as one looks at it in a chat. */
  fullPicture() {
    return pictureOf(this.drawn(), 2 * WIDTH, 2 * HEIGHT, { left: 0, top: 0, scale: 2 });
  }
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}
