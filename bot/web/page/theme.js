/** Telegram's colours on the page: those that it names, and what lies between them. */

const HEX = /^#[0-9a-f]{6}$/i;

// Telegram's names for colours, and ours. What is missing keeps the page's own colour.
const THEME = {
  secondary_bg_color: "--desk",
  bg_color: "--surface",
  section_bg_color: "--surface",
  text_color: "--text",
  hint_color: "--muted",
  button_color: "--accent",
  button_text_color: "--accent-text",
};

/** Wear Telegram's colours, its `theme_params`. What is missing or can't be read keeps the page's own. */
export function applyTheme(document, colours) {
  const style = document.documentElement.style;
  const background = HEX.test(colours.bg_color ?? "") ? colours.bg_color : null;
  if (!background) return;
  document.documentElement.dataset.theme = brightness(background) < 0.4 ? "dark" : "light";
  for (const [name, token] of Object.entries(THEME)) if (HEX.test(colours[name] ?? "")) style.setProperty(token, colours[name]);
  // Telegram's hints can be too pale for small print.
  if (contrast(colours.hint_color, background) < 4.5) style.removeProperty("--muted");
  if (contrast(colours.button_color, background) < 3) style.removeProperty("--accent");
  blend(style, getComputedStyle(document.documentElement), background);
}

/** What Telegram has no name for, between its background and its other colours: the sheet, lines, the ramp of maps. */
function blend(style, now, background) {
  const [text, accent] = ["--text", "--accent"].map((token) => now.getPropertyValue(token).trim());
  const isDark = brightness(background) < 0.4;
  const between = {
    "--paper": background,
    "--zero": background,
    "--grid": mixed(background, text, 0.06),
    "--line": mixed(background, text, 0.16),
    "--accent-soft": mixed(background, accent, 0.16),
    "--ramp-0": mixed(background, isDark ? "#000000" : accent, isDark ? 0.25 : 0.06),
    "--ramp-1": mixed(background, accent, 0.45),
    "--ramp-2": mixed(accent, isDark ? "#ffffff" : "#000000", isDark ? 0.25 : 0.1),
    "--ramp-3": isDark ? "#fff7cf" : mixed(accent, "#000000", 0.65),
  };
  for (const [token, colour] of Object.entries(between)) style.setProperty(token, colour);
}

function mixed(one, other, share) {
  const channel = (hex, at) => parseInt(hex.slice(at, at + 2), 16);
  const mix = (at) => Math.round(channel(one, at) * (1 - share) + channel(other, at) * share);
  return `#${[1, 3, 5].map((at) => mix(at).toString(16).padStart(2, "0")).join("")}`;
}

/** Relative luminance of WCAG 2, 0 … 1. */
function brightness(hex) {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  if (!HEX.test(one ?? "") || !HEX.test(other ?? "")) return Infinity;
  const [low, high] = [brightness(one), brightness(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
