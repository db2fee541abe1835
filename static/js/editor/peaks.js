// @ts-check
/**
 * The sound as pairs of least and greatest samples, in levels of 2.56 s down to 10 ms a point. File format CRPK:
 * "CRPK", u32 version, u32 levels, then per level u32 ms a point, u32 points, u32 offset (little endian), then int8 pairs.
 * The coarse levels come with the first request, finer ones by Range as they come into view.
 */
import { Signal } from "./signal.js";

/** @typedef {{step: number, points: number, offset: number, data: Int8Array, have: Set<number>, asked: Set<number>}} Level */

const HEAD = 65_536; // bytes of the first request: all coarse levels of an hour
const CHUNK = 16_384; // points of a later one

/** @param {ArrayBuffer} buffer @returns {Level[]} coarsest first */
export function readHeader(buffer) {
  const view = new DataView(buffer);
  const magic = String.fromCharCode(...new Uint8Array(buffer, 0, 4));
  if (magic !== "CRPK" || view.getUint32(4, true) !== 1) throw new Error(`no peaks file: ${magic}`);
  return Array.from({ length: view.getUint32(8, true) }, (_, i) => {
    const [step, points, offset] = [0, 4, 8].map((at) => view.getUint32(12 + i * 12 + at, true));
    return { step, points, offset, data: new Int8Array(points * 2), have: new Set(), asked: new Set() };
  });
}

export class Peaks {
  /** @type {Signal<void>} */
  changed = new Signal();
  /** @type {Level[]} */
  levels = [];
  /** "none": the recording has no sound or its picture is not made yet. @type {"none" | "loading" | "ready" | "failed"} */
  state = "none";
  #url = "";

  /** @param {string} url */
  async load(url) {
    this.#url = url;
    this.state = "loading";
    try {
      const { buffer, from, whole } = await this.#fetch(0, HEAD - 1);
      this.levels = readHeader(buffer);
      for (const level of this.levels) this.#take(level, buffer, from, whole);
      this.state = "ready";
    } catch {
      this.state = "failed";
    }
    this.changed.emit();
  }

  /** The level to draw with: the finest that has at most one point a pixel and is here; asks for it when it is not. @param {number} scale ms a pixel @param {number} from @param {number} to */
  level(scale, from, to) {
    let wanted = this.levels.findIndex((l) => l.step * 1.5 <= scale);
    if (wanted < 0) wanted = this.levels.length - 1;
    for (let i = wanted; i >= 0; i--) {
      if (this.#has(this.levels[i], from, to, i === wanted)) return this.levels[i];
    }
    return this.levels.find((l) => l.have.size) ?? null;
  }

  /** @param {Level} level @param {number} from @param {number} to @param {boolean} ask */
  #has(level, from, to, ask) {
    const first = Math.max(0, Math.floor(from / level.step / CHUNK));
    const last = Math.min(Math.floor((level.points - 1) / CHUNK), Math.floor(to / level.step / CHUNK));
    let all = true;
    for (let chunk = first; chunk <= last; chunk++) {
      if (level.have.has(chunk)) continue;
      all = false;
      if (ask && !level.asked.has(chunk)) this.#ask(level, chunk);
    }
    return all;
  }

  /** @param {Level} level @param {number} chunk */
  async #ask(level, chunk) {
    level.asked.add(chunk);
    const from = level.offset + chunk * CHUNK * 2;
    const to = level.offset + Math.min(level.points, (chunk + 1) * CHUNK) * 2 - 1;
    try {
      const got = await this.#fetch(from, to);
      this.#take(level, got.buffer, got.from, got.whole);
      this.changed.emit();
    } catch {
      setTimeout(() => level.asked.delete(chunk), 5000);
    }
  }

  /** Copies what a buffer holds of a level. @param {Level} level @param {ArrayBuffer} buffer @param {number} at offset of the buffer in the file @param {boolean} whole */
  #take(level, buffer, at, whole) {
    const end = at + buffer.byteLength;
    for (let chunk = 0; chunk * CHUNK < level.points; chunk++) {
      const from = level.offset + chunk * CHUNK * 2;
      const to = level.offset + Math.min(level.points, (chunk + 1) * CHUNK) * 2;
      if (from < at || (to > end && !whole) || to > end) continue;
      level.data.set(new Int8Array(buffer, from - at, to - from), chunk * CHUNK * 2);
      level.have.add(chunk);
    }
  }

  /** @param {number} from @param {number} to */
  async #fetch(from, to) {
    const answer = await fetch(this.#url, { headers: { Range: `bytes=${from}-${to}` }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(`peaks: ${answer.status}`);
    const whole = answer.status === 200;
    return { buffer: await answer.arrayBuffer(), from: whole ? 0 : from, whole };
  }

  /** Greatest and mean amplitude (0 to 1) between two moments. @param {Level} level @param {number} from @param {number} to */
  static amplitude(level, from, to) {
    const first = Math.max(0, Math.floor(from / level.step));
    const last = Math.min(level.points - 1, Math.max(first, Math.ceil(to / level.step) - 1));
    let top = 0, sum = 0;
    for (let i = first; i <= last; i++) {
      const a = Math.max(-level.data[2 * i], level.data[2 * i + 1]);
      if (a > top) top = a;
      sum += a;
    }
    return last < first ? { top: 0, mean: 0 } : { top: top / 128, mean: sum / (last - first + 1) / 128 };
  }
}

/**
 * Stretches without a word, of at least `least` ms: quieter than a little above the recording's own ground noise.
 * @param {Peaks} peaks @param {number} least ms @returns {{start: number, end: number}[]}
 */
export function pauses(peaks, least) {
  const level = peaks.levels.find((l) => l.step <= 200 && l.have.size * CHUNK >= l.points);
  if (!level) return [];
  const loud = Uint8Array.from({ length: level.points }, (_, i) => Math.max(-level.data[2 * i], level.data[2 * i + 1]));
  const sorted = [...loud].sort((a, b) => a - b);
  const ground = sorted[Math.floor(sorted.length * 0.03)] ?? 0;
  const middle = sorted[Math.floor(sorted.length * 0.6)] ?? 0;
  const limit = Math.max(1, Math.min(ground * 2 + 1, middle * 0.3));
  const found = [];
  for (let i = 0, start = -1; i <= level.points; i++) {
    const quiet = i < level.points && loud[i] <= limit;
    if (quiet && start < 0) start = i;
    if (!quiet && start >= 0) {
      if ((i - start) * level.step >= least) found.push({ start: start * level.step, end: i * level.step });
      start = -1;
    }
  }
  return found;
}
