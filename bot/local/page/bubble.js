/** One message → its element in the conversation. */

import { dateAs, measure, say } from "/page/say.js";
import { element, icon, said, wordsOf } from "/page/words.js";

const CLOCK = { hour: "2-digit", minute: "2-digit" };
const FULL = { dateStyle: "full", timeStyle: "medium" };

/**
 * The list item of a message, or of an album when `album` holds more than one.
 * `actions`: copy, command, commands, view(image), press(message, button, data), openApp(url), reply(message), show(id), find(id).
 */
export function bubbleOf(album, actions) {
  const message = album.at(-1);
  const words = album.find((one) => one.text) ?? message;
  const bubble = element("div", "bubble");
  if (message.reply_to) bubble.append(quote(message.reply_to, actions));
  const photos = album.filter((one) => one.photo).map((one) => photo(one, actions));
  if (photos.length > 1) bubble.append(element("div", "album", ...photos));
  else bubble.append(...photos);
  if (message.file && !message.photo) bubble.append(file(message.file));
  if (words.text) {
    const marks = words.from === "bot" ? actions : { ...actions, command: null };
    bubble.append(said("words", wordsOf(words.text, words.entities ?? [], marks)));
  }
  bubble.append(foot(message));

  const stack = element("div", "stack", bubble);
  if (message.buttons.length) stack.append(keys(message, actions));
  const item = element("li", `message ${message.from}`, stack, replyButton(message, actions));
  item.id = `message-${message.message_id}`;
  return item;
}

/** A short line that stands for a message, in quotes and over the composer. */
export function summaryOf(message) {
  if (!message) return say("earlier-message");
  return message.text.trim() || (message.photo ? say("photo") : message.file?.name ?? say("message"));
}

export function timeOf(date) {
  const time = element("time", "", dateAs(date, CLOCK));
  time.dateTime = date.toISOString();
  time.title = dateAs(date, FULL);
  return time;
}

function quote(id, actions) {
  const original = actions.find(id);
  const button = element("button", "quote");
  button.type = "button";
  button.title = say("show-message");
  if (original?.photo) {
    const image = element("img");
    image.src = original.photo;
    image.alt = "";
    button.append(image);
  }
  button.append(said("", summaryOf(original), "span"));
  button.addEventListener("click", () => actions.show(id));
  return button;
}

function photo(message, actions) {
  const image = element("img");
  image.src = message.photo;
  image.alt = say(message.from === "user" ? "picture-to-bot" : "picture-from-bot");
  image.addEventListener("error", () => image.replaceWith(element("p", "words", say("picture-gone"))));
  const button = element("button", "photo", image);
  button.type = "button";
  button.title = say("enlarge");
  button.addEventListener("click", () => actions.view(image));
  return button;
}

function file({ name, url, size }) {
  const label = element("span", "", name ?? say("file"));
  if (size) label.append(element("small", "", sizeOf(size)));
  const holder = element(url ? "a" : "div", "file", icon("file"), label);
  if (url) {
    holder.href = url;
    holder.download = name ?? "";
  }
  return holder;
}

/** Bytes for people: 812 byte, 24 kB, 3.1 MB. */
export function sizeOf(bytes) {
  if (bytes < 1000) return measure(bytes, "byte");
  return bytes < 1e6 ? measure(bytes / 1000, "kilobyte") : measure(bytes / 1e6, "megabyte", 1);
}

function foot(message) {
  const line = element("div", "foot");
  if (message.edits) line.append(element("span", "edited", say("edited")));
  line.append(timeOf(new Date(message.date * 1000)));
  return line;
}

function keys(message, actions) {
  const rows = message.buttons.map((row) => element("div", "key-row", ...row.map((one) => key(one))));
  function key({ text, data, url, web_app: page, copy }) {
    if (url) return linkKey(text, url);
    const button = said("key", text, "button");
    button.type = "button";
    button.dataset.data = data || copy || "";
    if (copy) button.append(icon("copy"));
    button.addEventListener("click", () => {
      if (copy) actions.copy(copy);
      else if (page) actions.openApp(page);
      else actions.press(message, button, data);
    });
    return button;
  }
  const group = element("div", "keys", ...rows);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", say("answers"));
  return group;
}

function linkKey(text, url) {
  const anchor = said("key", text, "a");
  if (/^https?:/i.test(url) || url.startsWith("/")) anchor.href = url; // never a javascript: address
  anchor.target = "_blank";
  anchor.rel = "noreferrer noopener";
  return anchor;
}

function replyButton(message, actions) {
  const button = element("button", "reply icon small", icon("reply"));
  button.type = "button";
  button.title = say("reply");
  button.setAttribute("aria-label", say("reply-to", { message: summaryOf(message).slice(0, 40) }));
  button.addEventListener("click", () => actions.reply(message));
  return button;
}
