/** Strokes to ink on a canvas, and to a picture. A stroke is {width, points: [{x, y, pressure}]}: see sketch.js. */

import { bytesOf } from "./paint.js";

/** Black ink on white paper, a PNG, whatever the page looks like: `scale` pixels a unit, from (left, top) on. */
export function pictureOf(strokes, width, height, { left, top, scale }) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.setTransform(scale, 0, 0, scale, -left * scale, -top * scale);
  inkOn(context, strokes, "#000");
  // Not toBlob, which browsers put off until they have nothing else to do.
  return new Blob([bytesOf(canvas.toDataURL("image/png").split(",")[1])], { type: "image/png" });
}

export function inkOn(context, strokes, ink) {
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = context.fillStyle = ink;
  for (const { width, points } of strokes) {
    if (points.length === 1) {
      context.beginPath();
      context.arc(points[0].x, points[0].y, (width * points[0].pressure) / 2, 0, 2 * Math.PI);
      context.fill();
    } else if (points.every((point) => point.pressure === 1)) {
      context.lineWidth = width;
      context.beginPath();
      smooth(context, points);
      context.stroke();
    } else {
      pressed(context, width, points);
    }
  }
}

/** A curve through the middles between points, which are its control points: round where the pen was quick. */
function smooth(context, points) {
  context.moveTo(points[0].x, points[0].y);
  for (let at = 1; at < points.length - 1; at++) {
    const middle = middleOf(points[at], points[at + 1]);
    context.quadraticCurveTo(points[at].x, points[at].y, middle.x, middle.y);
  }
  context.lineTo(points.at(-1).x, points.at(-1).y);
}

/** The same, piece by piece, each as wide as the pen was pressed. */
function pressed(context, width, points) {
  let from = points[0];
  for (let at = 1; at < points.length; at++) {
    const to = at === points.length - 1 ? points[at] : middleOf(points[at], points[at + 1]);
    context.lineWidth = width * points[at].pressure;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.quadraticCurveTo(points[at].x, points[at].y, to.x, to.y);
    context.stroke();
    from = to;
  }
}

function middleOf(one, other) {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

export function boundsOf(strokes) {
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (const { width, points } of strokes)
    for (const { x, y, pressure } of points) {
      const reach = (width * pressure) / 2;
      bounds.left = Math.min(bounds.left, x - reach);
      bounds.top = Math.min(bounds.top, y - reach);
      bounds.right = Math.max(bounds.right, x + reach);
      bounds.bottom = Math.max(bounds.bottom, y + reach);
    }
  return bounds;
}
