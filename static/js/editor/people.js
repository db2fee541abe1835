// @ts-check
/**
 * Who else is here: where they are, and telling them where I am. Tabs of one person are one face; who leaves stays grey
 * for five seconds, so that a reload does not flicker.
 * @import {Editor, Person} from "./types.js"
 */
import { Signal } from "./signal.js";

/** @param {string} text */
export function colourOf(text) {
  let h = 2166136261;
  for (const b of new TextEncoder().encode(text)) h = Math.imul(h ^ b, 16777619) >>> 0;
  return (h % 6) + 1;
}

/** @typedef {Person & {key: string, colour: string, left?: boolean}} Someone */

export class People {
  /** @type {Signal<void>} */
  changed = new Signal();
  /** Others, in the order of their coming. @type {Someone[]} */
  others = [];
  /** Whom one follows. @type {string} */
  following = "";

  #ed;
  #place = { place: "cutting", playhead: 0, selection: /** @type {[number, number] | null} */ (null), drag: /** @type {number | null} */ (null) };
  #timer = 0;
  #last = 0;
  #sent = "";

  /** @param {Editor} ed */
  constructor(ed) {
    this.#ed = ed;
    this.#take(ed.data.editors);
  }

  start() {
    const ed = this.#ed;
    ed.socket.message.on((m) => m.type === "editors" && this.#take(m.editors));
    ed.socket.changed.on((s) => {
      if (s !== "open") return;
      this.#sent = "";
      this.say({});
    });
    ed.player.moved.on((at) => this.say({ playhead: Math.round(at) }));
    ed.mark.changed.on(() => this.say({ selection: ed.mark.range ? [ed.mark.range.start, ed.mark.range.end] : null }));
    setInterval(() => {
      this.#sent = "";
      if (!document.hidden) this.say({});
    }, 20_000);
  }

  /** @param {string} key */
  find(key) {
    return this.others.find((p) => p.key === key);
  }

  /** Somebody by the author of an op. @param {{session?: string, name: string, user?: string}} author */
  ofAuthor(author) {
    return this.others.find((p) => p.session === author.session) ?? this.others.find((p) => p.key === (author.user ?? "")) ?? this.others.find((p) => p.name === author.name);
  }

  /** @param {{name: string, user?: string, session?: string}} author @returns {string} the token of the person's colour */
  colour(author) {
    return this.ofAuthor(author)?.colour ?? `p${colourOf(author.user || author.name)}`;
  }

  /** @param {Person[]} list */
  #take(list) {
    const you = this.#ed.data.you, session = this.#ed.socket?.session;
    /** @type {Map<string, Someone>} */
    const now = new Map();
    const rank = { active: 0, idle: 1, away: 2 };
    for (const p of list) {
      const mine = p.user ? p.user === you.user : p.session === session || p.name === you.name;
      if (mine) continue;
      const key = p.user || p.name;
      const known = now.get(key);
      const better = !known || (rank[/** @type {"active"} */ (p.state)] ?? 3) < (rank[/** @type {"active"} */ (known.state)] ?? 3);
      if (better) now.set(key, { ...p, key, colour: "" });
    }
    for (const gone of this.others) {
      if (now.has(gone.key)) continue;
      if (gone.left) {
        now.set(gone.key, gone);
        continue;
      }
      now.set(gone.key, { ...gone, left: true });
      setTimeout(() => {
        this.others = this.others.filter((p) => p.key !== gone.key || !p.left);
        this.changed.emit();
      }, 5000);
    }
    const before = this.others.map((p) => p.key);
    this.others = [...now.values()].sort((a, b) => (before.indexOf(a.key) + 1 || 99) - (before.indexOf(b.key) + 1 || 99) || (a.since ?? "").localeCompare(b.since ?? ""));
    const taken = new Set();
    for (const p of this.others) {
      let n = colourOf(p.key);
      for (let i = 0; i < 6 && taken.has(n); i++) n = (n % 6) + 1;
      taken.add(n);
      p.colour = `p${n}`;
    }
    if (this.following && !this.others.some((p) => p.key === this.following && !p.left)) this.follow("");
    this.changed.emit();
  }

  /** @param {string} key "" ends it */
  follow(key) {
    this.following = key;
    this.changed.emit();
  }

  /** Tells the others where I am, at most ten times a second. @param {Partial<{place: string, playhead: number, selection: [number, number] | null, drag: number | null}>} change */
  say(change) {
    Object.assign(this.#place, change);
    if (this.#timer) return;
    const wait = Math.max(0, 110 - (Date.now() - this.#last));
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      const text = JSON.stringify(this.#place);
      if (text === this.#sent) return;
      /** @type {Record<string, unknown>} */
      const message = { type: "where", place: this.#place.place, playhead: this.#place.playhead, selection: this.#place.selection };
      if (this.#place.drag !== null) message.drag = this.#place.drag;
      if (!this.#ed.socket.send(message)) return;
      this.#sent = text;
      this.#last = Date.now();
    }, wait);
  }
}
