/** The draw page: what is drawn goes to the bot, what comes back is shown. */

import { Answer } from "./answer.js";
import { Asker } from "./asker.js";
import { BottomButtons } from "./bottom_buttons.js";
import { FullScreen } from "./full_screen.js";
import { Lens } from "./lens.js";
import { Network } from "./network.js";
import { readColours } from "./paint.js";
import { openMemory } from "./remembered.js";
import { learnWords, percentage, say } from "./say.js";
import { Sketch } from "./sketch.js";
import { openTelegram } from "./telegram.js";

const byId = (id) => document.getElementById(id);
const LIVE_MS = 140; // while a stroke is drawn, ask at most so often
const AGAIN_MS = 500;
const ROOMY = matchMedia("(width >= 1080px)");
const LOOK_MS = 15_000; // whether another model is served, when nothing is drawn

await learnWords("/draw/words");

const telegram = openTelegram(window, () => repaint());
const memory = openMemory(telegram);
const sketch = new Sketch(byId("pad"));
const lens = new Lens();
const network = new Network(byId("stages"), (stage, map) => lens.show(stage, map));
const answer = new Answer({
  onDigit: (digit) => {
    network.show(digit);
    sketch.mark(answer.places(), answer.chosen);
    lens.refresh();
  },
  onChange: () => telegram.haptic("selection"),
});
const asker = new Asker({
  onAnswer: show,
  onTrouble: trouble,
  onBusy: (busy) => byId("answer").setAttribute("aria-busy", String(busy)),
});

byId("send").hidden = !telegram.initData;
// Without a way to send, Telegram's second button would stand alone: the page keeps its own.
const bottom = telegram.initData ? new BottomButtons(telegram, { main: byId("send"), secondary: byId("clear") }) : null;
new FullScreen(telegram, byId("full-screen"));

let lastLive = 0;
let took = 0; // ms that the latest answer took: a slow bot or network is asked less often on the way

sketch.onStroke = () => {
  const now = performance.now();
  if (navigator.connection?.saveData || now - lastLive < Math.max(LIVE_MS, 3 * took)) return;
  lastLive = now;
  ask({ urgent: false });
};
sketch.onChange = () => {
  reflect();
  memory.save(sketch.strokes);
  if (sketch.isEmpty) forget();
  else ask({ urgent: true });
};

function ask({ urgent }) {
  const askedAt = performance.now();
  asker.ask(() => {
    const picture = sketch.picture();
    return picture && { ...picture, frame: { ...picture.frame, askedAt } };
  }, urgent);
}

/** Nothing is drawn: nothing is predicted. */
function forget() {
  asker.forget();
  answer.clear();
  network.show(null);
  sketch.mark([], -1);
  lens.refresh();
}

async function show(reading, frame) {
  if (sketch.isEmpty) return;
  if (reading.version !== network.version) {
    await loadModel();
    if (sketch.isEmpty) return;
    // Another one is served since, or the description could not be had.
    if (reading.version !== network.version) return void setTimeout(() => sketch.isEmpty || ask({ urgent: true }), AGAIN_MS);
  }
  answer.show(reading, frame);
  took = performance.now() - frame.askedAt;
  // For tests/bench/draw.py, and for whoever wonders: from asking to the last map painted.
  performance.clearMeasures("stroke to answer");
  performance.measure("stroke to answer", { start: frame.askedAt });
}

async function loadModel() {
  const model = await asker.model();
  if (!model || model.version === network.version) return false;
  network.build(model);
  lens.setModel(model);
  byId("problem").hidden = !model.problem;
  byId("problem").textContent = model.problem ?? "";
  if (ROOMY.matches) network.pointAtFirst();
  const [name, accuracy] = [document.createElement("span"), document.createElement("b")];
  name.textContent = `${model.version} · ${say("parameters", { n: model.parameters })} · `;
  accuracy.textContent = percentage(model.test_accuracy, 2);
  byId("model").replaceChildren(name, "MNIST ", accuracy);
  byId("model").title = say("model-version", { version: model.version, accuracy: accuracy.textContent });
  return true;
}

/** A model that was swapped while nobody drew is noticed too, and shown what is on the canvas. */
async function lookForAnother() {
  if (document.visibilityState !== "visible") return;
  if ((await loadModel()) && !sketch.isEmpty) ask({ urgent: true });
}

function trouble(sentence) {
  byId("banner").hidden = !sentence;
  byId("banner").textContent = sentence ?? "";
}

function reflect() {
  byId("undo").disabled = !sketch.canUndo;
  byId("clear").disabled = sketch.isEmpty;
  byId("send").disabled = sketch.isEmpty;
  byId("invite").classList.toggle("gone", !sketch.isEmpty || sketch.isDrawing);
  byId("sent").hidden = byId("remembered").hidden = true;
  bottom?.reflect();
}

/** Bring the last drawing back, unless somebody has begun another one meanwhile. */
function restore(strokes) {
  if (!strokes.length || sketch.isDrawing || sketch.canUndo) return;
  sketch.restore(strokes);
  byId("remembered").hidden = false;
}

function repaint() {
  readColours();
  sketch.paint();
  network.paint();
  lens.refresh();
  answer.paint();
  bottom?.reflect();
}

byId("undo").addEventListener("click", () => sketch.undo());
byId("clear").addEventListener("click", () => sketch.clear());
byId("thickness").addEventListener("input", (event) => {
  sketch.thickness = Number(event.target.value);
  byId("nib").style.setProperty("--nib", `${sketch.thickness}px`);
});
sketch.onBegin = () => byId("invite").classList.add("gone");

document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key === "z") {
    event.preventDefault();
    if (event.shiftKey) sketch.redo();
    else sketch.undo();
  } else if ((event.ctrlKey || event.metaKey) && key === "y") {
    event.preventDefault();
    sketch.redo();
  } else if (event.key === "Escape") {
    lens.close();
  }
});

for (const choice of document.querySelectorAll("input[name=scale]"))
  choice.addEventListener("change", () => {
    network.ownScale = choice.value === "map";
    network.paint();
    lens.refresh();
  });

byId("send").addEventListener("click", async () => {
  const told = byId("sent");
  isSending(true);
  try {
    await asker.sendToChat(sketch.fullPicture(), telegram.initData);
    told.textContent = say("sent");
    told.classList.remove("failed");
    telegram.haptic("success");
  } catch (error) {
    told.textContent = error.message;
    told.classList.add("failed");
    telegram.haptic("error");
  }
  told.hidden = false;
  byId("remembered").hidden = true;
  isSending(false);
});

function isSending(busy) {
  byId("send").disabled = busy || sketch.isEmpty;
  byId("send").setAttribute("aria-busy", String(busy));
  bottom?.reflect();
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
document.addEventListener("visibilitychange", lookForAnother);
setInterval(lookForAnother, LOOK_MS);

reflect();
repaint();
answer.clear();
byId("nib").style.setProperty("--nib", `${sketch.thickness}px`);
const last = memory.load(); // while the model is fetched
await loadModel();
telegram.ready();
restore(await last);
