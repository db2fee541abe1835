// @ts-check
/**
 * What a gesture of a person means in ops, and how the timeline reads as a list. Pure, like timeline.js.
 * @import {Source, State, Range, Op} from "./timeline.js"
 */
import { kept, keptRanges, within } from "./timeline.js";

/**
 * @typedef {{removed: false, number: number, start: number, end: number}} Part
 * @typedef {{removed: true, number: 0, start: number, end: number}} Gap
 */

/** States never change, so what was counted for one holds. @type {WeakMap<State, (Part | Gap)[]>} */
const counted = new WeakMap();

/** Parts and removed ranges in the order of the timeline. Parts are counted from 1. @param {Source} source @param {State} state @returns {(Part | Gap)[]} */
export function pieces(source, state) {
  const known = counted.get(state);
  if (known) return known;
  /** @type {(Part | Gap)[]} */
  const parts = kept(source, state).map((r, i) => ({ removed: false, number: i + 1, start: r.start, end: r.end }));
  /** @type {(Part | Gap)[]} */
  const gaps = state.removed.map((r) => ({ removed: true, number: 0, start: r.start, end: r.end }));
  const all = [...parts, ...gaps].sort((a, b) => a.start - b.start);
  counted.set(state, all);
  return all;
}

/** The piece that holds a moment. @param {Source} source @param {State} state @param {number} at */
export function pieceAt(source, state, at) {
  const all = pieces(source, state);
  return all.find((p) => p.start <= at && at < p.end) ?? all[all.length - 1];
}

/**
 * All movable borders: `edge` is between kept and removed (`side` says which side is kept), `split` between two parts.
 * @typedef {{at: number, kind: "edge" | "split", side: "before" | "after" | "both", min: number, max: number, toStart: boolean, toEnd: boolean}} Border
 * @param {Source} source @param {State} state @returns {Border[]}
 */
export function borders(source, state) {
  const all = pieces(source, state);
  return all.slice(1).map((next, i) => {
    const last = all[i];
    /** @type {"before" | "after" | "both"} */
    const side = last.removed ? "after" : next.removed ? "before" : "both";
    return { at: next.start, kind: side === "both" ? "split" : "edge", side, min: last.start, max: next.end,
      toStart: last.removed && last.start === 0, toEnd: next.removed && next.end === source.duration };
  });
}

/**
 * The ops of a border that goes to another place. It stops at its neighbours: nothing is merged in silence.
 * @param {Border} border @param {number} to @param {number} frame ms, the least that is left of each neighbour @returns {Op[]}
 */
export function moveBorder(border, to, frame = 1) {
  const least = Math.max(1, Math.ceil(frame));
  const low = border.toStart ? border.min : border.min + least;
  const high = border.toEnd ? border.max : border.max - least;
  const at = Math.round(Math.max(low, Math.min(high, to)));
  if (at === border.at) return [];
  if (border.kind === "split") return [{ kind: "join", at: border.at }, { kind: "split", at }];
  const grows = border.side === "before" ? at > border.at : at < border.at;
  return [{ kind: "cut", start: Math.min(at, border.at), end: Math.max(at, border.at), keep: grows }];
}

/** The result begins exactly here: what is before goes, what was removed from here on comes back. @param {Source} source @param {State} state @param {number} at @returns {Op[]} */
export function startHere(source, state, at) {
  /** @type {Op[]} */
  const ops = [];
  const gap = state.removed.find((r) => r.start <= at && at < r.end);
  if (gap) ops.push({ kind: "cut", start: at, end: gap.end, keep: true });
  if (within(keptRanges(source, state), { start: 0, end: at }).length) ops.push({ kind: "cut", start: 0, end: at, keep: false });
  return ops;
}

/** The result ends exactly here. @param {Source} source @param {State} state @param {number} at @returns {Op[]} */
export function endHere(source, state, at) {
  /** @type {Op[]} */
  const ops = [];
  const gap = state.removed.find((r) => r.start < at && at <= r.end);
  if (gap) ops.push({ kind: "cut", start: gap.start, end: at, keep: true });
  if (within(keptRanges(source, state), { start: at, end: source.duration }).length) ops.push({ kind: "cut", start: at, end: source.duration, keep: false });
  return ops;
}

/** Where playing goes on: the moment itself, or the next kept one. null: nothing kept follows. @param {Source} source @param {State} state @param {number} at */
export function nextKept(source, state, at) {
  const gap = state.removed.find((r) => r.start <= at && at < r.end);
  if (!gap) return at;
  return gap.end < source.duration ? gap.end : null;
}

/** The moment in the result that shows this moment of the source. @param {Source} source @param {State} state @param {number} at */
export function resultTime(source, state, at) {
  return within(keptRanges(source, state), { start: 0, end: at }).reduce((sum, r) => sum + r.end - r.start, 0);
}

/** The whole frame's start at or before a moment (ms). @param {number} at @param {number} frameRate */
export function toFrame(at, frameRate) {
  if (!frameRate) return Math.round(at);
  return Math.round((Math.round((at * frameRate) / 1000) * 1000) / frameRate);
}

/** @param {Range} a @param {Range} b */
export const same = (a, b) => a.start === b.start && a.end === b.end;
