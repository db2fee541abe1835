// @ts-check
/**
 * Paints the stretch in view: ruler, grounds of parts and removed ranges, pictures, sound. One canvas, one pass, only when
 * something changed. What people touch (heads, borders, marks, playheads) is DOM and lies above.
 * @import {Editor} from "./types.js"
 * @import {Range} from "../timeline.js"
 */
import { keptRanges, within } from "../timeline.js";
import { pieces } from "../plans.js";
import { colour, hatch } from "./colours.js";
import { Peaks } from "./peaks.js";
import { clock } from "./time.js";

const RULER = 26, HEAD = 24;
const STEPS = [40, 100, 200, 500, 1e3, 2e3, 5e3, 10e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1800e3, 3600e3];

/** A canvas as sharp as the screen. @param {HTMLCanvasElement} canvas @returns {{c: CanvasRenderingContext2D, w: number, h: number} | null} */
export function sharp(canvas) {
  const ratio = devicePixelRatio || 1;
  const w = canvas.clientWidth, h = canvas.clientHeight;
  if (!w || !h) return null;
  if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
    canvas.width = Math.round(w * ratio);
    canvas.height = Math.round(h * ratio);
  }
  const c = canvas.getContext("2d");
  if (!c) return null;
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  c.clearRect(0, 0, w, h);
  return { c, w, h };
}

/** @param {Editor} ed @param {HTMLCanvasElement} canvas @param {Range[]} pauses */
export function drawTimeline(ed, canvas, pauses) {
  const made = sharp(canvas);
  if (!made) return;
  const { c, w, h } = made;
  const picture = h - RULER - HEAD > 120 ? 48 : 36;
  const top = RULER + HEAD, sound = top + picture;
  drawRuler(ed, c, w);
  const kept = within(keptRanges(ed.store.source, ed.store.state), { start: ed.view.from, end: ed.view.to });
  c.fillStyle = colour("sunken");
  for (const r of kept) c.fillRect(ed.view.x(r.start), top, ed.view.x(r.end) - ed.view.x(r.start), h - top);
  drawPictures(ed, c, top, picture);
  for (const r of within(ed.store.state.removed, { start: ed.view.from, end: ed.view.to })) {
    const x = ed.view.x(r.start), wide = ed.view.x(r.end) - x;
    hatch(c, x, RULER, wide, HEAD);
    hatch(c, x, top, wide, picture, 0.84);
    hatch(c, x, sound, wide, h - sound);
  }
  drawSound(ed, c, kept, sound + 4, h - sound - 8, w);
  drawFrames(ed, c, top, h);
  c.fillStyle = colour("mark-edge");
  for (const p of within(pauses, { start: ed.view.from, end: ed.view.to })) {
    c.beginPath();
    c.roundRect(ed.view.x(p.start), h - 4, Math.max(3, ed.view.x(p.end) - ed.view.x(p.start)), 4, 1.5);
    c.fill();
  }
}

/** @param {Editor} ed @param {CanvasRenderingContext2D} c @param {number} w */
function drawRuler(ed, c, w) {
  const { scale, from, to } = ed.view;
  const step = STEPS.find((s) => s / scale >= 84) ?? 3600e3;
  const parts = step === 120e3 || step === 600e3 ? 4 : 5;
  const minor = step / parts;
  c.font = `400 12px ${getComputedStyle(document.body).fontFamily}`;
  c.textBaseline = "middle";
  c.lineWidth = 1;
  for (let n = Math.ceil(Math.max(0, from) / minor); n * minor <= Math.min(to, ed.view.duration); n++) {
    const x = Math.round(ed.view.x(n * minor)) + 0.5;
    const major = n % parts === 0;
    c.strokeStyle = colour(major ? "line" : "edge");
    c.beginPath();
    c.moveTo(x, major ? 2 : RULER - 6);
    c.lineTo(x, major ? RULER : RULER - 1);
    c.stroke();
    if (!major || x > w - 30) continue;
    c.fillStyle = colour("soft");
    c.fillText(clock(n * minor, step < 1000 ? 2 : 0), x + 6, 12);
  }
}

/** @param {Editor} ed @param {CanvasRenderingContext2D} c @param {number} y @param {number} h */
function drawPictures(ed, c, y, h) {
  const { view, pictures } = ed;
  if (pictures.state === "none") return;
  const wide = h * pictures.ratio;
  const step = wide * view.scale;
  c.save();
  c.beginPath();
  c.rect(view.x(0), y, view.x(view.duration) - view.x(0), h);
  c.clip();
  for (let n = Math.max(0, Math.floor(view.from / step)); n * step < Math.min(view.to, view.duration); n++) {
    const x = view.x(n * step);
    if (pictures.draw(c, n * step + step / 2, x, y, wide, h)) continue;
    c.fillStyle = colour("line");
    c.fillRect(x + 1, y + 1, wide - 2, h - 2);
  }
  c.restore();
}

/** @param {Editor} ed @param {CanvasRenderingContext2D} c @param {Range[]} kept @param {number} y @param {number} h @param {number} w */
function drawSound(ed, c, kept, y, h, w) {
  const { view, peaks } = ed;
  const middle = y + h / 2;
  const left = Math.max(0, view.x(0)), right = Math.min(w, view.x(view.duration));
  const level = peaks.levels.length ? peaks.level(view.scale, view.from, view.to) : null;
  if (!level) {
    c.fillStyle = colour("line");
    c.fillRect(left, middle - 0.5, right - left, 1);
    return;
  }
  for (const [tone, alpha, part] of /** @type {[string, number, "top" | "mean"][]} */ ([["edge", 0.4, "top"], ["edge", 0.55, "mean"]])) {
    c.fillStyle = colour(tone);
    c.globalAlpha = alpha;
    fillWave(view, level, c, left, right, middle, h / 2, part);
  }
  c.save();
  c.beginPath();
  for (const r of kept) c.rect(view.x(r.start), y - 4, view.x(r.end) - view.x(r.start), h + 8);
  c.clip();
  c.globalAlpha = 1;
  c.fillStyle = colour("sunken");
  c.fillRect(left, y, right - left, h);
  c.fillStyle = colour("accent");
  c.globalAlpha = 0.46;
  fillWave(view, level, c, left, right, middle, h / 2, "top");
  c.globalAlpha = 1;
  fillWave(view, level, c, left, right, middle, h / 2, "mean");
  c.restore();
}

/**
 * Columns of two pixels on a grid of the source, so that scrolling never makes them shimmer.
 * @param {{x: (ms: number) => number, scale: number, from: number}} view @param {import("./peaks.js").Level} level @param {CanvasRenderingContext2D} c
 * @param {number} left @param {number} right @param {number} middle @param {number} half @param {"top" | "mean"} part
 */
export function fillWave(view, level, c, left, right, middle, half, part) {
  const step = view.scale * 2;
  const near = step < level.step;
  c.beginPath();
  for (let n = Math.floor((view.from + left * view.scale) / step); ; n++) {
    const x = view.x(n * step);
    if (x > right) break;
    const { top, mean } = Peaks.amplitude(level, n * step, (n + 1) * step);
    const loud = part === "top" ? top : near ? top * 0.55 : mean * 0.72;
    const tall = Math.max(0.75, Math.min(1, loud ** 0.8 * 1.05) * half);
    c.rect(Math.max(left, x), middle - tall, Math.min(1.4, right - x), tall * 2);
  }
  c.fill();
}

/** The thin frame round each part. @param {Editor} ed @param {CanvasRenderingContext2D} c @param {number} y @param {number} h */
function drawFrames(ed, c, y, h) {
  c.strokeStyle = colour("accent");
  c.globalAlpha = 0.5;
  c.lineWidth = 1;
  for (const p of pieces(ed.store.source, ed.store.state)) {
    if (p.removed || p.end < ed.view.from || p.start > ed.view.to) continue;
    const x = Math.round(ed.view.x(p.start)) + 0.5, end = Math.round(ed.view.x(p.end)) - 0.5;
    c.beginPath();
    c.roundRect(x, y - 8.5, Math.max(1, end - x), h - y + 8, [0, 0, 6, 6]);
    c.save();
    c.clip();
    c.restore();
    c.stroke();
  }
  c.globalAlpha = 1;
}
