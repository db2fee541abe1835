// @ts-check
/**
 * The same ops by HTTP, where sockets are blocked: pending ones go by POST, others' are asked for every two seconds.
 * @import {Store} from "./store.js"
 * @import {Data} from "./types.js"
 */
import { api } from "./api.js";

export class Polling {
  active = false;
  #timer = 0;
  #busy = false;
  #data;
  #store;
  #become;
  #hear;
  #turns = 0;

  /**
   * @param {Data} data @param {Store} store @param {(status: "http" | "offline" | "signed-out" | "forbidden" | "gone") => void} become
   * @param {(message: object) => void} hear what else a socket would say: who is here
   */
  constructor(data, store, become, hear) {
    this.#data = data;
    this.#store = store;
    this.#become = become;
    this.#hear = hear;
  }

  start() {
    if (this.active) return;
    this.active = true;
    this.#turn();
  }

  stop() {
    this.active = false;
    clearTimeout(this.#timer);
  }

  flush() {
    clearTimeout(this.#timer);
    this.#turn();
  }

  async #turn() {
    if (this.#busy || !this.active) return;
    this.#busy = true;
    try {
      if (this.#store.pending.length) await this.#post();
      await this.#ask();
      this.#become("http");
    } catch (e) {
      const status = /** @type {{status?: number}} */ (e).status;
      this.#become(status === 401 ? "signed-out" : status === 403 ? "forbidden" : status === 404 ? "gone" : "offline");
    }
    this.#busy = false;
    clearTimeout(this.#timer);
    if (this.active) this.#timer = window.setTimeout(() => this.#turn(), 2000);
  }

  async #post() {
    const list = this.#store.pending.slice(0, 100);
    const answer = await api("POST", this.#data.opsUrl, list.map((p) => ({ id: p.id, base: Math.min(p.base, this.#store.rev), op: p.op })));
    for (const r of answer.results) {
      if (r.rev) this.#store.ack(r.id, r.rev);
      else this.#store.refuse(r.id, r.code, r.message);
    }
  }

  async #ask() {
    const answer = await api("GET", `${this.#data.opsUrl}?since=${this.#store.rev}`);
    this.#store.receive(answer.ops ?? []);
    if (this.#turns++ % 3) return;
    const here = await api("GET", this.#data.live.replace(/live$/, "editors"));
    this.#hear({ type: "editors", editors: here.editors });
  }
}
