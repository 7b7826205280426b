/**
 * Telegram's two buttons below the page (Bot API 7.10), each in place of one of the page's own: it has that one's
 * words, is active when that one is, and presses it. Elsewhere, and in older clients, the page's own stay.
 */

const COLOURS = { main: ["--accent", "--accent-text"], secondary: ["--accent-soft", "--accent"], inactive: ["--surface", "--muted"] };

export class BottomButtons {
  /** Take the page's two buttons, which are hidden where Telegram shows its own. */
  constructor(telegram, { main, secondary }) {
    this.telegram = telegram;
    this.own = Object.entries(telegram.isVersionAtLeast("7.10") ? { main, secondary } : {});
    this.told = {};
    for (const [which, button] of this.own) {
      button.hidden = true;
      telegram.on(`${which}_button_pressed`, () => button.click());
    }
  }

  /** Tell Telegram what has changed of the page's buttons or colours. */
  reflect() {
    const style = getComputedStyle(document.documentElement);
    for (const [which, button] of this.own) {
      const [color, text_color] = COLOURS[button.disabled ? "inactive" : which].map((token) => style.getPropertyValue(token).trim());
      const told = {
        is_visible: true,
        is_active: !button.disabled,
        is_progress_visible: button.getAttribute("aria-busy") === "true",
        text: button.textContent.trim(),
        color,
        text_color,
        ...(which === "secondary" && { position: "left" }),
      };
      if (JSON.stringify(told) === this.told[which]) continue;
      this.told[which] = JSON.stringify(told);
      this.telegram.post(`web_app_setup_${which}_button`, told);
    }
  }
}
