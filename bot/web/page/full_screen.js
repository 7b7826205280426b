/**
 * The whole screen to draw on: Telegram's full screen (Bot API 8.0) or the browser's; where there is neither, no button.
 * What Telegram or the device lay over the edges is kept free: the style sheet reads it as --tg-…-inset-….
 */

const SIDES = ["top", "right", "bottom", "left"];
const AREAS = { safe_area: "--tg-safe-area-inset", content_safe_area: "--tg-content-safe-area-inset" };

export class FullScreen {
  constructor(telegram, button) {
    this.button = button;
    this.isOn = false;
    const root = document.documentElement;
    if (telegram.isVersionAtLeast("8.0")) {
      this.enter = () => telegram.post("web_app_request_fullscreen");
      this.leave = () => telegram.post("web_app_exit_fullscreen");
      telegram.on("fullscreen_changed", (told) => this.reflect(told.is_fullscreen === true));
      telegram.on("fullscreen_failed", (told) => (told.error === "ALREADY_FULLSCREEN" ? this.reflect(true) : this.giveUp()));
      for (const [area, token] of Object.entries(AREAS)) {
        telegram.on(`${area}_changed`, (told) => keepFree(root, token, told));
        telegram.post(`web_app_request_${area}`);
      }
    } else if (document.fullscreenEnabled) {
      this.enter = () => root.requestFullscreen().catch(() => this.giveUp());
      this.leave = () => document.exitFullscreen();
      document.addEventListener("fullscreenchange", () => this.reflect(document.fullscreenElement !== null));
    }
    button.hidden = !this.enter;
    button.addEventListener("click", () => (this.isOn ? this.leave() : this.enter()));
    this.reflect(telegram.isFullscreen || document.fullscreenElement !== null);
  }

  reflect(isOn) {
    if (isOn && !this.isOn) scrollTo(0, 0); // to the sheet
    this.isOn = isOn;
    document.documentElement.toggleAttribute("data-full-screen", isOn);
    this.button.setAttribute("aria-pressed", String(isOn));
  }

  /** This device can't, whatever its client says. */
  giveUp() {
    this.reflect(false);
    this.button.hidden = true;
  }
}

function keepFree(root, token, insets) {
  for (const side of SIDES) {
    const pixels = Number(insets[side]);
    root.style.setProperty(`${token}-${side}`, `${pixels >= 0 && pixels < 1000 ? pixels : 0}px`);
  }
}
