// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { clock, parse, span } from "./time.js";
import { vtt } from "./vtt.js";

test("times as people read them", () => {
  assert.equal(clock(1074500), "17:54.50");
  assert.equal(clock(1074500, 1), "17:54.5");
  assert.equal(clock(3723000, 0), "1:02:03");
  assert.equal(clock(0), "0:00.00");
  assert.equal(clock(59999, 0), "0:59");
  assert.equal(span(18500, "en"), "18.5\u00a0s");
  assert.equal(span(18500, "de"), "18,5\u00a0s");
  assert.equal(span(48000, "en"), "48\u00a0s");
  assert.equal(span(2554000, "en"), "42:34");
});

test("times as people type them", () => {
  /** @type {[string, number | null][]} */
  const cases = [["17:54.5", 1074500], ["17:54,5", 1074500], ["1:02:03", 3723000], ["1754", 1074000], ["5", 5000], ["130", 90000], ["10203", 3723000],
    ["62s", 62000], ["1.5s", 1500], ["25f", 1000], ["+2f", 10080], ["-1s", 9000], ["-20s", 0], ["2m", 120000], ["12.5", 12500],
    ["", null], ["abc", null], ["1:75", null], ["1:80:00", null], ["99", 99000], ["199", null], ["1:2:3:4", null], ["+", null]];
  for (const [text, want] of cases) assert.equal(parse(text, 10000, 25), want, text);
});

test("lines as a WebVTT file", () => {
  assert.equal(vtt([{ id: "1", start: 0, end: 900, text: "Hi --> you\n\nthere" }, { id: "2", start: 3_723_004, end: 3_724_000, text: "Ä" }]),
    "WEBVTT\n\n00:00:00.000 --> 00:00:00.900\nHi → you\nthere\n\n01:02:03.004 --> 01:02:04.000\nÄ\n");
});
