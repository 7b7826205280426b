/** The text field: grows, sends on Enter, offers the bot's commands after a slash, remembers what is replied to. */

import { summaryOf } from "/page/bubble.js";
import { Hints } from "/page/hints.js";
import { say } from "/page/say.js";

export class Composer {
  /** `onSend(text, replyTo)` is called with a trimmed text that is not empty. */
  constructor(onSend) {
    this.onSend = onSend;
    this.text = document.getElementById("text");
    this.button = document.getElementById("send");
    this.replying = document.getElementById("replying");
    this.replyTo = null;
    this.hints = new Hints(this.text, (command) => this.sendNow(command));
    this.text.addEventListener("input", () => this.noticeText());
    this.text.addEventListener("keydown", (event) => this.onKey(event));
    document.getElementById("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    document.getElementById("replying-cancel").addEventListener("click", () => {
      this.setReply(null);
      this.text.focus();
    });
  }

  /** Take what is written and what is replied to, and start afresh: for a caption, or to send it. */
  take() {
    const draft = { text: this.text.value.trim(), replyTo: this.replyTo };
    this.text.value = "";
    this.setReply(null);
    this.noticeText();
    return draft;
  }

  /** Send a text that was not typed (a command that was clicked), leaving alone what is written. */
  sendNow(text) {
    if (this.text.value.startsWith("/")) this.take();
    this.onSend(text, null);
  }

  setReply(message) {
    this.replyTo = message?.message_id ?? null;
    this.replying.hidden = !message;
    if (!message) return;
    document.getElementById("replying-text").textContent = say("reply-to", { message: summaryOf(message) });
    this.text.focus();
  }

  submit() {
    if (!this.text.value.trim()) return;
    const { text, replyTo } = this.take();
    this.onSend(text, replyTo);
    this.text.focus();
  }

  onKey(event) {
    if (event.isComposing) return; // Enter ends a composition (Japanese, Chinese …), it does not send
    if (this.hints.onKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && this.replyTo) {
      this.setReply(null);
    }
  }

  noticeText() {
    this.button.disabled = !this.text.value.trim();
    this.text.style.height = "auto";
    this.text.style.height = `${this.text.scrollHeight + 2}px`; // 2: the border
    this.hints.update();
  }
}
