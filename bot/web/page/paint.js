/** Numbers to colours: activations on a ramp, kernels from minus to plus. The style sheet says which colours. */

let ramp = new Uint32Array(256); // a colour is four bytes in one number, as a canvas keeps them
let colours = {};

/** Read the style sheet's colours; again whenever they change. */
export function readColours() {
  const style = getComputedStyle(document.documentElement);
  colours = {};
  for (const name of ["--accent", "--muted", "--ink", "--minus", "--zero", "--plus", "--text"])
    colours[name] = style.getPropertyValue(name).trim();
  const stops = [0, 1, 2, 3].map((stop) => channels(style.getPropertyValue(`--ramp-${stop}`).trim()));
  const bytes = new Uint8ClampedArray(ramp.buffer);
  for (let value = 0; value < 256; value++) bytes.set([...mixed(stops, (value / 255) * (stops.length - 1)), 255], 4 * value);
}

export function colour(name) {
  return colours[name] ?? "#888";
}

/** Paint bytes, (height, width), on a canvas of that size; a byte b is (low + b * step) of the ramp's length. */
export function paintMap(canvas, bytes, width, height, low, step) {
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height); // transparent, as a row that is not full stays at its end
  const pixels = new Uint32Array(image.data.buffer);
  const [from, by] = [255 * low + 0.5, 255 * step];
  for (let at = 0; at < bytes.length; at++) pixels[at] = ramp[Math.min(255, Math.max(0, from + bytes[at] * by)) | 0];
  context.putImageData(image, 0, 0);
}

/** The ramp itself, as a legend. */
export function paintRamp(canvas) {
  const image = canvas.getContext("2d").createImageData(256, 1);
  new Uint32Array(image.data.buffer).set(ramp);
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** A kernel's colour for -1 … 1, and one for text on it. */
export function signed(value) {
  const ends = [colours["--minus"], colours["--zero"], colours["--plus"]].map(channels);
  const mix = mixed(ends, 1 + Math.min(1, Math.max(-1, value)));
  const bright = (0.299 * mix[0] + 0.587 * mix[1] + 0.114 * mix[2]) / 255;
  return { fill: `rgb(${mix.map(Math.round).join(" ")})`, text: bright > 0.55 ? "#10151f" : "#ffffff" };
}

export function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

function mixed(stops, at) {
  const below = Math.min(Math.floor(at), stops.length - 2);
  const share = at - below;
  return stops[below].map((channel, which) => channel * (1 - share) + stops[below + 1][which] * share);
}
