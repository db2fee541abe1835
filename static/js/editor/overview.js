// @ts-check
/**
 * The whole recording in one line, with the stretch in view framed: drag the frame, or its edges to zoom.
 * @import {Editor} from "./types.js"
 */
import { keptRanges } from "../timeline.js";
import { colour, hatch } from "./colours.js";
import { el, one } from "./dom.js";
import { fillWave, sharp } from "./draw.js";
import { put } from "./lanes.js";
import { during } from "./pointer.js";
import { clock } from "./time.js";

export class Overview {
  #ed;
  #box;
  #canvas;
  #window;
  #playhead = el("i", { class: "ed-overview-playhead", "aria-hidden": "true" });

  /** @param {Editor} ed */
  constructor(ed) {
    this.#ed = ed;
    this.#box = one(ed.root, "[data-overview]");
    this.#canvas = /** @type {HTMLCanvasElement} */ (one(ed.root, "[data-overview-canvas]"));
    this.#window = one(ed.root, "[data-window]");
    this.#box.append(this.#playhead);
    this.#window.setAttribute("aria-valuemax", String(ed.store.duration));
    this.#box.addEventListener("pointerdown", (e) => this.#press(e));
    this.#window.addEventListener("keydown", (e) => this.#key(e));
  }

  /** px of a moment. @param {number} ms */
  x(ms) {
    return (ms / this.#ed.store.duration) * this.#canvas.clientWidth;
  }

  drawPlayhead() {
    put(this.#playhead, this.x(this.#ed.player.at));
  }

  draw() {
    const ed = this.#ed, made = sharp(this.#canvas);
    if (!made) return;
    const { c, w, h } = made;
    const scale = ed.store.duration / w;
    const view = { from: 0, scale, x: (/** @type {number} */ ms) => ms / scale };
    hatch(c, 0, 0, w, h, 0.55);
    const level = ed.peaks.levels.length ? ed.peaks.level(scale, 0, ed.store.duration) : null;
    if (level) {
      c.fillStyle = colour("edge");
      c.globalAlpha = 0.35;
      fillWave(view, level, c, 0, w, h / 2, h / 2 - 3, "top");
    }
    c.save();
    c.beginPath();
    for (const r of keptRanges(ed.store.source, ed.store.state)) c.rect(r.start / scale, 0, Math.max(1, (r.end - r.start) / scale), h);
    c.clip();
    c.globalAlpha = 1;
    c.fillStyle = colour("surface");
    c.fillRect(0, 0, w, h);
    c.fillStyle = colour("accent");
    c.globalAlpha = level ? 0.4 : 0.25;
    if (level) fillWave(view, level, c, 0, w, h / 2, h / 2 - 3, "top");
    else c.fillRect(0, h / 2 - 2, w, 4);
    // What is in view stands out.
    c.beginPath();
    c.rect(view.x(ed.view.from), 0, ed.view.span / scale, h);
    c.clip();
    c.globalAlpha = 0.85;
    if (level) fillWave(view, level, c, 0, w, h / 2, h / 2 - 3, "mean");
    c.restore();
    c.globalAlpha = 1;
    if (ed.mark.range) {
      c.fillStyle = colour("mark");
      c.globalAlpha = 0.7;
      c.fillRect(ed.mark.range.start / scale, 0, Math.max(2, (ed.mark.range.end - ed.mark.range.start) / scale), h);
      c.globalAlpha = 1;
    }
    this.drawPlayhead();
    const left = Math.max(0, ed.view.from / scale), right = Math.min(w, ed.view.to / scale);
    put(this.#window, left, Math.max(8, right - left));
    this.#window.setAttribute("aria-valuenow", String(Math.round(ed.view.from)));
    this.#window.setAttribute("aria-valuetext", `${clock(Math.max(0, ed.view.from), 0)} – ${clock(Math.min(ed.store.duration, ed.view.to), 0)}`);
  }

  /** @param {PointerEvent} first */
  #press(first) {
    if (first.button !== 0) return;
    first.preventDefault();
    const { view, store } = this.#ed;
    const box = this.#canvas.getBoundingClientRect();
    const ms = (/** @type {PointerEvent} */ e) => ((e.clientX - box.left) / box.width) * store.duration;
    this.#box.setPointerCapture(first.pointerId);
    const px = (/** @type {number} */ at) => Math.abs(((at / store.duration) * box.width) - (first.clientX - box.left));
    const wide = (view.span / store.duration) * box.width > 40;
    const from = view.from, to = view.to, at = ms(first);
    if (wide && px(from) < 8) return during(this.#box, first, (e) => view.set(Math.min(ms(e), to - view.least), to - Math.min(ms(e), to - view.least)), () => undefined);
    if (wide && px(to) < 8) return during(this.#box, first, (e) => view.set(from, ms(e) - from), () => undefined);
    const inside = at >= from && at <= to;
    if (!inside) view.set(at - view.span / 2, view.span);
    const start = view.from;
    let moved = false;
    return during(this.#box, first, (e) => {
      moved ||= Math.abs(e.clientX - first.clientX) > 3;
      if (!moved) return;
      view.set(start + ms(e) - at, view.span);
      if (view.centered) this.#ed.player.seek(view.from + view.span / 2);
    }, () => {
      if (!moved) this.#ed.player.seek(at);
      if (!moved && view.centered) view.reveal(at);
    });
  }

  /** @param {KeyboardEvent} e */
  #key(e) {
    const { view } = this.#ed;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => view.pan(-view.span / 10), ArrowRight: () => view.pan(view.span / 10),
      ArrowUp: () => view.zoom(1.25, view.from + view.span / 2), ArrowDown: () => view.zoom(0.8, view.from + view.span / 2),
      PageUp: () => view.pan(-view.span), PageDown: () => view.pan(view.span), Home: () => view.set(0, view.span), End: () => view.set(view.duration, view.span),
    };
    if (!keys[e.key]) return;
    e.preventDefault();
    e.stopPropagation();
    keys[e.key]();
  }
}
