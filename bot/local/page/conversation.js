/** The list of messages: keeps it in order, swaps what was edited, and follows the newest unless one reads further up. */

import { bubbleOf } from "/page/bubble.js";
import { dateAs, say } from "/page/say.js";
import { element } from "/page/words.js";

const NEAR_PX = 80; // so close to the end counts as being there
const DAY = { weekday: "long", day: "numeric", month: "long" };

export class Conversation {
  /** `actions` are a bubble's; this adds find and show. */
  constructor(actions) {
    this.log = document.getElementById("log");
    this.list = document.getElementById("messages");
    this.jump = document.getElementById("newest");
    this.byId = new Map();
    this.items = new Map(); // message id → its list item; an album's messages share one
    this.actions = { ...actions, find: (id) => this.byId.get(id), show: (id) => this.show(id) };
    this.following = true;
    this.missed = 0;
    this.shape = "";
    this.log.addEventListener("scroll", () => this.noticeScroll(), { passive: true });
    this.jump.addEventListener("click", () => this.toNewest());
    // Photos that finish loading, the phone's keyboard and a growing composer all move the end.
    const watch = new ResizeObserver(() => this.following && this.toNewest());
    for (const part of this.log.children) watch.observe(part);
    watch.observe(this.log);
  }

  get size() {
    return this.byId.size;
  }

  has(id) {
    return this.byId.has(id);
  }

  clear() {
    this.byId.clear();
    this.items.clear();
    this.list.replaceChildren();
  }

  /** Take out messages that were deleted; ids that are not here are passed over. */
  remove(ids) {
    for (const id of ids) {
      if (!this.byId.delete(id)) continue;
      this.items.get(id).remove();
      this.items.delete(id);
    }
  }

  /** Add or swap messages, oldest first. */
  update(messages) {
    const first = this.size === 0;
    for (const message of messages) {
      const isNew = !this.has(message.message_id);
      this.byId.set(message.message_id, message);
      this.place(message);
      if (isNew && !first && !this.following && message.from === "bot") this.missed += 1;
    }
    this.followOrTell();
  }

  /** Called when the user sends something too: what they wrote must be seen. */
  toNewest() {
    this.following = true;
    this.log.scrollTop = this.log.scrollHeight;
    this.shape = this.shapeOf();
    this.followOrTell();
  }

  place(message) {
    const album = message.album
      ? [...this.byId.values()].filter((one) => one.album === message.album)
      : [message];
    const item = bubbleOf(album, this.actions);
    const old = this.items.get(message.message_id) ?? this.items.get(album[0].message_id);
    if (old) {
      const focused = old.contains(document.activeElement) ? document.activeElement.dataset.data : undefined;
      keepShapes(old, item);
      item.className = old.className;
      item.style.animation = "none";
      old.replaceWith(item);
      if (focused !== undefined) [...item.querySelectorAll(".key")].find((key) => key.dataset.data === focused)?.focus();
    } else {
      this.append(item, message);
    }
    for (const one of album) this.items.set(one.message_id, item);
  }

  append(item, message) {
    const previous = [...this.byId.values()].at(-2);
    const day = dayOf(message);
    if (!previous || dayOf(previous) !== day) this.list.append(element("li", "day", day));
    if (previous?.from !== message.from) item.classList.add("turn");
    this.list.append(item);
  }

  show(id) {
    const item = this.items.get(id);
    if (!item) return;
    item.scrollIntoView({ block: "center" });
    const bubble = item.querySelector(".bubble");
    bubble.classList.remove("flash");
    void bubble.offsetWidth; // restarts the animation when the same quote is pressed twice
    bubble.classList.add("flash");
  }

  noticeScroll() {
    const moved = this.shapeOf() === this.shape; // else the content grew under a view that was at its end
    this.shape = this.shapeOf();
    const atEnd = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_PX;
    if (atEnd) this.following = true;
    else if (moved) this.following = false;
    this.followOrTell();
  }

  shapeOf() {
    return `${this.log.clientWidth} ${this.log.clientHeight} ${this.log.scrollHeight}`;
  }

  followOrTell() {
    if (this.following) this.missed = 0;
    this.jump.hidden = this.following;
    const label = this.missed ? say("new-messages", { n: this.missed }) : say("newest");
    document.getElementById("newest-text").textContent = label;
  }
}

/** An edited photo message keeps the shape of its loaded picture, so that nothing jumps while it loads again. */
function keepShapes(old, item) {
  const loaded = new Map([...old.querySelectorAll(".photo img")].map((image) => [image.src, image]));
  for (const image of item.querySelectorAll(".photo img")) {
    const same = loaded.get(image.src);
    if (!same?.naturalWidth) continue;
    image.width = same.naturalWidth;
    image.height = same.naturalHeight;
  }
}

function dayOf(message) {
  const date = new Date(message.date * 1000);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 86_400_000);
  return days === 0 ? say("today") : days === 1 ? say("yesterday") : dateAs(date, DAY);
}
