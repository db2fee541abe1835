// @ts-check
/**
 * Gapless: for every video a second one of the same file waits, paused, at the next kept moment. When a removed range
 * comes, the two change places, so that nothing has to load. On touch devices, which decode few videos at once, the one
 * video seeks.
 */

/** @typedef {{on: HTMLMediaElement, off: HTMLMediaElement | null}} Pair */

export class Twins {
  /** @type {Pair[]} */
  pairs;
  #able = !matchMedia("(pointer: coarse)").matches;
  #target = -1;

  /** @param {HTMLMediaElement[]} media */
  constructor(media) {
    this.pairs = media.map((on) => ({ on, off: null }));
  }

  /** The ones that are seen and heard. */
  get media() {
    return this.pairs.map((p) => p.on);
  }

  /** Lets the others wait at a moment. @param {number} seconds */
  prepare(seconds) {
    if (!this.#able || this.#target === seconds) return;
    this.#target = seconds;
    for (const pair of this.pairs) {
      pair.off ??= this.#make(pair.on);
      pair.off.currentTime = seconds;
    }
  }

  /** @param {number} seconds @returns {boolean} whether all wait there, ready to go on */
  ready(seconds) {
    return this.#able && this.#target === seconds && this.pairs.every(({ off }) => off && !off.seeking && off.readyState >= 3 && Math.abs(off.currentTime - seconds) < 0.2);
  }

  /** The two change places; what was on is paused. */
  swap() {
    this.#target = -1;
    for (const pair of this.pairs) {
      const { on, off } = pair;
      if (!off) continue;
      off.muted = on.muted;
      off.volume = on.volume;
      off.playbackRate = on.playbackRate;
      off.classList.remove("ed-twin");
      on.classList.add("ed-twin");
      on.pause();
      [pair.on, pair.off] = [off, on];
    }
  }

  /** @param {HTMLMediaElement} media @returns {HTMLMediaElement} */
  #make(media) {
    const twin = /** @type {HTMLMediaElement} */ (media.cloneNode(false));
    twin.classList.add("ed-twin");
    twin.setAttribute("aria-hidden", "true");
    twin.muted = true;
    media.after(twin);
    return twin;
  }
}
