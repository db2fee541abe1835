// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { apply, collide, invert, kept, length, Refusal, untouched } from "./timeline.js";

/** @import {Op, Source, State} from "./timeline.js" */

/** @type {{name: string, source: Source, state: State, op: Op, want?: State, refuse?: string}[]} */
const vectors = JSON.parse(readFileSync(new URL("../../internal/edit/testdata/timeline.json", import.meta.url), "utf8"));

for (const v of vectors) {
  test(v.name, () => {
    const before = structuredClone(v.state);
    if (v.refuse) {
      assert.throws(() => apply(v.source, v.state, v.op), (e) => e instanceof Refusal && e.code === v.refuse);
    } else {
      assert.deepEqual(apply(v.source, v.state, v.op), v.want);
    }
    assert.deepEqual(v.state, before, "the given state is not changed");
  });
}

test("an op and its inverse leave no trace", () => {
  for (const v of vectors.filter((v) => v.want)) {
    const back = invert(v.source, v.state, v.op);
    const after = back.reduce((state, op) => apply(v.source, state, op), apply(v.source, v.state, v.op));
    const plain = (/** @type {State} */ s) => ({ ...s, thumbnail: s.thumbnail ?? null, tracks: s.tracks.filter((t) => !t.video || !t.audio) });
    assert.deepEqual(plain(after), plain(v.state), v.name);
  }
});

test("random cuts: what is kept is what the ops paint, in this order", () => {
  const source = { duration: 60, tracks: [] };
  let seed = 7;
  const random = (/** @type {number} */ n) => (seed = (seed * 48271) % 2147483647) % n;
  for (let round = 0; round < 200; round++) {
    const paint = Array(60).fill(true);
    let state = untouched();
    for (let i = 0; i < 12; i++) {
      const start = random(59), end = start + 1 + random(60 - start), keep = random(2) === 0;
      try {
        state = apply(source, state, { kind: "cut", start, end: Math.min(end, 60), keep });
        paint.fill(keep, start, Math.min(end, 60));
      } catch (e) {
        assert.ok(e instanceof Refusal);
      }
    }
    const model = paint.filter(Boolean).length;
    assert.equal(length(kept(source, state)), model);
    for (const r of kept(source, state)) assert.ok(paint.slice(r.start, r.end).every(Boolean));
  }
});

test("parts: split at borders, a border in a removed range does not show", () => {
  const source = { duration: 100, tracks: [] };
  const state = { ...untouched(), removed: [{ start: 20, end: 40 }], borders: [30, 40, 60] };
  assert.deepEqual(kept(source, state), [{ start: 0, end: 20 }, { start: 40, end: 60 }, { start: 60, end: 100 }]);
});

test("who collides with whom", () => {
  const cut = (/** @type {number} */ start, /** @type {number} */ end, keep = false) => ({ kind: "cut", start, end, keep });
  assert.ok(collide(cut(0, 10), cut(5, 15, true)));
  assert.ok(!collide(cut(0, 10), cut(5, 15)), "both remove");
  assert.ok(!collide(cut(0, 10), cut(10, 15, true)), "they only touch");
  assert.ok(collide({ kind: "chapter", id: "a", at: 1, title: "x" }, { kind: "chapter-remove", id: "a" }));
  assert.ok(collide({ kind: "split", at: 5 }, { kind: "join", at: 5 }));
  assert.ok(!collide({ kind: "split", at: 5 }, { kind: "join", at: 6 }));
});
