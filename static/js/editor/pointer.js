// @ts-check
/**
 * Mouse, pen and finger on the timeline: going there, marking, scrubbing, panning, zooming.
 * @import {Editor} from "./types.js"
 * @import {Hair} from "./hair.js"
 */
import { one } from "./dom.js";
import { snap, targets } from "./snap.js";

/** @param {Editor} ed @param {Hair} hair @param {() => {start: number, end: number}[]} pauses */
export function attachPointer(ed, hair, pauses) {
  const lanes = one(ed.root, "[data-lanes]"), surface = one(ed.root, "[data-surface]");
  const x = (/** @type {PointerEvent | WheelEvent | MouseEvent} */ e) => e.clientX - lanes.getBoundingClientRect().left;
  const inRuler = (/** @type {PointerEvent} */ e) => e.clientY - lanes.getBoundingClientRect().top < 26;
  /** @type {Map<number, PointerEvent>} */
  const fingers = new Map();

  surface.addEventListener("pointerdown", (e) => {
    if (e.button !== 0) return;
    fingers.set(e.pointerId, e);
    surface.setPointerCapture(e.pointerId);
    if (e.pointerType === "touch") touch(e);
    else if (inRuler(e)) scrub(e);
    else markOrGo(e);
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) surface.addEventListener(end, (e) => fingers.delete(/** @type {PointerEvent} */ (e).pointerId));
  surface.addEventListener("dblclick", (e) => ed.act.markPiece(ed.view.ms(x(e))));

  /** @param {PointerEvent} first */
  function scrub(first) {
    hold();
    ed.act.go(ed.view.ms(x(first)));
    during(surface, first, (e) => ed.player.seek(snap(ed, [], ed.view.ms(x(e)), 0).at), release);
  }

  /** @param {PointerEvent} first */
  function markOrGo(first) {
    const from = ed.view.ms(x(first));
    const list = targets(ed, pauses());
    let marking = false;
    const before = ed.mark.range;
    during(surface, first, (e) => {
      if (!marking && Math.abs(e.clientX - first.clientX) < 3) return;
      if (ed.locked) return;
      if (!marking) hold();
      marking = true;
      edge(e.clientX);
      const reach = e.altKey ? 0 : 8;
      const a = snap(ed, list, from, reach).at, b = snap(ed, list, ed.view.ms(x(e)), reach);
      hair.show(b.target);
      ed.mark.set(a, b.at);
      ed.player.peek(b.at);
    }, (cancelled) => {
      hair.hide();
      release();
      if (cancelled) {
        if (before) ed.mark.set(before.start, before.end);
        else ed.mark.clear();
      } else if (!marking) ed.act.go(from);
      if (marking) ed.player.peek(ed.player.at);
    });
  }

  /** Scrolls when a drag comes to the edge. @param {number} clientX */
  function edge(clientX) {
    const box = lanes.getBoundingClientRect();
    if (clientX < box.left + 12) ed.view.pan(-ed.view.span / 60);
    if (clientX > box.right - 12) ed.view.pan(ed.view.span / 60);
  }

  /** Tap goes there, drag pans, two fingers zoom, a hold of 350 ms marks. @param {PointerEvent} first */
  function touch(first) {
    if (fingers.size === 2) return pinch();
    const from = ed.view.from, at = ed.view.ms(x(first)), start = first.clientX;
    let moved = false, marking = false, last = first, speed = 0;
    const timer = setTimeout(() => {
      if (moved || fingers.size > 1 || ed.locked) return;
      marking = true;
      hold();
      navigator.vibrate?.(8);
      ed.mark.set(at, at + ed.view.scale * 2);
    }, 350);
    const list = targets(ed, pauses());
    during(surface, first, (e) => {
      if (fingers.size > 1) return;
      if (!moved && !marking && Math.abs(e.clientX - start) < 8) return;
      moved = true;
      if (marking) {
        const to = snap(ed, list, ed.view.ms(x(e)), 16);
        hair.show(to.target);
        ed.mark.set(snap(ed, list, at, 16).at, to.at);
        ed.player.peek(to.at);
        return;
      }
      speed = ((e.clientX - last.clientX) / Math.max(4, e.timeStamp - last.timeStamp)) * 16;
      last = e;
      ed.view.set(from - (e.clientX - start) * ed.view.scale, ed.view.span);
      if (ed.view.centered) ed.player.seek(ed.view.from + ed.view.span / 2);
    }, (cancelled) => {
      clearTimeout(timer);
      hair.hide();
      release();
      if (cancelled) return;
      if (!moved && !marking) ed.act.go(at);
      else if (!marking && Math.abs(speed) > 4) glide(speed);
    });
    return undefined;
  }

  /** @param {number} speed px a frame */
  function glide(speed) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches || fingers.size || Math.abs(speed) < 0.5) return;
    ed.view.pan(-speed * ed.view.scale);
    if (ed.view.centered) ed.player.seek(ed.view.from + ed.view.span / 2);
    requestAnimationFrame(() => glide(speed * 0.9));
  }

  function pinch() {
    const [a, b] = [...fingers.values()];
    const wide = Math.max(20, Math.abs(a.clientX - b.clientX)), span = ed.view.span;
    const box = lanes.getBoundingClientRect();
    const middle = ed.view.ms((a.clientX + b.clientX) / 2 - box.left);
    const now = new Map([[a.pointerId, a.clientX], [b.pointerId, b.clientX]]);
    const move = (/** @type {PointerEvent} */ e) => {
      if (!now.has(e.pointerId)) return;
      now.set(e.pointerId, e.clientX);
      const [p, q] = [...now.values()];
      const anchor = ed.view.centered ? ed.player.at : middle;
      ed.view.zoom((ed.view.span / span) * (Math.max(20, Math.abs(p - q)) / wide), anchor);
    };
    const end = () => {
      if (fingers.size > 1) return;
      surface.removeEventListener("pointermove", move);
      for (const type of ["pointerup", "pointercancel"]) surface.removeEventListener(type, end);
    };
    surface.addEventListener("pointermove", move);
    for (const type of ["pointerup", "pointercancel"]) surface.addEventListener(type, end);
  }

  lanes.addEventListener("wheel", (e) => {
    e.preventDefault();
    const line = e.deltaMode === 1 ? 18 : 1;
    if (e.ctrlKey || e.metaKey) ed.view.zoom(Math.exp(-e.deltaY * line * (e.deltaMode === 1 ? 0.02 : 0.004)), ed.view.centered ? ed.player.at : ed.view.ms(x(e)));
    else ed.view.pan((Math.abs(e.deltaX) > Math.abs(e.deltaY) ? e.deltaX : e.deltaY) * line * ed.view.scale);
  }, { passive: false });

  function hold() {
    ed.notices.hold(true);
    document.documentElement.classList.add("ed-dragging");
  }

  function release() {
    ed.notices.hold(false);
    document.documentElement.classList.remove("ed-dragging");
  }
}

/**
 * Follows one pointer until it is let go; Esc cancels.
 * @param {HTMLElement} node that captures it @param {PointerEvent} first @param {(e: PointerEvent) => void} move @param {(cancelled: boolean) => void} done
 */
export function during(node, first, move, done) {
  const stop = new AbortController();
  const end = (/** @type {boolean} */ cancelled) => {
    if (stop.signal.aborted) return;
    stop.abort();
    done(cancelled);
  };
  const mine = (/** @type {(e: PointerEvent) => void} */ then) => (/** @type {Event} */ e) => {
    if (/** @type {PointerEvent} */ (e).pointerId === first.pointerId) then(/** @type {PointerEvent} */ (e));
  };
  const { signal } = stop;
  node.addEventListener("pointermove", mine(move), { signal });
  node.addEventListener("pointerup", mine(() => end(false)), { signal });
  node.addEventListener("pointercancel", mine(() => end(true)), { signal });
  addEventListener("keydown", (e) => {
    if (e.key !== "Escape") return;
    e.stopPropagation();
    e.preventDefault();
    end(true);
  }, { signal, capture: true });
}
