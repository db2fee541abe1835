// @ts-check
/**
 * What a drag is drawn to: playhead, borders, pause ends, chapters, lines.
 * @import {Editor} from "./types.js"
 */
import { cuesOf } from "../timeline.js";
import { borders, toFrame } from "../plans.js";

/** @typedef {{at: number, name: string}} Target */

/** @param {Editor} ed @param {{start: number, end: number}[]} pauses @param {number} [besides] a moment that does not count: the dragged thing itself @returns {Target[]} */
export function targets(ed, pauses, besides) {
  const { store, player, view } = ed;
  /** @type {Target[]} */
  const all = [
    { at: player.at, name: ed.t("snap.playhead") },
    ...borders(store.source, store.state).map((b) => ({ at: b.at, name: ed.t("snap.border") })),
    ...pauses.flatMap((p) => [{ at: p.start, name: ed.t("snap.pause") }, { at: p.end, name: ed.t("snap.pause") }]),
    ...store.state.chapters.map((c) => ({ at: c.at, name: c.title })),
    ...store.source.tracks.filter((t) => t.text).flatMap((t) => cuesOf(store.source, store.state, t.asset)).flatMap((c) => [{ at: c.start, name: ed.t("snap.line") }, { at: c.end, name: ed.t("snap.line") }]),
    { at: 0, name: ed.t("snap.beginning") },
    { at: store.duration, name: ed.t("snap.end") },
  ];
  return all.filter((t) => t.at >= view.from && t.at <= view.to && t.at !== besides);
}

/**
 * The moment a drag means: the nearest target within reach, else the frame under the pointer.
 * @param {Editor} ed @param {Target[]} list @param {number} ms @param {number} reach px @returns {{at: number, target: Target | null}}
 */
export function snap(ed, list, ms, reach) {
  /** @type {Target | null} */
  let best = null;
  for (const t of list) {
    const far = Math.abs(t.at - ms);
    if (far <= reach * ed.view.scale && (!best || far < Math.abs(best.at - ms))) best = t;
  }
  const at = Math.max(0, Math.min(ed.store.duration, toFrame(best ? best.at : ms, ed.frameRate)));
  return { at, target: best };
}
