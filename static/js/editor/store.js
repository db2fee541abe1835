// @ts-check
/**
 * The edit in this browser: what the server confirmed, what is on its way, and both together as people see it.
 * Every answer of the server leads to: confirmed state, then the pending ops painted on it again.
 * @import {Op, Source, State} from "../timeline.js"
 * @import {LoggedOp} from "./types.js"
 * @import {Pending} from "./outbox.js"
 */
import { apply, Refusal } from "../timeline.js";
import { Signal } from "./signal.js";

export class Store {
  /** The state changed, by whomever. @type {Signal<void>} */
  changed = new Signal();
  /** The list of what is on its way changed. @type {Signal<void>} */
  moved = new Signal();
  /** New ops of one's own, to be sent. @type {Signal<Pending[]>} */
  fresh = new Signal();
  /** Ops of others came in. @type {Signal<LoggedOp[]>} */
  foreign = new Signal();
  /** The server refused an op. @type {Signal<{pending: Pending, code: string, message: string}>} */
  refused = new Signal();
  /** Ops are missing between what is here and what came. @type {Signal<void>} */
  gap = new Signal();
  /** One's own op got its place. @type {Signal<{id: string, op: Op, rev: number}>} */
  settled = new Signal();

  /** Acknowledged before the ops in front of it came. @type {Map<number, Op>} */
  #ahead = new Map();
  #outbox;

  /**
   * @param {Source} source @param {{rev: number, state: State}} edit
   * @param {{keep: (pending: Pending[]) => boolean, takeOver: () => Pending[]}} outbox
   */
  constructor(source, edit, outbox) {
    this.source = source;
    this.rev = edit.rev;
    this.confirmed = edit.state;
    this.#outbox = outbox;
    /** @type {Pending[]} */
    this.pending = outbox.takeOver();
    /** False when the browser could not keep the list. */
    this.kept = true;
    this.state = this.#paint();
  }

  /** Whether ops are missing before one that was acknowledged. */
  get waits() {
    return this.#ahead.size > 0;
  }

  get duration() {
    return this.source.duration;
  }

  /**
   * Does ops at once here and sends them. All or none.
   * @param {Op[]} ops @returns {Pending[]} @throws {Refusal}
   */
  submit(ops) {
    let state = this.state;
    for (const op of ops) state = apply(this.source, state, op);
    const now = Date.now();
    const fresh = ops.map((op, i) => ({ id: crypto.randomUUID(), base: this.rev, op, at: now + i / 1000 }));
    this.pending = [...this.pending, ...fresh];
    this.state = state;
    this.#keep();
    this.changed.emit();
    this.fresh.emit(fresh);
    return fresh;
  }

  /** Ops of the log, in rev order; known ones are passed over. @param {LoggedOp[]} ops */
  receive(ops) {
    /** @type {LoggedOp[]} */
    const others = [];
    for (const logged of ops) {
      if (logged.rev <= this.rev) continue;
      if (logged.rev > this.rev + 1) {
        this.gap.emit();
        break;
      }
      this.#confirm(logged.rev, logged.op);
      const own = this.#settle(logged.id, logged.rev);
      if (!own) others.push(logged);
      this.#drain();
    }
    this.#repaint();
    if (others.length) this.foreign.emit(others);
  }

  /** One's own op is in the log. @param {string} id @param {number} rev */
  ack(id, rev) {
    const own = this.pending.find((p) => p.id === id);
    if (own && rev > this.rev) this.#ahead.set(rev, own.op);
    this.#settle(id, rev);
    this.#drain();
    if (this.#ahead.size) this.gap.emit();
    this.#repaint();
  }

  /** One's own op does not go in: it springs back. @param {string} id @param {string} code @param {string} message */
  refuse(id, code, message) {
    const pending = this.pending.find((p) => p.id === id);
    if (!pending) return;
    this.pending = this.pending.filter((p) => p !== pending);
    this.#keep();
    this.#repaint();
    this.refused.emit({ pending, code, message });
  }

  /** The server's whole state, after a long absence. @param {number} rev @param {State} state */
  reset(rev, state) {
    this.rev = rev;
    this.confirmed = state;
    for (const r of [...this.#ahead.keys()]) if (r <= rev) this.#ahead.delete(r);
    this.#drain();
    this.#repaint();
  }

  #paint() {
    let state = this.confirmed;
    for (const op of [...this.#ahead.values(), ...this.pending.map((p) => p.op)]) {
      try {
        state = apply(this.source, state, op);
      } catch (e) {
        if (!(e instanceof Refusal)) throw e; // the server will say so too
      }
    }
    return state;
  }

  #repaint() {
    this.state = this.#paint();
    this.changed.emit();
  }

  /** @param {number} rev @param {Op} op */
  #confirm(rev, op) {
    this.rev = rev;
    try {
      this.confirmed = apply(this.source, this.confirmed, op);
    } catch {
      this.gap.emit(); // a newer server knows more than this page: take its state whole
    }
  }

  /** @param {string} id @param {number} rev @returns {boolean} whether it was one's own */
  #settle(id, rev) {
    const own = this.pending.find((p) => p.id === id);
    if (!own) return false;
    this.pending = this.pending.filter((p) => p !== own);
    this.#keep();
    this.settled.emit({ id, op: own.op, rev });
    return true;
  }

  #drain() {
    for (let op = this.#ahead.get(this.rev + 1); op; op = this.#ahead.get(this.rev + 1)) {
      this.#ahead.delete(this.rev + 1);
      this.#confirm(this.rev + 1, op);
    }
  }

  #keep() {
    this.kept = this.#outbox.keep(this.pending);
    this.moved.emit();
  }
}
