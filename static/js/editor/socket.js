// @ts-check
/**
 * The line to the server: the socket of LIVE.md, and plain HTTP where sockets are blocked. Comes back by itself, sends again
 * what was not acknowledged, and tells in `status` how it stands.
 * @import {Store} from "./store.js"
 * @import {Pending} from "./outbox.js"
 * @import {Data} from "./types.js"
 */
import { Polling } from "./polling.js";
import { Signal } from "./signal.js";

/** @typedef {"connecting" | "open" | "http" | "offline" | "waiting" | "signed-out" | "forbidden" | "gone"} Status */

const WORKS = new Set(["open", "http"]);

export class Socket {
  /** @type {Status} */
  status = "connecting";
  /** @type {Signal<Status>} */
  changed = new Signal();
  /** Every message but those of ops. @type {Signal<any>} */
  message = new Signal();
  /** This connection's session. */
  session = "";
  /** When the line broke (ms since 1970), 0 while it holds. */
  lost = 0;

  /** @type {WebSocket | null} */
  #ws = null;
  #tries = 0;
  #opened = false;
  #timer = 0;
  #impatient = 0;
  #data;
  #store;
  #polling;

  /** @param {Data} data @param {Store} store */
  constructor(data, store) {
    this.#data = data;
    this.#store = store;
    this.#polling = new Polling(data, store, (status) => this.#become(status), (message) => this.message.emit(message));
    store.fresh.on((fresh) => this.#sendOps(fresh));
    store.gap.on(() => this.#askAgain());
    addEventListener("online", () => this.connect());
    addEventListener("offline", () => this.#become("offline"));
    for (const wake of ["focus", "pageshow"]) addEventListener(wake, () => this.status === "waiting" || this.status === "signed-out" ? this.connect() : undefined);
  }

  get works() {
    return WORKS.has(this.status);
  }

  connect() {
    clearTimeout(this.#timer);
    if (this.#ws && this.#ws.readyState <= WebSocket.OPEN) return;
    if (!navigator.onLine) this.#become("offline");
    const url = new URL(this.#data.live, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("since", String(this.#store.rev));
    const ws = new WebSocket(url, "cutroom.v1");
    this.#ws = ws;
    ws.onmessage = (e) => this.#ws === ws && this.#hear(JSON.parse(e.data));
    ws.onclose = (e) => this.#ws === ws && this.#closed(e.code);
  }

  /** Sends what is only true for a moment; lost when the line is broken. @param {object} message */
  send(message) {
    if (this.status !== "open" || this.#ws?.readyState !== WebSocket.OPEN) return false;
    this.#ws.send(JSON.stringify(message));
    return true;
  }

  /** @param {any} m */
  #hear(m) {
    switch (m.type) {
      case "hello":
        this.session = m.you?.session ?? "";
        if (m.state) this.#store.reset(m.rev, m.state);
        else this.#store.receive(m.ops ?? []);
        this.#tries = 0;
        this.#opened = true;
        this.#polling.stop();
        this.#become("open");
        this.#sendOps(this.#store.pending);
        break;
      case "ops":
        this.#store.receive(m.ops);
        break;
      case "ack":
        this.#store.ack(m.id, m.rev);
        break;
      case "refuse":
        if (m.id && m.code === "too-fast") this.#again(m.id);
        else if (m.id) this.#store.refuse(m.id, m.code, m.message);
        break;
    }
    if (!this.#store.pending.length) clearTimeout(this.#impatient);
    this.message.emit(m);
  }

  /** @param {number} code */
  #closed(code) {
    this.#ws = null;
    clearTimeout(this.#impatient);
    const final = /** @type {Record<number, Status>} */ ({ 4401: "signed-out", 4403: "forbidden", 4404: "gone" })[code];
    if (final) {
      this.#become(final);
      if (final === "signed-out") this.#later(15_000);
      return;
    }
    this.#tries++;
    if (this.#polling.active) {
      this.#later(10_000);
      return;
    }
    this.#become(navigator.onLine ? "waiting" : "offline");
    if (this.#tries >= (this.#opened ? 6 : 3)) this.#polling.start();
    if (code === 1012) this.#later(100 + Math.random() * 900);
    else if (code === 1013) this.#later(4000 + Math.random() * 4000);
    else this.#later(Math.min(10_000, 250 * 2 ** Math.min(this.#tries - 1, 6)) * (0.7 + Math.random() * 0.6));
  }

  /** @param {number} ms */
  #later(ms) {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.connect(), ms);
  }

  /** @param {Pending[]} list paced: the server takes 50 messages a second */
  #sendOps(list) {
    if (this.#polling.active) return this.#polling.flush();
    list.slice(0, 40).forEach((p) => this.send({ type: "op", id: p.id, base: Math.min(p.base, this.#store.rev), op: p.op }));
    if (list.length > 40) setTimeout(() => this.#sendOps(list.slice(40).filter((p) => this.#store.pending.includes(p))), 1100);
    clearTimeout(this.#impatient);
    if (list.length) this.#impatient = window.setTimeout(() => this.#giveUp(), 8000);
    return undefined;
  }

  /** The server had no time for this op: once more. @param {string} id */
  #again(id) {
    setTimeout(() => this.#sendOps(this.#store.pending.filter((p) => p.id === id)), 1500);
  }

  /** No answer: the line is dead without knowing it. */
  #giveUp() {
    const ws = this.#ws;
    if (!ws || !this.#store.pending.length) return;
    this.#closed(1006);
    ws.close();
  }

  /** Ops are missing: come again with the rev that is here. */
  #askAgain() {
    const ws = this.#ws, { rev } = this.#store;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      if (this.#ws !== ws || !ws || (this.#store.rev > rev && !this.#store.waits)) return; // they came meanwhile
      this.#ws = null;
      ws.close(1000);
      this.connect();
    }, 300);
  }

  /** @param {Status} status */
  #become(status) {
    if (status === this.status) return;
    this.status = status;
    this.lost = this.works ? 0 : this.lost || Date.now();
    this.changed.emit(status);
  }
}
