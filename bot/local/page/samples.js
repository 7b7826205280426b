/** The sample pictures: click one and it is sent as a photo. On a narrow page they are a strip that can be put away. */

import { canSay, say } from "/page/say.js";
import { element } from "/page/words.js";

const PUT_AWAY = "samples-put-away";

/** Load the list and show it; `onPicture(file)` is called with the picture that was clicked. */
export async function showSamples(server, onPicture, toast) {
  const toggle = document.getElementById("toggle-samples");
  const section = document.getElementById("samples");
  let samples;
  try {
    samples = await server.samples();
  } catch {
    toggle.hidden = true; // without samples the page does all else
    return;
  }
  const show = (open) => {
    section.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
  };
  document.getElementById("sample-list").replaceChildren(...samples.map((sample) => itemOf(sample, onPicture, toast)));
  show(samples.length > 0 && localStorage.getItem(PUT_AWAY) === null);
  toggle.addEventListener("click", () => {
    const open = section.hidden;
    show(open);
    if (open) localStorage.removeItem(PUT_AWAY);
    else localStorage.setItem(PUT_AWAY, "yes");
  });
}

function itemOf({ name, url, title: english }, onPicture, toast) {
  const word = `sample-${name.split(".")[0]}`;
  const title = canSay(word) ? say(word) : english;
  const image = element("img");
  image.src = url;
  image.alt = "";
  const button = element("button", "sample", image, element("span", "sample-title", title));
  button.type = "button";
  button.title = say("send-sample", { title });
  button.setAttribute("aria-label", say("send-the-sample", { title }));
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`status ${response.status}`);
      const blob = await response.blob();
      onPicture(new File([blob], name, { type: blob.type }));
    } catch {
      toast(say("sample-not-loaded"), { bad: true });
    } finally {
      button.disabled = false;
    }
  });
  return element("li", "", button);
}
