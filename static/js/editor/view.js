// @ts-check
/** Which stretch of the timeline is in view, and how it maps to pixels. */
import { Signal } from "./signal.js";

export class View {
  /** @type {Signal<void>} */
  changed = new Signal();
  from = 0;
  width = 1;

  /** @param {number} duration ms @param {number} frame ms of one frame */
  constructor(duration, frame) {
    this.duration = Math.max(1, duration);
    this.frame = frame;
    this.span = this.duration;
    /** Phone: the playhead stays in the middle, so the ends may be seen past. */
    this.centered = false;
  }

  get to() {
    return this.from + this.span;
  }

  /** ms a pixel */
  get scale() {
    return this.span / this.width;
  }

  /** The least that may be in view: 24 px a frame. */
  get least() {
    return Math.min(this.duration, (this.width / 24) * this.frame);
  }

  /** @param {number} ms @returns {number} px from the left edge */
  x(ms) {
    return (ms - this.from) / this.scale;
  }

  /** @param {number} x @returns {number} ms, within the recording */
  ms(x) {
    return Math.max(0, Math.min(this.duration, this.from + x * this.scale));
  }

  /** @param {number} width px */
  resize(width) {
    if (width === this.width || width < 1) return;
    this.width = width;
    this.set(this.from, this.span);
  }

  /** @param {number} from @param {number} span */
  set(from, span) {
    this.span = Math.max(this.least, Math.min(this.duration, span));
    const past = this.centered ? this.span / 2 : 0;
    this.from = Math.max(-past, Math.min(this.duration - this.span + past, from));
    this.changed.emit();
  }

  /** @param {number} factor above 1: nearer @param {number} ms what stays where it is */
  zoom(factor, ms) {
    const at = (ms - this.from) / this.span;
    const span = Math.max(this.least, Math.min(this.duration, this.span / factor));
    this.set(ms - at * span, span);
  }

  /** 0 all, 1 nearest. */
  get level() {
    return this.least >= this.duration ? 0 : Math.log(this.duration / this.span) / Math.log(this.duration / this.least);
  }

  /** @param {number} level @param {number} ms what stays where it is */
  toLevel(level, ms) {
    this.zoom(this.span / (this.duration / (this.duration / this.least) ** level), ms);
  }

  /** @param {number} ms by how much */
  pan(ms) {
    this.set(this.from + ms, this.span);
  }

  all() {
    this.set(0, this.duration);
  }

  /** Brings a moment into view, turning pages as a reader does. @param {number} ms @param {boolean} [middle] */
  reveal(ms, middle = false) {
    if (this.centered || middle) this.set(ms - this.span / 2, this.span);
    else if (ms < this.from || ms > this.to) this.set(ms - this.span * 0.08, this.span);
  }

  /** A range with room around it. @param {number} start @param {number} end */
  frameRange(start, end) {
    const span = Math.max((end - start) * 2.2, Math.min(this.duration, 10_000));
    this.set((start + end) / 2 - span / 2, span);
  }
}
