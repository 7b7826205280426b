/** The two buttons that a Mini App may have below itself, as https://core.telegram.org/bots/webapps#bottombutton says. */

const HEX = /^#[0-9a-f]{6}$/i;
const SIDES = ["left", "right", "top", "bottom"]; // where the second one stands, seen from the first

export class WebAppButtons {
  /** `onPress("main" or "secondary")` when one is pressed. */
  constructor(onPress) {
    this.bar = document.getElementById("web-app-buttons");
    this.buttons = Object.fromEntries(["main", "secondary"].map((which) => [which, document.getElementById(`web-app-${which}`)]));
    for (const [which, button] of Object.entries(this.buttons)) button.addEventListener("click", () => onPress(which));
  }

  /** Show a button as the page wants it. */
  set(which, { is_visible, is_active, is_progress_visible, text, color, text_color, position }) {
    const button = this.buttons[which];
    button.hidden = !is_visible || !text;
    button.disabled = is_active === false;
    button.textContent = text ?? "";
    button.setAttribute("aria-busy", String(is_progress_visible === true));
    if (HEX.test(color ?? "")) button.style.background = color;
    if (HEX.test(text_color ?? "")) button.style.color = text_color;
    if (SIDES.includes(position)) this.bar.dataset.position = position;
    this.bar.hidden = Object.values(this.buttons).every((each) => each.hidden);
  }

  /** The page is gone, and what it showed with it. */
  clear() {
    for (const which of Object.keys(this.buttons)) this.set(which, {});
  }
}
