// @ts-check
/** The mark: one range that a person has chosen, half made or whole. */
import { Signal } from "./signal.js";

/** Whole milliseconds, whatever a pointer says. @param {number} a @param {number} b */
function span(a, b) {
  const [start, end] = [Math.round(Math.min(a, b)), Math.round(Math.max(a, b))];
  return start < end ? { start, end } : null;
}

export class Mark {
  /** @type {Signal<void>} */
  changed = new Signal();
  /** @type {{start: number, end: number} | null} */
  range = null;
  /** Begun by Cut out without a mark: its other end follows the playhead. @type {number | null} */
  anchor = null;

  /** @param {number} a @param {number} b */
  set(a, b) {
    this.anchor = null;
    this.range = span(a, b);
    this.changed.emit();
  }

  /** @param {number} at where a mark begins that follows the playhead */
  begin(at) {
    this.anchor = at;
    this.range = null;
    this.changed.emit();
  }

  /** The playhead moved. @param {number} at */
  follow(at) {
    if (this.anchor === null) return;
    this.range = span(at, this.anchor);
    this.changed.emit();
  }

  clear() {
    if (!this.range && this.anchor === null) return;
    this.range = null;
    this.anchor = null;
    this.changed.emit();
  }
}
