// @ts-check

/** How fast something goes, over the last 15 s, and so how long the rest takes. */
export class Pace {
  /** @type {{ at: number, done: number }[]} */
  #seen = [];

  /**
   * Milliseconds left, or null while it is not steady (less than 2 s seen).
   * @param {number} done
   * @param {number} total
   * @param {number} [now] ms
   * @returns {number | null}
   */
  left(done, total, now = performance.now()) {
    this.#seen.push({ at: now, done });
    while (this.#seen.length > 2 && now - (this.#seen[0]?.at ?? now) > 15_000) this.#seen.shift();
    const first = this.#seen[0];
    if (!first || now - first.at < 2000 || done <= first.done) return null;
    return ((total - done) * (now - first.at)) / (done - first.done);
  }
}
