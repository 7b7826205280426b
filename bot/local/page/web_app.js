/** Mini Apps: the bot's own pages, opened over the chat as Telegram's web client opens them. */

import { toast } from "/page/overlays.js";

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
    this.frame = document.getElementById("web-app-frame");
    this.dialog.addEventListener("close", () => this.frame.removeAttribute("src"));
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
    try {
      type = JSON.parse(event.data).eventType;
    } catch {
      return; // not Telegram's language
    }
    if (type === "web_app_close") this.dialog.close();
    else if (type === "web_app_request_theme") this.tellTheme();
  }

  tellTheme() {
    if (!this.dialog.open) return;
    const event = { eventType: "theme_changed", eventData: { theme_params: theme() } };
    this.frame.contentWindow.postMessage(JSON.stringify(event), location.origin);
  }
}

function theme() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(Object.entries(COLOURS).map(([name, token]) => [name, style.getPropertyValue(token).trim()]));
}

function isLoopback(name) {
  return ["127.0.0.1", "localhost", "[::1]"].includes(name);
}
