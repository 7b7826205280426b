/**
 * What the page asks the bot. The newest drawing wins: at most two are on their way, one more waits, older ones are
 * never sent, and an answer that comes late is not shown.
 */

import { language, say } from "./say.js";

const TIMEOUT_MS = 10_000;
const AGAIN_MS = 2_000;

export class Asker {
  /** `onAnswer(reading, frame)`; `onTrouble(sentence or null)`; `onBusy(whether an answer is still to come)`. */
  constructor({ onAnswer, onTrouble, onBusy }) {
    this.onAnswer = onAnswer;
    this.onTrouble = onTrouble;
    this.onBusy = onBusy;
    this.asked = 0; // drawings are numbered
    this.shown = 0;
    this.underWay = 0;
    this.next = null;
    this.notBefore = 0;
  }

  /** Read what `draw` gives; `urgent` is a stroke's end, which does not wait for an answer that is on its way. */
  ask(draw, urgent) {
    this.next = { draw, number: ++this.asked };
    this.onBusy(true);
    this.go(urgent ? 2 : 1);
  }

  /** Nothing is drawn: no answer that comes now is shown. */
  forget() {
    this.next = null;
    this.shown = ++this.asked;
    this.onBusy(this.underWay > 0);
  }

  async go(atOnce) {
    const wait = this.notBefore - performance.now();
    if (wait > 0) return void setTimeout(() => this.go(1), wait + 20);
    if (!this.next || this.underWay >= atOnce) return;
    const { draw, number } = this.next;
    this.next = null;
    this.underWay++;
    try {
      const drawing = draw();
      if (drawing) {
        const reading = await answerTo("/draw/read", { method: "POST", body: drawing.png, headers: { "Content-Type": "image/png" } });
        this.onTrouble(null);
        if (number > this.shown) {
          this.shown = number;
          await this.onAnswer(reading, drawing.frame);
        }
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (number >= this.shown) this.onTrouble(error.message);
      if (error.again) {
        this.notBefore = performance.now() + error.again;
        this.next ??= number > this.shown ? { draw, number } : null;
      }
    } finally {
      this.underWay--;
    }
    if (this.next) this.go(1);
    this.onBusy(this.underWay > 0 || this.next !== null);
  }

  /** The served model, or null when it can't be had just now. */
  async model() {
    try {
      const model = await answerTo("/draw/model", {});
      this.onTrouble(null);
      return model;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.onTrouble(error.message);
      return null;
    }
  }

  /** Send a drawing into the chat that the page was opened from. Rejects with an Error that says why not. */
  sendToChat(png, initData) {
    const headers = { "Content-Type": "image/png", "X-Telegram-Init-Data": initData };
    return answerTo("/draw/send", { method: "POST", body: png, headers });
  }
}

/** The bot said no, or nothing. The message is for the person; `again` is when to try again, in ms, if at all. */
class Refused extends Error {
  constructor(message, again = 0) {
    super(message);
    this.again = again;
  }
}

async function answerTo(url, options) {
  let response;
  let text;
  try {
    const headers = { ...options.headers, "Accept-Language": language() }; // for what it says when it refuses
    response = await fetch(url, { ...options, headers, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
    text = await response.text();
  } catch {
    throw new Refused(say("unreachable"), AGAIN_MS);
  }
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    // A proxy's page, or a crash: the status alone decides.
  }
  if (response.ok && body) return body;
  const later = 1000 * Number(response.headers.get("Retry-After") ?? 0);
  throw new Refused(body?.error ?? say("no-answer"), later || (response.status >= 500 ? AGAIN_MS : 0));
}
