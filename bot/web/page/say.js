/**
 * What the page says, in the language of whoever looks at it: the draw page and the local chat both.
 *
 * The words are bot/words/pages.py's, by their ids. English comes with the page, in its <meta name="words">; another
 * language is asked for, and if it does not come, the page speaks English.
 */

const TIMEOUT_MS = 4_000;
const CHOICE = "language"; // in localStorage

let told = null; // {language, rtl, languages, words}
let locale = "en"; // for numbers, dates and lists
let plural = null;

/** Learn the words, and put them into the page; `address` answers `?language=…`. Everything else here comes after it. */
export async function learnWords(address) {
  told = JSON.parse(document.querySelector("meta[name=words]").content);
  const english = told.words;
  const wanted = wantedLanguage();
  if (languageOf(wanted) in told.languages && languageOf(wanted) !== told.language) {
    try {
      const answer = await fetch(`${address}?language=${languageOf(wanted)}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      told = await answer.json();
      told.words = { ...english, ...told.words };
    } catch (error) {
      console.info("English is spoken:", error); // the bot can't be reached, as the page will say
    }
  }
  // Of one language there are several ways to write numbers and times; digits are those that the bot reads.
  const regional = navigator.languages.find((tag) => languageOf(tag) === told.language) ?? told.language;
  locale = `${regional}-u-nu-latn`;
  plural = new Intl.PluralRules(told.language);
  document.documentElement.lang = told.language;
  document.documentElement.dir = told.rtl ? "rtl" : "ltr";
  sayAll(document);
}

/** The code of the language that is spoken. */
export function language() {
  return told.language;
}

/** All that can be spoken, {code: its own name}. */
export function languages() {
  return told.languages;
}

/** Speak another language from the next time on that the page is opened. */
export function chooseLanguage(code) {
  localStorage.setItem(CHOICE, code);
}

/** What the address says, else Telegram, else the choice made here, else the browser. */
function wantedLanguage() {
  return (
    new URLSearchParams(location.search).get("language") ?? telegramsLanguage() ?? chosenLanguage() ?? navigator.language
  );
}

function telegramsLanguage() {
  const launched = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");
  try {
    return JSON.parse(new URLSearchParams(launched ?? "").get("user"))?.language_code;
  } catch {
    return null; // no init data; the bot refuses it too
  }
}

function chosenLanguage() {
  try {
    return localStorage.getItem(CHOICE);
  } catch {
    return null; // a browser may keep nothing for a page in a frame
  }
}

function languageOf(tag) {
  return tag.split(/[-_]/)[0].toLowerCase();
}

/** Say a word, with values for its {names}: numbers as the language writes them. `n` decides between plural forms. */
export function say(id, values = {}) {
  return nodesFor(id, values).join("");
}

/** The same as nodes, where values can be elements. */
export function nodesFor(id, values) {
  const word = told.words[id];
  const text = typeof word === "string" ? word : (word[plural.select(values.n)] ?? word.other);
  return text.split(/(\{\w+\})/).map((part) => {
    const value = /^\{\w+\}$/.test(part) ? values[part.slice(1, -1)] : undefined;
    if (value === undefined) return part;
    return Number.isInteger(value) ? number(value) : value;
  });
}

/** Whether there is such a word. */
export function canSay(id) {
  return id in told.words;
}

/** Put the words where the HTML asks for them: data-word="id" for the text, data-word-title="id" for an attribute. */
function sayAll(root) {
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
  for (const name of ["title", "aria-label", "placeholder"])
    for (const element of root.querySelectorAll(`[data-word-${name}]`))
      element.setAttribute(name, say(element.getAttribute(`data-word-${name}`)));
}

/** A number with a minus that is as wide as a plus. */
export function number(value, decimals = 0) {
  const style = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(locale, style).format(value).replace("-", "−");
}

/** A share (0 … 1) in percent. */
export function percentage(share, decimals = 0) {
  if (told.language === "en") return `${(100 * share).toFixed(decimals)} %`;
  const style = { style: "percent", minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(locale, style).format(share);
}

/** So many of a unit as Intl names it: 24 kilobyte → 24 kB. */
export function measure(value, unit, decimals = 0) {
  const style = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: decimals };
  return new Intl.NumberFormat(locale, style).format(value);
}

/** A date as Intl.DateTimeFormat writes it with these options. */
export function dateAs(date, options) {
  return new Intl.DateTimeFormat(locale, options).format(date);
}

/** a, b and c. */
export function list(parts) {
  const british = told.language === "en" ? "en-GB" : locale; // without a comma before "and"
  return new Intl.ListFormat(british).format(parts);
}
