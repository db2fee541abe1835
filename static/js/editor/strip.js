// @ts-check
/** The strip: kept parts solid, removed ranges hatched. The same picture as views/strip.go draws. */
import { svg } from "./dom.js";

/** @import {Range} from "../timeline.js" */

const share = (/** @type {number} */ x) => `${(Math.max(0, Math.min(1, x)) * 100).toFixed(3)}%`;
let counter = 0;

/** @param {number} duration @param {Range[]} kept @param {string} label @param {string} [size] */
export function strip(duration, kept, label, size = "") {
  const id = `hatch-js-${counter++}`;
  const picture = svg("svg", { class: `strip ${size}`.trim(), role: "img", "aria-label": label });
  const pattern = svg("pattern", { id, width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
  pattern.append(svg("path", { class: "strip-hatch", d: "M0 0v7" }));
  const defs = svg("defs");
  defs.append(pattern);
  picture.append(defs, svg("rect", { class: "strip-removed", width: "100%", height: "100%", rx: 2 }), svg("rect", { width: "100%", height: "100%", rx: 2, fill: `url(#${id})` }));
  for (const r of kept) picture.append(svg("rect", { class: "strip-kept", x: share(r.start / duration), width: share((r.end - r.start) / duration), height: "100%", ...edge(r, duration) }));
  return picture;
}

/** Thin lines between parts that are wide enough to have them. @param {Range} r @param {number} duration */
const edge = (r, duration) => ((r.end - r.start) / duration > 0.012 ? { rx: 2, stroke: "var(--surface)", "stroke-width": 1 } : { rx: 0, stroke: "none", "stroke-width": 0 });

/** The kept parts end to end, to the scale of the whole. @param {number} duration @param {Range[]} kept @param {string} label @param {string} [size] */
export function stripAfter(duration, kept, label, size = "") {
  const picture = svg("svg", { class: `strip ${size}`.trim(), role: "img", "aria-label": label });
  let at = 0;
  for (const r of kept) {
    picture.append(svg("rect", { class: "strip-kept", x: share(at / duration), width: share((r.end - r.start) / duration), height: "100%", ...edge(r, duration) }));
    at += r.end - r.start;
  }
  return picture;
}
