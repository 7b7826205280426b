/**
 * The local chat's HTTP interface as this page uses it.
 *
 * Everything rejects with a Refused (the server said no, its sentence is for the user) or an Unreachable.
 */

import { say } from "/page/say.js";

export class Refused extends Error {}

export class Unreachable extends Error {}

export class Server {
  /** @param {"admin"|"guest"} user who writes in this window */
  constructor(user) {
    this.user = user;
  }

  /** Messages newer than `after` or changed after `since`; held up to `wait` seconds until revision `seen` is passed. */
  messages(after, since, seen, wait = 0) {
    const query = new URLSearchParams({ user: this.user, after, since });
    if (wait) query.set("seen", seen);
    if (wait) query.set("wait", wait);
    return getJson(`/local/messages?${query}`, (wait + 20) * 1000);
  }

  state() {
    return getJson(`/local/state?user=${this.user}`);
  }

  /** From now on the bot is told that who writes here speaks this language. */
  speak(language) {
    return getJson("/local/language", 15_000, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: this.user, language }),
    });
  }

  samples() {
    return getJson("/local/samples");
  }

  /** Open the Mini App at a button's address; resolves to {url}, which says who opens it. */
  webApp(url, theme) {
    return getJson("/local/web_apps", 15_000, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ user: this.user, url, theme_params: theme }),
    });
  }

  /** Press an inline button; resolves to {alert, modal}: words to show, or null. */
  press(messageId, data) {
    return getJson("/local/presses", 60_000, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ message_id: messageId, data, user: this.user }),
    });
  }

  /**
   * Send a text, or files of one kind ("photo", several make an album, or "document") with the text as caption.
   * XMLHttpRequest, because fetch cannot tell how much has been uploaded.
   */
  send({ text = "", files = [], kind = "photo", replyTo = null }, onProgress = () => {}) {
    const form = new FormData();
    form.set("user", this.user);
    if (text) form.set(files.length ? "caption" : "text", text);
    for (const file of files) form.append(kind, file, file.name);
    if (replyTo) form.set("reply_to", replyTo);
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", "/local/messages");
      request.timeout = 120_000;
      request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
      request.onload = () => {
        try {
          resolve(answerOf(request.status, request.responseText).message_id);
        } catch (error) {
          reject(error);
        }
      };
      request.onerror = request.ontimeout = () => reject(new Unreachable(say("unreachable")));
      request.send(form);
    });
  }
}

async function getJson(url, timeoutMs = 15_000, options = {}) {
  let response;
  let body;
  try {
    response = await fetch(url, { ...options, signal: AbortSignal.timeout(timeoutMs) });
    body = await response.text();
  } catch (error) {
    throw new Unreachable(say("unreachable"), { cause: error });
  }
  return answerOf(response.status, body);
}

function answerOf(status, body) {
  let answer = null;
  try {
    answer = JSON.parse(body);
  } catch {
    // Not JSON: a proxy's page, or a crash; the status alone decides what is said below.
  }
  if (status >= 200 && status < 300 && answer !== null) return answer;
  if (status >= 500 || answer === null) throw new Unreachable(say("no-answer"));
  throw new Refused(answer.error ?? say("not-accepted"));
}
