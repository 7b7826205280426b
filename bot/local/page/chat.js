/** The local chat page: puts its parts together. */

import { Composer } from "/page/composer.js";
import { Conversation } from "/page/conversation.js";
import { takePictures } from "/page/intake.js";
import { Live } from "/page/live.js";
import { Outbox } from "/page/outbox.js";
import { copy, toast, view } from "/page/overlays.js";
import { showSamples } from "/page/samples.js";
import { chooseLanguage, language, languages, learnWords, say } from "/page/say.js";
import { Server } from "/page/server.js";
import { WebApp } from "/page/web_app.js";
import { element, said } from "/page/words.js";

const ACTIONS = { typing: "writing", upload_photo: "drawing", upload_document: "preparing" };

await learnWords("/local/words");

const byId = (id) => document.getElementById(id);
const user = new URLSearchParams(location.search).get("user") === "guest" ? "guest" : "admin";
const server = new Server(user);
let botName = byId("bot-name").textContent;
let online = false;
let commandsShown = "";

byId(`role-${user}`).setAttribute("aria-current", "page");
showLanguages();

const webApp = new WebApp(server);
const actions = {
  copy,
  view,
  commands: new Set(),
  command: sendText,
  press,
  openApp: (url) => webApp.open(url, botName),
  reply: (message) => composer.setReply(message),
};
const conversation = new Conversation(actions);
const outbox = new Outbox(server, {
  onQueued: () => {
    showEmptiness();
    conversation.toNewest();
  },
  onSent: shown,
});
const composer = new Composer(sendText);
const arrivals = new Map(); // message id → what to call once it is in the conversation

takePictures((files, kind) => outbox.add({ files, kind, ...composer.take() }));
showSamples(server, (file) => outbox.add({ files: [file], kind: "photo" }), toast);
byId("empty-start").addEventListener("click", () => sendText("/start"));

new Live(server, {
  messages(list) {
    conversation.update(list);
    for (const { message_id: id } of list) arrivals.get(id)?.();
    showEmptiness();
  },
  deleted: (ids) => conversation.remove(ids),
  restarted() {
    tellLanguage();
    conversation.clear();
    composer.setReply(null);
  },
  state: showState,
  connection: showConnection,
}).run();

// With a mouse or a trackpad one types at once; on a phone the keyboard would cover half of the page.
if (matchMedia("(hover: hover) and (pointer: fine)").matches) composer.text.focus();

function showLanguages() {
  const options = Object.entries(languages()).map(([code, name]) => new Option(name, code, code === language(), code === language()));
  byId("language").replaceChildren(...options);
  byId("language").addEventListener("change", async ({ target }) => {
    chooseLanguage(target.value);
    const here = new URL(location);
    here.searchParams.delete("language"); // the choice is the newer word
    location.replace(here);
  });
  tellLanguage();
}

/** The bot is told in which language it is written to, as by Telegram's apps. */
async function tellLanguage() {
  try {
    await server.speak(language());
  } catch (error) {
    console.info("The bot does not know the language:", error); // until it answers again, as the page says
  }
}

function sendText(text, replyTo = null) {
  outbox.add({ text, replyTo });
}

/** Resolves once the message is shown (or after a while: a chat that was restarted never shows it). */
function shown(id) {
  if (conversation.has(id)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => arrivals.delete(id) && resolve();
    arrivals.set(id, done);
    setTimeout(done, 4000);
  });
}

async function press(message, button, data) {
  button.setAttribute("aria-busy", "true");
  try {
    const { alert } = await server.press(message.message_id, data);
    if (alert) toast(alert);
  } catch (error) {
    toast(error.message, { bad: true });
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function showState({ bot, action, commands, menu_button: menuButton = {} }) {
  botName = bot.name;
  byId("bot-name").textContent = bot.name;
  byId("typing").hidden = !action;
  const doing = action ? say(ACTIONS[action] ?? "working") : "";
  byId("typing-text").textContent = doing ? say("bot-does", { bot: botName, does: doing }) : "";
  if (online) byId("bot-status").textContent = doing || say("ready");
  showCommands(commands);
  showMenuButton(menuButton);
}

function showMenuButton({ type, text, web_app: page }) {
  const button = byId("menu-button");
  button.hidden = type !== "web_app";
  if (button.hidden) return;
  byId("menu-button-text").textContent = text;
  button.onclick = () => webApp.open(page.url, botName);
}

function showCommands(commands) {
  if (JSON.stringify(commands) === commandsShown) return;
  commandsShown = JSON.stringify(commands);
  actions.commands.clear();
  for (const { command } of commands) actions.commands.add(command);
  composer.hints.set(commands);
  const rows = commands.map(({ command, description }) => {
    const button = element("button", "", said("", `/${command}`, "b"), " ", said("", description, "span"));
    button.type = "button";
    button.addEventListener("click", () => sendText(`/${command}`));
    return element("li", "", button);
  });
  byId("command-list").replaceChildren(...rows);
  byId("side-commands").hidden = !commands.length;
}

function showConnection(isOnline) {
  if (online && isOnline) return;
  online = isOnline;
  const banner = byId("banner");
  banner.hidden = online;
  banner.textContent = online ? "" : say("unreachable-yet");
  byId("bot-status").textContent = say(online ? "ready" : "not-connected");
  if (!online) byId("typing").hidden = true;
  showEmptiness();
}

function showEmptiness() {
  const nothing = online && conversation.size === 0 && !byId("outbox").children.length;
  byId("empty").hidden = !nothing;
}
