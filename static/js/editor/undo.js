// @ts-check
/**
 * Undo is one's own: each gesture is a step, taken back by its inverse on the state as it is now, as a new op.
 * @import {Op} from "../timeline.js"
 * @import {Store} from "./store.js"
 * @import {Author, LoggedOp} from "./types.js"
 */
import { apply, collide, invert } from "../timeline.js";
import { Signal } from "./signal.js";

/** @typedef {{ops: Op[], back: Op[], touched: Author | null}} Step  touched: who changed the same since */

export class Undo {
  /** @type {Signal<void>} */
  changed = new Signal();
  /** @type {Step[]} */
  done = [];
  /** @type {Step[]} */
  undone = [];
  #store;

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
    store.foreign.on((ops) => this.#touch(ops));
    store.refused.on(({ pending }) => {
      this.done = this.done.filter((s) => !s.ops.includes(pending.op));
      this.changed.emit();
    });
  }

  /** Does a gesture that can be taken back. @param {Op[]} ops */
  perform(ops) {
    if (!ops.length) return;
    const back = this.#inverse(ops);
    this.#store.submit(ops);
    if (back.length) this.done = [...this.done.slice(-199), { ops, back, touched: null }];
    this.undone = [];
    this.changed.emit();
  }

  /** The step that would be taken back, or done again. @param {boolean} again */
  next(again) {
    return (again ? this.undone : this.done).at(-1);
  }

  /** @param {boolean} again true: redo */
  turn(again) {
    const step = this.next(again);
    if (!step) return null;
    const ops = step.back;
    const back = this.#inverse(ops);
    this.#store.submit(ops);
    const turned = { ops, back: back.length ? back : step.ops, touched: null };
    if (again) {
      this.undone = this.undone.slice(0, -1);
      this.done = [...this.done, turned];
    } else {
      this.done = this.done.slice(0, -1);
      this.undone = [...this.undone, turned];
    }
    this.changed.emit();
    return step;
  }

  /** @param {Op[]} ops @returns {Op[]} */
  #inverse(ops) {
    let state = this.#store.state;
    /** @type {Op[]} */
    let back = [];
    for (const op of ops) {
      back = [...invert(this.#store.source, state, op), ...back];
      state = apply(this.#store.source, state, op);
    }
    return back;
  }

  /** @param {LoggedOp[]} others */
  #touch(others) {
    for (const step of [...this.done, ...this.undone]) {
      const by = others.find((o) => step.ops.some((op) => collide(op, o.op)));
      if (by) step.touched = by.author;
    }
  }
}
