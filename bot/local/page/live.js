/** Follows the conversation: asks for news, held by the server until there is some, and comes back by itself. */

import { Refused, Unreachable } from "/page/server.js";

const WAIT_S = 25;
const PAUSES_MS = [300, 700, 1500, 3000, 5000];

export class Live {
  /** `listener` has messages(list), deleted(ids), state(state), restarted() and connection(online). */
  constructor(server, listener) {
    this.server = server;
    this.listener = listener;
    this.start();
  }

  start() {
    this.newest = 0; // message id
    this.revision = 0; // of the latest change of a message
    this.seen = 0; // revision of the chat that the page knows: its state changes too
  }

  /** Runs for as long as the page is open. */
  async run() {
    let failures = 0;
    let wait = 0; // the first answer, and the first after a break, must come at once
    for (;;) {
      try {
        if (wait === 0) await this.askState();
        this.take(await this.server.messages(this.newest, this.revision, this.seen, wait));
        await this.askState();
        failures = 0;
        wait = WAIT_S;
        this.listener.connection(true);
      } catch (error) {
        if (error instanceof Refused || error instanceof Unreachable) this.listener.connection(false);
        else console.error(error); // a fault of this page: show it, and go on with the next news
        wait = 0;
        await pause(PAUSES_MS[Math.min(failures++, PAUSES_MS.length - 1)]);
      }
    }
  }

  take(messages) {
    for (const message of messages) {
      this.newest = Math.max(this.newest, message.message_id);
      this.revision = Math.max(this.revision, message.revision);
    }
    if (messages.length) this.listener.messages(messages);
  }

  async askState() {
    const state = await this.server.state();
    if (state.revision < this.seen) { // a fresh server: what is shown belongs to the old one
      this.start();
      this.listener.restarted();
    }
    this.seen = state.revision;
    this.listener.deleted(state.deleted ?? []);
    this.listener.state(state);
  }
}

function pause(ms) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    }
    window.addEventListener("online", done);
  });
}
