// @ts-check
/**
 * The storyboard's small pictures: which one shows a moment, and how alike two of them are.
 * @import {Storyboard} from "./types.js"
 */
import { Signal } from "./signal.js";

export class Pictures {
  /** @type {Signal<void>} */
  changed = new Signal();
  /** @type {"none" | "loading" | "ready" | "failed"} */
  state = "none";
  /** @type {Storyboard | null} */
  sheet = null;
  #image = new Image();

  /** @param {Storyboard | undefined} sheet */
  load(sheet) {
    if (!sheet) return;
    this.sheet = sheet;
    this.state = "loading";
    const done = (/** @type {"ready" | "failed"} */ state) => () => {
      this.state = state;
      this.changed.emit();
    };
    this.#image.onload = done("ready");
    this.#image.onerror = done("failed");
    this.#image.src = sheet.url;
  }

  /** Width to height of one picture. */
  get ratio() {
    return this.sheet ? this.sheet.width / this.sheet.height : 16 / 9;
  }

  /** @param {number} ms */
  #place(ms) {
    const s = /** @type {Storyboard} */ (this.sheet);
    const n = Math.max(0, Math.min(s.count - 1, Math.floor(ms / s.interval)));
    return { x: (n % s.columns) * s.width, y: Math.floor(n / s.columns) * s.height, w: s.width, h: s.height };
  }

  /** Draws the picture of a moment into a box. @param {CanvasRenderingContext2D} c @param {number} ms @param {number} x @param {number} y @param {number} w @param {number} h */
  draw(c, ms, x, y, w, h) {
    if (this.state !== "ready" || !this.sheet) return false;
    const from = this.#place(ms);
    c.drawImage(this.#image, from.x, from.y, from.w, from.h, x, y, w, h);
    return true;
  }

  /** Moments at which the picture becomes another, not just gets a line more: candidates for chapters. @returns {number[]} ms */
  changes() {
    const s = this.sheet;
    if (!s || this.state !== "ready") return [];
    const canvas = document.createElement("canvas");
    const [w, h] = [64, 36];
    [canvas.width, canvas.height] = [w, h];
    const c = canvas.getContext("2d", { willReadFrequently: true });
    if (!c) return [];
    /** @type {number[]} */
    const found = [];
    /** @type {Uint8ClampedArray | null} */
    let last = null;
    for (let n = 0; n < s.count; n++) {
      this.draw(c, n * s.interval, 0, 0, w, h);
      const now = c.getImageData(0, 0, w, h).data;
      if (last && differs(last, now) > w * h * 0.04) found.push(n * s.interval);
      last = now;
    }
    return found.length > s.count * 0.6 ? [] : found; // a moving picture has no slides
  }
}

/** How many pixels differ clearly. @param {Uint8ClampedArray} a @param {Uint8ClampedArray} b */
function differs(a, b) {
  let n = 0;
  for (let i = 0; i < a.length; i += 4) {
    if (Math.abs(a[i] - b[i]) + Math.abs(a[i + 1] - b[i + 1]) + Math.abs(a[i + 2] - b[i + 2]) > 45) n++;
  }
  return n;
}
