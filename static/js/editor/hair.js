// @ts-check
/** The hair line with a name, where a drag snapped to something. */
import { one } from "./dom.js";
import { put } from "./lanes.js";

/** @import {Editor} from "./types.js" */
/** @import {Target} from "./snap.js" */

export class Hair {
  #ed;
  #line;
  #name;

  /** @param {Editor} ed */
  constructor(ed) {
    this.#ed = ed;
    this.#line = one(ed.root, "[data-hair]");
    this.#name = one(ed.root, "[data-hair-name]");
  }

  /** @param {Target | null} target */
  show(target) {
    this.#line.hidden = !target;
    if (!target) return;
    this.#name.textContent = target.name;
    put(this.#line, this.#ed.view.x(target.at));
  }

  hide() {
    this.#line.hidden = true;
  }
}
