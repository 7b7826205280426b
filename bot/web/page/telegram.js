/**
 * The page as a Telegram Mini App, without Telegram's own script: its launch parameters and its events, as
 * https://core.telegram.org/api/web-events and https://core.telegram.org/bots/webapps describe them.
 */

import { applyTheme } from "./theme.js";

const HAPTICS = {
  selection: { type: "selection_change" },
  success: { type: "notification", notification_type: "success" },
  error: { type: "notification", notification_type: "error" },
};

/** Open what Telegram gave with the page's address. `onTheme` is called when the colours have changed. */
export function openTelegram(window, onTheme) {
  const launched = new URLSearchParams(window.location.hash.slice(1));
  const initData = launched.get("tgWebAppData") ?? "";
  const version = launched.get("tgWebAppVersion") ?? "6.0";
  const isInside = launched.has("tgWebAppVersion") || launched.has("tgWebAppData");
  const receivers = []; // [type, receive]
  const on = (type, receive) => receivers.push([type, receive]);
  const post = (type, told) => isInside && postEvent(window, type, told);
  if (isInside) {
    window.document.documentElement.dataset.inside = "telegram";
    listen(window, (type, told) => {
      for (const [wanted, receive] of receivers) if (wanted === type) receive(told ?? {});
    });
    on("theme_changed", (told) => {
      applyTheme(window.document, told.theme_params ?? {});
      onTheme();
    });
    applyTheme(window.document, parsed(launched.get("tgWebAppThemeParams")) ?? {});
  }
  return {
    initData,
    /** Who drew, by Telegram's word, which nobody checked here; "" when it doesn't say. */
    userId: String(parsed(new URLSearchParams(initData).get("user"))?.id ?? ""),
    /** Whether Telegram says that the page fills the screen from the start. */
    isFullscreen: launched.has("tgWebAppFullscreen"),
    /** Whether there is a client around the page that knows a version of the Bot API, such as "8.0". */
    isVersionAtLeast: (wanted) => isInside && hasClient(window) && isAtLeast(version, wanted),
    /** Call `receive` with the data of each event of a type. */
    on,
    post,
    /** Say that the page can be seen, and ask for room; a stroke down must not close it. */
    ready() {
      post("iframe_ready", { reload_supported: true });
      post("web_app_ready");
      post("web_app_expand");
      post("web_app_request_theme");
      post("web_app_setup_swipe_behavior", { allow_vertical_swipe: false });
    },
    /** Let the device be felt, where it can: "selection", "success" or "error". */
    haptic: (kind) => post("web_app_trigger_haptic_feedback", HAPTICS[kind]),
  };
}

function hasClient(window) {
  return Boolean(window.TelegramWebviewProxy?.postEvent) || typeof window.external?.notify === "function" || window.parent !== window;
}

function postEvent(window, type, told = {}) {
  if (window.TelegramWebviewProxy?.postEvent) window.TelegramWebviewProxy.postEvent(type, JSON.stringify(told));
  else if (typeof window.external?.notify === "function") window.external.notify(JSON.stringify({ eventType: type, eventData: told }));
  // The frame around may be any of Telegram's clients. What is told is nothing that it may not know: it keeps the drawing.
  else if (window.parent !== window) window.parent.postMessage(JSON.stringify({ eventType: type, eventData: told }), "*");
}

function listen(window, receive) {
  window.Telegram = { ...window.Telegram, WebView: { ...window.Telegram?.WebView, receiveEvent: receive } };
  window.TelegramGameProxy = { ...window.TelegramGameProxy, receiveEvent: receive }; // older clients' names for it
  window.TelegramGameProxy_receiveEvent = receive;
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent) return;
    const message = parsed(event.data);
    if (typeof message?.eventType === "string") receive(message.eventType, message.eventData);
  });
}

/** Versions are numbers joined by points: 7.10 comes after 7.9. */
function isAtLeast(version, wanted) {
  const [have, need] = [version, wanted].map((each) => each.split(".").map(Number));
  return have[0] > need[0] || (have[0] === need[0] && (have[1] ?? 0) >= (need[1] ?? 0));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // not for us
  }
}
