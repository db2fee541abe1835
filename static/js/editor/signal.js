// @ts-check

/** Somebody tells, others listen. @template T */
export class Signal {
  /** @type {Set<(value: T) => void>} */
  #listeners = new Set();

  /** @param {(value: T) => void} listener @returns {() => void} ends the listening */
  on(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param {T} value */
  emit(value) {
    for (const listener of [...this.#listeners]) listener(value);
  }
}

/** Calls work once in the next frame, however often it is asked for. @param {() => void} work */
export function nextFrame(work) {
  let asked = 0;
  return () => {
    if (asked) return;
    asked = requestAnimationFrame(() => {
      asked = 0;
      work();
    });
  };
}
