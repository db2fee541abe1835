// @ts-check
/**
 * Borders and the mark's ends: drag them, or move them by keys. A drag previews in picture and numbers and is one change
 * when it is let go.
 * @import {Editor} from "./types.js"
 * @import {Lanes} from "./lanes.js"
 * @import {Hair} from "./hair.js"
 * @import {Border} from "../plans.js"
 */
import { borders, moveBorder, toFrame } from "../plans.js";
import { one } from "./dom.js";
import { during } from "./pointer.js";
import { snap, targets } from "./snap.js";

/** @param {Editor} ed @param {Lanes} lanes @param {Hair} hair @param {() => {start: number, end: number}[]} pauses */
export function attachHandles(ed, lanes, hair, pauses) {
  const box = one(ed.root, "[data-borders]"), marks = one(ed.root, "[data-marks]"), area = one(ed.root, "[data-lanes]");
  const ms = (/** @type {PointerEvent} */ e) => ed.view.ms(e.clientX - area.getBoundingClientRect().left);
  const find = (/** @type {EventTarget | null} */ node) => {
    const at = Number(/** @type {HTMLElement} */ (node).dataset.at);
    return borders(ed.store.source, ed.store.state).find((b) => b.at === at);
  };

  /** Of two close handles the pointer's side decides. @param {PointerEvent} e @param {Border} hit */
  function meant(e, hit) {
    const near = borders(ed.store.source, ed.store.state).filter((b) => Math.abs(b.at - hit.at) / ed.view.scale < 24);
    if (near.length < 2) return hit;
    return near.reduce((best, b) => (Math.abs(b.at - ms(e)) < Math.abs(best.at - ms(e)) ? b : best));
  }

  box.addEventListener("pointerdown", (e) => {
    const node = /** @type {HTMLElement} */ (e.target).closest(".ed-border");
    const hit = node && find(node);
    if (!hit || e.button !== 0) return;
    e.preventDefault();
    const border = meant(e, hit);
    lanes.focusBorder(border.at);
    const reach = e.pointerType === "touch" ? 16 : 8, least = e.pointerType === "touch" ? 8 : 3;
    const list = targets(ed, pauses(), border.at);
    const off = ms(e) - border.at;
    let moved = false;
    if (ed.locked) return;
    box.setPointerCapture(e.pointerId);
    ed.notices.hold(true);
    during(box, e, (now) => {
      if (!moved && Math.abs(now.clientX - e.clientX) < least) return;
      moved = true;
      document.documentElement.classList.add("ed-dragging");
      const to = snap(ed, list, ms(now) - off, now.altKey ? 0 : reach);
      const ops = moveBorder(border, to.at, ed.view.frame);
      const at = ops.length ? goal(border, ops) : border.at;
      lanes.dragged = { at: border.at, to: at };
      hair.show(at === to.at ? to.target : null);
      ed.player.peek(border.side === "before" ? at - ed.view.frame : at);
      ed.people.say({ drag: at });
      lanes.drawBorders();
    }, (cancelled) => {
      const to = lanes.dragged?.to;
      lanes.dragged = null;
      hair.hide();
      document.documentElement.classList.remove("ed-dragging");
      ed.notices.hold(false);
      ed.people.say({ drag: null });
      if (moved && !cancelled && to !== undefined) {
        ed.act.moveBorder(border, to);
        lanes.drawBorders();
        lanes.focusBorder(to);
      } else lanes.drawBorders();
      ed.player.peek(ed.player.at);
      if (!moved && !cancelled) ed.act.go(border.at);
    });
  });

  box.addEventListener("dblclick", (e) => {
    // the box had captured the pointer, so it is the target; the playhead may lie over the border
    const node = document.elementsFromPoint(e.clientX, e.clientY).find((n) => n.closest(".ed-border-split"))?.closest(".ed-border-split");
    const border = node && find(node);
    if (border) ed.act.join(border.at);
  });

  box.addEventListener("keydown", (e) => {
    const border = find(e.target);
    if (!border) return;
    const all = borders(ed.store.source, ed.store.state);
    const here = all.findIndex((b) => b.at === border.at);
    const step = e.shiftKey ? 1000 : ed.view.frame;
    const go = (/** @type {number} */ to) => {
      const ops = moveBorder(border, toFrame(to, ed.frameRate), ed.view.frame);
      if (!ed.act.perform(ops)) return;
      const at = goal(border, ops);
      ed.view.reveal(at);
      lanes.drawBorders();
      lanes.focusBorder(at);
      ed.player.peek(at);
    };
    const other = (/** @type {number} */ way) => {
      const next = all[here + way];
      if (!next) return;
      ed.view.reveal(next.at);
      lanes.drawBorders();
      lanes.focusBorder(next.at);
      ed.player.seek(next.at);
    };
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowLeft: () => go(border.at - step), ArrowRight: () => go(border.at + step),
      ArrowUp: () => other(-1), ArrowDown: () => other(1),
      Enter: () => ed.root.dispatchEvent(new CustomEvent("ed-type-border", { detail: border })),
      Delete: () => border.kind === "split" && ed.act.join(border.at),
      Backspace: () => border.kind === "split" && ed.act.join(border.at),
    };
    if (!keys[e.key] || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    e.stopPropagation();
    keys[e.key]();
  });

  marks.addEventListener("pointerdown", (e) => {
    const side = /** @type {HTMLElement} */ (e.target).dataset.markHandle;
    const range = ed.mark.range;
    if (!side || !range || e.button !== 0) return;
    e.preventDefault();
    marks.setPointerCapture(e.pointerId);
    const reach = e.pointerType === "touch" ? 16 : 8;
    const list = targets(ed, pauses());
    const fixed = side === "start" ? range.end : range.start;
    const off = ms(e) - (side === "start" ? range.start : range.end);
    ed.notices.hold(true);
    during(marks, e, (now) => {
      const to = snap(ed, list, ms(now) - off, now.altKey ? 0 : reach);
      hair.show(to.target);
      if (to.at !== fixed) ed.mark.set(fixed, to.at);
      ed.player.peek(to.at);
    }, (cancelled) => {
      hair.hide();
      ed.notices.hold(false);
      if (cancelled) ed.mark.set(range.start, range.end);
      ed.player.peek(ed.player.at);
    });
  });
}

/** Where a border stands after these ops. @param {Border} border @param {import("../timeline.js").Op[]} ops */
function goal(border, ops) {
  const op = ops[ops.length - 1];
  if (op.kind === "split") return /** @type {number} */ (op.at);
  return op.start === border.at ? /** @type {number} */ (op.end) : /** @type {number} */ (op.start);
}
