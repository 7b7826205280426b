/** Mini Apps: the bot's own pages, opened over the chat as Telegram's web client opens them. */

import { toast } from "/page/overlays.js";
import { WebAppButtons } from "/page/web_app_buttons.js";
import { answerOfStorage } from "/page/web_app_storage.js";

// Telegram's names for colours, and the chat's.
const COLOURS = {
  bg_color: "--surface",
  secondary_bg_color: "--desk",
  section_bg_color: "--surface",
  text_color: "--text",
  hint_color: "--muted",
  link_color: "--accent",
  button_color: "--accent",
  button_text_color: "--accent-text",
};

export class WebApp {
  constructor(server) {
    this.server = server;
    this.dialog = document.getElementById("web-app");
    this.body = document.getElementById("web-app-body");
    this.frame = document.getElementById("web-app-frame");
    this.buttons = new WebAppButtons((which) => this.tell(`${which}_button_pressed`));
    this.dialog.addEventListener("close", () => this.leave());
    document.addEventListener("fullscreenchange", () => this.tellFullscreen());
    window.addEventListener("message", (event) => this.receive(event));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.tellTheme());
  }

  /** Open the page at a button's address, signed for who writes in this window. */
  async open(url, title) {
    try {
      const address = new URL((await this.server.webApp(url, theme())).url);
      // The button may say 127.0.0.1 where this page was opened as localhost: to a browser these are two sites.
      if (isLoopback(address.hostname) && address.port === location.port) address.hostname = location.hostname;
      if (address.origin !== location.origin) {
        window.open(address, "_blank", "noopener"); // somebody else's page, which may not be framed here
        return;
      }
      document.getElementById("web-app-title").textContent = title;
      this.frame.title = title;
      this.frame.src = address;
      this.dialog.showModal();
    } catch (error) {
      toast(error.message, { bad: true });
    }
  }

  /** What the page says to Telegram (https://core.telegram.org/api/web-events), as far as it concerns a frame. */
  receive(event) {
    if (event.source !== this.frame.contentWindow || event.origin !== location.origin) return;
    let type;
    let told;
    try {
      ({ eventType: type, eventData: told } = JSON.parse(event.data));
    } catch {
      return; // not Telegram's language
    }
    told ??= {};
    if (type === "web_app_close") this.dialog.close();
    else if (type === "web_app_request_theme") this.tellTheme();
    else if (type === "web_app_setup_main_button") this.buttons.set("main", told);
    else if (type === "web_app_setup_secondary_button") this.buttons.set("secondary", told);
    else if (type === "web_app_request_fullscreen") this.fillScreen();
    else if (type === "web_app_exit_fullscreen") this.isFullscreen && document.exitFullscreen();
    else if (type === "web_app_request_safe_area") this.tell("safe_area_changed", insets(0));
    else if (type === "web_app_request_content_safe_area") this.tellContentArea();
    else if (String(type).startsWith("web_app_device_storage_")) this.tell(...answerOfStorage(type, told, this.server.user));
  }

  get isFullscreen() {
    return document.fullscreenElement === this.body;
  }

  fillScreen() {
    if (this.isFullscreen) this.tell("fullscreen_failed", { error: "ALREADY_FULLSCREEN" });
    else this.body.requestFullscreen().catch(() => this.tell("fullscreen_failed", { error: "UNSUPPORTED" }));
  }

  tellFullscreen() {
    this.tell("fullscreen_changed", { is_fullscreen: this.isFullscreen });
    this.tellContentArea();
  }

  /** In full screen the title's bar lies over the page, as on phones, whose page keeps its height free. */
  tellContentArea() {
    this.tell("content_safe_area_changed", insets(this.isFullscreen ? document.getElementById("web-app-bar").offsetHeight : 0));
  }

  leave() {
    if (this.isFullscreen) document.exitFullscreen();
    this.frame.removeAttribute("src");
    this.buttons.clear();
  }

  tellTheme() {
    this.tell("theme_changed", { theme_params: theme() });
  }

  /** Tell the page something in Telegram's name. */
  tell(eventType, eventData) {
    if (!this.dialog.open) return;
    this.frame.contentWindow.postMessage(JSON.stringify({ eventType, eventData }), location.origin);
  }
}

function theme() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(Object.entries(COLOURS).map(([name, token]) => [name, style.getPropertyValue(token).trim()]));
}

function insets(top) {
  return { top, right: 0, bottom: 0, left: 0 };
}

function isLoopback(name) {
  return ["127.0.0.1", "localhost", "[::1]"].includes(name);
}
