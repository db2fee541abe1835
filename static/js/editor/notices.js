// @ts-check
/**
 * The row between stage and tools: what touches one's own work, newest first, until it is answered. Never opens or closes
 * while something is dragged, so that nothing moves under the hand.
 */
import { el, icon } from "./dom.js";

/**
 * @typedef {{text: string, primary?: boolean, icon?: string, do: () => void}} Choice
 * @typedef {{key: string, strong?: string, text: string, face?: HTMLElement, colour?: string, failure?: boolean, choices: Choice[], icon?: string}} Notice
 */

export class Notices {
  /** @type {Notice[]} */
  list = [];
  #row;
  #more;
  #close;
  #held = false;

  /** @param {HTMLElement} row @param {(count: number) => string} more @param {string} close */
  constructor(row, more, close) {
    this.#row = row;
    this.#more = more;
    this.#close = close;
  }

  /** @param {Notice} notice the newer one with the same key takes the place of the older */
  add(notice) {
    this.list = [notice, ...this.list.filter((n) => n.key !== notice.key)];
    this.#show();
  }

  /** @param {string} key */
  remove(key) {
    this.list = this.list.filter((n) => n.key !== key);
    this.#show();
  }

  /** @param {boolean} held true while something is dragged */
  hold(held) {
    this.#held = held;
    if (!held) this.#show();
  }

  #show() {
    if (this.#held) return;
    const top = this.list[0];
    this.#row.hidden = !top;
    this.#row.replaceChildren();
    if (!top) return;
    this.#row.classList.toggle("ed-row-failed", Boolean(top.failure));
    this.#row.setAttribute("role", top.failure ? "alert" : "status");
    this.#row.style.setProperty("--person", top.colour ? `var(--${top.colour})` : "");
    const answer = (/** @type {Choice | null} */ c) => () => {
      this.remove(top.key);
      c?.do();
    };
    this.#row.append(
      top.face ?? icon(top.icon ?? (top.failure ? "triangle-alert" : "info")),
      el("p", { class: "ed-row-text" }, top.strong ? el("strong", {}, top.strong) : null, top.strong ? " " : null, top.text,
        this.list.length > 1 ? el("span", { class: "soft" }, ` ${this.#more(this.list.length - 1)}`) : null),
      el("span", { class: "ed-row-choices" }, ...top.choices.map((c) =>
        el("button", { type: "button", class: `button button-small${c.primary === undefined ? "" : c.primary ? " button-primary" : " button-quiet"}`, onclick: answer(c) }, c.icon ? icon(c.icon) : null, c.text)),
        top.choices.length ? null : el("button", { type: "button", class: "button button-small button-quiet button-icon", "aria-label": this.#close, onclick: answer(null) }, icon("x"))),
    );
  }
}
