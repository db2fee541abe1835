// @ts-check
/**
 * The bar of tools says less where it has less room, whatever language and font: measured, not guessed by widths.
 * @import {Editor} from "./types.js"
 */
import { one } from "./dom.js";

/** Level 1: Split is an icon, sound and speed sit in ⋯, a mark shows no length. 2: no total length, no zoom buttons. 3: icons alone. */
const LEVELS = 3;

/** @param {Editor} ed */
export function attachFit(ed) {
  const bar = one(ed.root, "[data-tools]"), end = one(bar, ".ed-tools-end");
  let asked = 0, last = "none";
  const fits = () => bar.scrollWidth <= bar.clientWidth && end.getBoundingClientRect().right <= bar.getBoundingClientRect().right;
  const fit = () => {
    asked = 0;
    for (let level = 0; level <= LEVELS; level++) {
      bar.dataset.fit = String(level);
      if (fits()) return;
    }
  };
  const ask = () => {
    asked ||= requestAnimationFrame(fit);
  };
  new ResizeObserver(ask).observe(bar);
  ed.mark.changed.on(() => {
    const kind = ed.mark.anchor !== null ? "open" : ed.mark.range ? "range" : "none";
    if (kind !== last) ask();
    last = kind;
  });
  ed.lock.on(ask);
  fit();
}
