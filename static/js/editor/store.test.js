// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { kept, untouched } from "../timeline.js";
import { Outbox } from "./outbox.js";
import { Store } from "./store.js";
import { Undo } from "./undo.js";

/** @import {Op} from "../timeline.js" */
/** @import {Pending} from "./outbox.js" */

const source = { duration: 10000, tracks: [] };
/** @param {number} start @param {number} end @param {boolean} [keep] @returns {Op} */
const cut = (start, end, keep = false) => ({ kind: "cut", start, end, keep });
const author = { session: "s2", name: "Jonas Weber" };

function setup() {
  /** @type {Pending[][]} */
  const kepts = [];
  const store = new Store(source, { rev: 0, state: untouched() }, { keep: (p) => kepts.push(p) > 0, takeOver: () => [] });
  return { store, kepts };
}

test("an op shows at once, is kept until it is acknowledged, and then is the server's", () => {
  const { store, kepts } = setup();
  const [own] = store.submit([cut(0, 1000)]);
  assert.deepEqual(store.state.removed, [{ start: 0, end: 1000 }]);
  assert.deepEqual(store.confirmed.removed, []);
  assert.equal(kepts.at(-1)?.length, 1);
  store.ack(own.id, 1);
  assert.deepEqual(store.confirmed.removed, [{ start: 0, end: 1000 }]);
  assert.equal(store.rev, 1);
  assert.equal(kepts.at(-1)?.length, 0);
});

test("another's op goes under the pending ones", () => {
  const { store } = setup();
  const [own] = store.submit([cut(0, 1000)]);
  store.receive([{ rev: 1, id: "x", author, op: cut(500, 2000, true) }]);
  assert.deepEqual(store.state.removed, [{ start: 0, end: 1000 }], "mine comes later in the order");
  store.receive([{ rev: 2, id: own.id, author: { name: "me" }, op: own.op }]);
  assert.deepEqual(store.confirmed, store.state);
  store.ack(own.id, 2);
  assert.equal(store.rev, 2);
});

test("an acknowledgement before the ops in front of it", () => {
  const { store } = setup();
  let gaps = 0;
  store.gap.on(() => gaps++);
  const [own] = store.submit([cut(0, 1000)]);
  store.ack(own.id, 2);
  assert.equal(store.rev, 0);
  assert.equal(gaps, 1);
  assert.deepEqual(store.state.removed, [{ start: 0, end: 1000 }], "it does not spring back meanwhile");
  store.receive([{ rev: 1, id: "x", author, op: cut(3000, 4000) }]);
  assert.equal(store.rev, 2);
  assert.equal(store.confirmed.removed.length, 2);
});

test("a refused op springs back and says why", () => {
  const { store } = setup();
  /** @type {string[]} */
  const said = [];
  store.refused.on((r) => said.push(r.message));
  const [own] = store.submit([cut(0, 1000)]);
  store.refuse(own.id, "beyond-end", "It ends at 0:09.");
  assert.deepEqual(store.state.removed, []);
  assert.deepEqual(said, ["It ends at 0:09."]);
});

test("a wrong gesture changes nothing at all", () => {
  const { store } = setup();
  assert.throws(() => store.submit([cut(0, 1000), cut(5000, 20000)]), { code: "beyond-end" });
  assert.deepEqual(store.state.removed, []);
  assert.equal(store.pending.length, 0);
});

test("kept ops survive a reload, and two tabs' lists become one", () => {
  const map = new Map();
  const storage = /** @type {any} */ (new Proxy({ getItem: (/** @type {string} */ k) => map.get(k) ?? null, setItem: (/** @type {string} */ k, /** @type {string} */ v) => map.set(k, v), removeItem: (/** @type {string} */ k) => map.delete(k) }, { ownKeys: () => [...map.keys()], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) }));
  const one = new Outbox("e", "ben", storage, "t1"), two = new Outbox("e", "ben", storage, "t2"), other = new Outbox("e", "chloe", storage, "t3");
  one.keep([{ id: "a", base: 0, op: cut(0, 1), at: 2 }]);
  two.keep([{ id: "b", base: 0, op: cut(2, 3), at: 1 }]);
  other.keep([{ id: "c", base: 0, op: cut(2, 3), at: 1 }]);
  const again = new Outbox("e", "ben", storage, "t4");
  assert.deepEqual(again.takeOver().map((p) => p.id), ["b", "a"]);
  assert.equal(map.size, 2);
  map.set("cutroom.kept.e.ben.t9", "{broken");
  assert.equal(new Outbox("e", "ben", storage, "t5").takeOver().length, 2);
});

test("undo takes back one's own gesture on the present state", () => {
  const { store } = setup();
  const undo = new Undo(store);
  undo.perform([cut(0, 1000), cut(2000, 3000)]);
  store.receive([{ rev: 1, id: "x", author, op: cut(5000, 6000) }]);
  assert.equal(undo.next(false)?.touched, null);
  undo.turn(false);
  assert.deepEqual(store.state.removed, [{ start: 5000, end: 6000 }], "Jonas's stays");
  undo.turn(true);
  assert.equal(kept(source, store.state).length, 3);
  undo.turn(false);
  assert.equal(store.state.removed.length, 1);
});

test("undo knows who changed the same since", () => {
  const { store } = setup();
  const undo = new Undo(store);
  undo.perform([cut(0, 1000)]);
  store.receive([{ rev: 1, id: "x", author, op: cut(500, 600, true) }]);
  assert.equal(undo.next(false)?.touched?.name, "Jonas Weber");
});
