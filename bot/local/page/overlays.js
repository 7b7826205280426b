/** What lies over the page for a moment: short notices, and the enlarged picture. */

import { say } from "/page/say.js";
import { element } from "/page/words.js";

const SHOWN_MS = 5000;

/** Show a notice; `bad` for one about something that went wrong. */
export function toast(words, { bad = false } = {}) {
  const notice = element("div", bad ? "toast bad" : "toast", words);
  notice.dir = "auto";
  const toasts = document.getElementById("toasts");
  toasts.append(notice);
  if (toasts.children.length > 3) toasts.firstElementChild.remove();
  setTimeout(() => notice.remove(), SHOWN_MS + words.length * 40); // longer words stay longer
}

/** Copy a text and say so. */
export async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
    toast(words.length > 40 ? say("copied") : say("copied-words", { words }));
  } catch {
    toast(say("not-copied"), { bad: true });
  }
}

/** Show a picture as large as the window allows; Escape, the cross or a click closes it. */
export function view(image) {
  const dialog = document.getElementById("viewer");
  const large = document.getElementById("viewer-image");
  large.src = image.src;
  large.alt = image.alt;
  dialog.onclick = () => dialog.close();
  dialog.showModal();
}
