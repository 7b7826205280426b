/** The bot's commands, listed over the text field while one is being typed. The field keeps the focus throughout. */

import { element, said } from "/page/words.js";

export class Hints {
  /** `onChoose("/command")` is called when one is chosen. */
  constructor(text, onChoose) {
    this.text = text;
    this.onChoose = onChoose;
    this.list = document.getElementById("hints");
    this.commands = [];
    this.chosen = 0;
    this.dismissed = false;
    text.addEventListener("blur", () => this.close());
    text.addEventListener("focus", () => this.update());
  }

  get open() {
    return !this.list.hidden;
  }

  /** `commands`: [{command, description}] as the bot registered them. */
  set(commands) {
    this.commands = commands;
    if (this.open) this.update();
  }

  update() {
    const typed = /^\/(\w*)$/.exec(this.text.value)?.[1];
    if (typed === undefined) this.dismissed = false;
    const fitting = typed === undefined ? [] : this.commands.filter((one) => one.command.startsWith(typed));
    if (!fitting.length || this.dismissed || document.activeElement !== this.text) return this.close();
    this.chosen = 0;
    this.list.replaceChildren(...fitting.map((one, index) => this.option(one, index)));
    this.list.hidden = false;
    return this.mark();
  }

  /** Handle a key of the text field; true when it was meant for the list. */
  onKey(event) {
    if (!this.open) return false;
    const options = this.list.children;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      this.chosen = (this.chosen + steps[event.key] + options.length) % options.length;
      this.mark();
    } else if (event.key === "Enter" && !event.shiftKey) {
      this.onChoose(options[this.chosen].dataset.command);
    } else if (event.key === "Tab" && !event.shiftKey) {
      this.text.value = `${options[this.chosen].dataset.command} `;
      this.text.dispatchEvent(new Event("input"));
    } else if (event.key === "Escape") {
      this.dismissed = true;
      this.close();
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  close() {
    this.list.hidden = true;
    this.text.removeAttribute("aria-activedescendant");
  }

  option({ command, description }, index) {
    const option = element("li", "hint", said("", `/${command}`, "b"), said("", description, "span"));
    option.id = `hint-${index}`;
    option.dataset.command = `/${command}`;
    option.setAttribute("role", "option");
    option.addEventListener("pointerdown", (event) => event.preventDefault()); // keep the focus in the field
    option.addEventListener("click", () => this.onChoose(option.dataset.command));
    return option;
  }

  mark() {
    [...this.list.children].forEach((option, index) => {
      option.setAttribute("aria-selected", String(index === this.chosen));
    });
    this.text.setAttribute("aria-activedescendant", `hint-${this.chosen}`);
    this.list.children[this.chosen].scrollIntoView({ block: "nearest" });
  }
}
