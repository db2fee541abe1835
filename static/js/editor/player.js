// @ts-check
/**
 * Plays one or two originals in step and skips what was cut out. The one with sound leads; the other follows: under 40 ms
 * apart it is left alone, under 300 ms it runs 5 % faster or slower, above it is set.
 * @import {Store} from "./store.js"
 * @import {Range} from "../timeline.js"
 */
import { nextKept } from "../plans.js";
import { Signal } from "./signal.js";
import { Twins } from "./twins.js";

const AHEAD = 6000; // ms before a removed range at which the other videos go to its end

export class Player {
  /** The playhead moved. @type {Signal<number>} */
  moved = new Signal();
  /** Playing, pausing, speed, sound, skipping changed. @type {Signal<void>} */
  changed = new Signal();
  at = 0;
  playing = false;
  skip = true;
  rate = 1;

  #store;
  #twins;
  #frame;
  /** Those that tell already when they wait. @type {WeakSet<HTMLMediaElement>} */
  #known = new WeakSet();
  #until = Infinity;
  /** @type {(() => void) | null} */
  #then = null;
  #waiting = false;
  #silentClock = 0;

  /** @param {Store} store @param {HTMLMediaElement[]} media the one with sound first @param {number} frame ms of a frame */
  constructor(store, media, frame) {
    this.#store = store;
    this.#twins = new Twins(media);
    this.#frame = frame;
    media.slice(1).forEach((m) => (m.muted = true));
    this.#listen();
    store.changed.on(() => this.playing && this.#skipOver());
  }

  get #media() {
    return this.#twins.media;
  }

  get #lead() {
    return this.#twins.pairs[0]?.on;
  }

  #listen() {
    for (const m of this.#media) {
      if (this.#known.has(m)) continue;
      this.#known.add(m);
      const mine = (/** @type {() => void} */ then) => () => this.#media.includes(m) && then();
      m.addEventListener("waiting", mine(() => this.#stall(true)));
      for (const go of ["canplay", "seeked", "playing"]) m.addEventListener(go, mine(() => this.#stall(false)));
      m.addEventListener("ended", mine(() => m === this.#lead && this.pause()));
    }
  }

  get silent() {
    return this.#lead?.muted ?? true;
  }

  /** @param {boolean} muted */
  mute(muted) {
    if (this.#lead) this.#lead.muted = muted;
    this.changed.emit();
  }

  get volume() {
    return this.#lead?.volume ?? 1;
  }

  set volume(v) {
    if (this.#lead) this.#lead.volume = Math.max(0, Math.min(1, v));
    this.changed.emit();
  }

  /** @param {number} rate */
  setRate(rate) {
    this.rate = rate;
    this.#media.forEach((m) => (m.playbackRate = rate));
    this.changed.emit();
  }

  /** @param {number} ms */
  seek(ms) {
    const at = Math.max(0, Math.min(this.#store.duration, Math.round(ms)));
    this.at = at;
    this.#place(at);
    this.moved.emit(at);
  }

  /** Sets the pictures alone, for a preview while something is dragged. @param {number} ms */
  peek(ms) {
    this.#place(ms);
  }

  /** @param {number} ms */
  #place(ms) {
    const t = this.#seconds(ms);
    for (const m of this.#media) {
      const end = Number.isFinite(m.duration) ? m.duration : Infinity;
      m.currentTime = Math.min(t, end);
    }
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  play() {
    this.#until = Infinity;
    this.#then = null;
    if (this.at >= this.#store.duration - this.#frame) this.seek(0);
    this.#run();
  }

  /** Plays a stretch and stops; removed ranges inside play too. @param {Range} range @param {boolean} [asResult] skip as students see it @param {() => void} [then] */
  playRange(range, asResult = false, then) {
    const skip = this.skip;
    this.skip = asResult;
    this.seek(range.start);
    this.#until = range.end;
    this.#then = () => {
      this.skip = skip;
      this.changed.emit();
      then?.();
    };
    this.#run();
  }

  #run() {
    this.playing = true;
    this.#skipOver();
    const loads = this.#media.map((m) => m.play());
    Promise.all(loads).catch(() => this.#lead && this.#lead.paused && this.pause());
    this.changed.emit();
    this.#silentClock = performance.now();
    this.#tick();
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    this.#waiting = false;
    this.#media.forEach((m) => {
      m.pause();
      m.playbackRate = this.rate;
    });
    this.#then?.();
    this.#then = null;
    this.#until = Infinity;
    this.changed.emit();
  }

  /** One turn for each frame that is shown. */
  #tick = () => {
    if (!this.playing) return;
    const lead = /** @type {HTMLVideoElement | undefined} */ (this.#lead);
    if (lead) {
      this.at = Math.min(this.#store.duration, Math.max(0, lead.currentTime * 1000));
    } else {
      const now = performance.now(); // nothing here can be played: a clock alone
      this.at = Math.min(this.#store.duration, this.at + (now - this.#silentClock) * this.rate);
      this.#silentClock = now;
    }
    if (this.at >= this.#until || this.at >= this.#store.duration) {
      this.at = Math.min(this.#until, this.#store.duration);
      this.pause();
    } else {
      this.#skipOver();
      this.#keepStep();
    }
    this.moved.emit(this.at);
    if (!this.playing) return;
    const video = lead && "requestVideoFrameCallback" in lead && lead.videoWidth && !document.hidden ? lead : null;
    let turned = false;
    const turn = () => {
      if (turned) return;
      turned = true;
      this.#tick();
    };
    if (video) video.requestVideoFrameCallback(turn);
    requestAnimationFrame(video ? () => setTimeout(turn, 60) : turn);
  };

  #skipOver() {
    if (!this.skip) return;
    const { source, state } = this.#store;
    const to = nextKept(source, state, this.at);
    if (to === null) {
      const end = state.removed.find((r) => r.start <= this.at && this.at < r.end);
      this.pause();
      if (end) this.seek(end.start);
    } else if (to > this.at + 1) {
      this.#leap(to);
    } else {
      const gap = state.removed.find((r) => r.start >= this.at && r.start - this.at < AHEAD * this.rate);
      const next = gap && nextKept(source, state, gap.start);
      if (next) this.#twins.prepare(this.#seconds(next));
    }
  }

  /** Over a removed range: by the videos that wait behind it, else by seeking. @param {number} to ms */
  #leap(to) {
    if (!this.playing || !this.#twins.ready(this.#seconds(to))) return this.seek(to);
    this.#twins.swap();
    this.#listen();
    for (const m of this.#media) void m.play().catch(() => undefined);
    this.at = to;
    return this.moved.emit(to);
  }

  /** The middle of the frame that a moment begins: at its border it would be rounded to the one before. @param {number} ms */
  #seconds(ms) {
    return (ms + (ms < this.#store.duration ? this.#frame / 2 : 0)) / 1000;
  }

  #keepStep() {
    const lead = this.#lead;
    if (!lead || lead.seeking) return;
    for (const m of this.#media.slice(1)) {
      if (m.seeking || m.ended) continue;
      const apart = lead.currentTime - m.currentTime;
      if (Math.abs(apart) > 0.3) {
        m.currentTime = Math.min(lead.currentTime, m.duration || Infinity);
        m.playbackRate = this.rate;
      } else {
        m.playbackRate = this.rate * (Math.abs(apart) < 0.04 ? 1 : apart > 0 ? 1.05 : 0.95);
      }
    }
  }

  /** One of them has to load: all wait. @param {boolean} waits */
  #stall(waits) {
    if (!this.playing) return;
    if (waits && !this.#waiting) {
      this.#waiting = true;
      this.#media.forEach((m) => m.readyState >= 3 && m.pause());
    } else if (!waits && this.#waiting && this.#media.every((m) => m.readyState >= 3 || m.ended)) {
      this.#waiting = false;
      this.#media.forEach((m) => !m.ended && m.play().catch(() => undefined));
    }
  }
}
