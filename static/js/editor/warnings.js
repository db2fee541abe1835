// @ts-check
/**
 * What somebody should know before publishing. None of it forbids.
 * @import {Editor} from "./types.js"
 */
import { cuesOf, kept, length, useOf } from "../timeline.js";
import { span } from "./time.js";

/** @typedef {{text: string, link?: string, tab?: string, act?: () => void}} Warning */

/** @param {Editor} ed @param {number} publishedRev rev of the version that students see, -1: none @returns {Warning[]} */
export function warnings(ed, publishedRev) {
  const { source, state, duration } = ed.store;
  const parts = kept(source, state);
  /** @type {Warning[]} */
  const all = [];
  const show = (/** @type {number} */ start, /** @type {number} */ end) => () => {
    ed.view.frameRange(start, end);
    ed.player.seek(start);
  };
  if (publishedRev === ed.store.rev) all.push({ text: ed.t("warn.nothing") });
  for (const p of ed.people.others.filter((p) => p.state === "active" && p.place === "cutting" && !p.left)) {
    const at = p.playhead ?? 0;
    all.push({ text: ed.t("warn.cutting", { Name: p.name }), act: show(at, at + 1000) });
  }
  if (length(parts) < duration / 2) all.push({ text: ed.t("warn.half") });
  parts.forEach((p, i) => {
    if (p.end - p.start < 1000) all.push({ text: ed.t("warn.short", { Count: i + 1, Length: span(p.end - p.start) }), act: show(p.start, p.end) });
  });
  const words = ed.data.source.tracks.filter((t) => t.text).flatMap((t) => cuesOf(source, state, t.asset));
  const torn = state.removed.flatMap((r) => [r.start, r.end]).filter((at) => at > 0 && at < duration && words.some((c) => c.start + 120 < at && at < c.end - 120));
  if (torn.length) all.push({ text: ed.t(torn.length === 1 ? "warn.word" : "warn.words", { Count: torn.length }), act: show(torn[0] - 1000, torn[0] + 1000) });
  for (const t of source.tracks.filter((t) => t.video && useOf(state.tracks, t.asset).video)) {
    const early = duration - t.duration, last = parts[parts.length - 1]?.end ?? 0;
    const label = ed.data.source.tracks.find((x) => x.asset === t.asset)?.label ?? t.flavor;
    if (early > 1500 && last > t.duration + 500) all.push({ text: ed.t("warn.early", { Name: label, Length: span(early) }), act: show(t.duration, duration) });
  }
  return all;
}
