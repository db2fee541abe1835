// @ts-check
/**
 * What the server has not said yes to yet, kept in this browser: it survives reload, a closed laptop and dead nodes.
 * Each tab writes its own list; a new tab takes over the lists that it finds. An op sent twice has one id, so it is done once.
 * @import {Op} from "../timeline.js"
 */

/** @typedef {{id: string, base: number, op: Op, at: number}} Pending */

export class Outbox {
  #prefix;
  #key;
  #storage;

  /** @param {string} event @param {string} user @param {Storage} [storage] @param {string} [tab] */
  constructor(event, user, storage = localStorage, tab = crypto.randomUUID()) {
    this.#storage = storage;
    this.#prefix = `cutroom.kept.${event}.${user}.`;
    this.#key = this.#prefix + tab;
  }

  /** All that was kept, oldest first; from here on it is this tab's. @returns {Pending[]} */
  takeOver() {
    /** @type {Map<string, Pending>} */
    const found = new Map();
    for (const key of Object.keys(this.#storage).filter((k) => k.startsWith(this.#prefix))) {
      for (const p of this.#read(key)) found.set(p.id, p);
      if (key !== this.#key) this.#storage.removeItem(key);
    }
    const all = [...found.values()].sort((a, b) => a.at - b.at);
    this.keep(all);
    return all;
  }

  /** @param {Pending[]} pending @returns {boolean} false when the browser has no room: then only this page holds them */
  keep(pending) {
    try {
      if (pending.length) this.#storage.setItem(this.#key, JSON.stringify(pending));
      else this.#storage.removeItem(this.#key);
      return true;
    } catch {
      return false;
    }
  }

  /** @param {string} key @returns {Pending[]} */
  #read(key) {
    try {
      const list = JSON.parse(this.#storage.getItem(key) ?? "[]");
      return Array.isArray(list) ? list.filter((p) => typeof p?.id === "string" && p.op && typeof p.op === "object") : [];
    } catch {
      return [];
    }
  }
}
