/** What is on its way to the bot: sent one after the other, shown with its progress, kept with a way out when it fails. */

import { sizeOf } from "/page/bubble.js";
import { say } from "/page/say.js";
import { Refused } from "/page/server.js";
import { element, icon, said } from "/page/words.js";

export class Outbox {
  /** `onSent(id)` resolves once the message `id` is shown in the conversation; `onQueued` is called for each addition. */
  constructor(server, { onQueued, onSent }) {
    this.server = server;
    this.onQueued = onQueued;
    this.onSent = onSent;
    this.list = document.getElementById("outbox");
    this.last = Promise.resolve();
  }

  /** Queue a message: `text`, `files` with their `kind`, `replyTo`. */
  add(draft) {
    const item = new Pending(draft, () => this.queue(item), () => this.retype(item, draft));
    this.list.append(item.element);
    this.queue(item);
    this.onQueued();
  }

  queue(item) {
    item.sending();
    this.last = this.last.then(() => this.deliver(item)); // in order: the second waits for the first
  }

  async deliver(item) {
    try {
      const id = await this.server.send(item.draft, (share) => item.progress(share));
      await this.onSent(id);
      item.remove();
    } catch (error) {
      item.failed(error);
      if (!(error instanceof Error)) throw error;
    }
  }

  retype(item, draft) {
    item.remove();
    this.add({ ...draft, kind: "document" });
  }
}

function fileOf(file) {
  return element("div", "file", icon("file"), element("span", "", file.name, element("small", "", sizeOf(file.size))));
}

class Pending {
  constructor(draft, onRetry, onAsFile) {
    this.draft = draft;
    this.onRetry = onRetry;
    this.onAsFile = onAsFile;
    this.urls = [];
    this.foot = element("div", "foot");
    this.bar = element("progress");
    this.bar.setAttribute("aria-label", say("being-sent"));
    const bubble = element("div", "bubble", ...this.previews());
    if (draft.text) bubble.append(said("words", draft.text));
    bubble.append(this.bar, this.foot);
    this.element = element("li", "message user turn", element("div", "stack", bubble));
  }

  previews() {
    const { files = [], kind } = this.draft;
    if (kind === "document") return files.map(fileOf);
    const images = files.map((file) => {
      const image = element("img");
      image.src = URL.createObjectURL(file);
      image.alt = file.name;
      image.addEventListener("error", () => image.parentElement.replaceWith(fileOf(file))); // no picture after all
      this.urls.push(image.src);
      return element("span", "photo", image);
    });
    return images.length > 1 ? [element("div", "album", ...images)] : images;
  }

  sending() {
    this.element.classList.remove("failed");
    this.element.classList.add("sending");
    this.bar.hidden = !this.draft.files?.length;
    this.bar.removeAttribute("value");
    this.foot.replaceChildren(say("sending"));
  }

  progress(share) {
    if (share < 1) this.bar.value = share;
    else this.bar.removeAttribute("value"); // uploaded; the server is at work
  }

  failed(error) {
    this.element.classList.replace("sending", "failed");
    this.bar.hidden = true;
    const because = element("span", "", say("not-sent", { reason: error.message }));
    because.setAttribute("role", "alert");
    const again = this.choice(say("again"), this.onRetry);
    const drop = this.choice(say("remove"), () => this.remove());
    const refusedPhoto = error instanceof Refused && this.draft.kind === "photo" && this.draft.files?.length;
    const asFile = refusedPhoto ? [this.choice(say("drop-file"), this.onAsFile)] : [];
    this.foot.replaceChildren(because, element("br"), again, ...asFile, drop);
  }

  choice(label, action) {
    const button = element("button", "", label);
    button.type = "button";
    button.addEventListener("click", action);
    return button;
  }

  remove() {
    for (const url of this.urls) URL.revokeObjectURL(url);
    this.element.remove();
  }
}
