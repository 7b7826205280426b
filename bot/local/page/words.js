/** Text with Telegram's entities → DOM nodes. Data only ever becomes text nodes: nothing in it can turn into markup. */

import { say } from "/page/say.js";

const PLAIN_TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", spoiler: "span",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};
const DIGITS = /^\d[\d /\n]*$/;

/**
 * The nodes for `text`. Entity offsets count UTF-16 units, as JavaScript's strings do.
 * `actions` has copy(text) and, where commands can be sent, command(text) with the set `commands` of known names.
 */
export function wordsOf(text, entities, actions) {
  const marks = [...entities, ...commandsIn(text, entities, actions.commands)];
  const cuts = new Set([0, text.length]);
  for (const { offset, length } of marks) cuts.add(offset).add(offset + length);
  const places = [...cuts].filter((at) => at >= 0 && at <= text.length).sort((a, b) => a - b);
  const fragment = document.createDocumentFragment();
  for (let i = 0; i + 1 < places.length; i++) {
    const [from, to] = [places[i], places[i + 1]];
    let node = document.createTextNode(text.slice(from, to));
    for (const mark of marks.filter((m) => m.offset <= from && m.offset + m.length >= to).reverse()) {
      node = wrapped(node, mark, text, actions);
    }
    fragment.append(node);
  }
  return fragment;
}

function commandsIn(text, entities, known) {
  const found = [];
  if (!known?.size) return found;
  for (const match of text.matchAll(/(?<![\w/])\/([a-z0-9_]{1,32})\b/g)) {
    const inside = entities.some((e) => match.index < e.offset + e.length && match.index + match[0].length > e.offset);
    if (known.has(match[1]) && !inside) found.push({ type: "bot_command", offset: match.index, length: match[0].length });
  }
  return found;
}

function wrapped(node, mark, text, actions) {
  const words = text.slice(mark.offset, mark.offset + mark.length);
  if (mark.type === "code" || mark.type === "pre") {
    const button = copyButton(node, words, actions.copy);
    if (mark.type === "code") return button;
    return element("pre", "block", button);
  }
  if (mark.type === "bot_command" && actions.command) {
    const button = element("button", "command", node);
    button.type = "button";
    button.addEventListener("click", () => actions.command(words));
    return button;
  }
  if (mark.type === "text_link" || mark.type === "url") return link(node, mark.url ?? words);
  const tag = PLAIN_TAGS[mark.type];
  return tag ? element(tag, "", node) : node;
}

function copyButton(node, words, copy) {
  const button = element("button", "copy", node);
  button.type = "button";
  button.title = say("copy");
  button.dir = "ltr"; // digits, names of models: none of them runs from right to left
  button.addEventListener("click", () => copy(words));
  if (DIGITS.test(words)) {
    button.classList.add("digits");
    button.setAttribute("aria-label", say("copy-digits", { words }));
    if (Math.max(...words.split("\n").map((line) => line.length)) > 11) button.classList.add("long");
  }
  return button;
}

function link(node, url) {
  const anchor = element("a", "", node);
  const address = /^[a-z]+:/i.test(url) ? url : `https://${url}`;
  if (!/^(https?|mailto|tg):/i.test(address)) return node; // never a javascript: address
  anchor.href = address;
  anchor.target = "_blank";
  anchor.rel = "noreferrer noopener";
  return anchor;
}

/** An element with a class and children: text or nodes. */
export function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** An element with what somebody said, which runs as its own words do, whatever the page's language. */
export function said(className, words, tag = "div") {
  const made = element(tag, className, words);
  made.dir = "auto";
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/** One of the drawings in icons.svg. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/page/icons.svg#${name}`);
  svg.append(use);
  return svg;
}
