// @ts-check
/**
 * Pauses: told in the tab Parts, reviewed with ticks, cut out with half a second left on each side.
 * @import {Editor} from "./types.js"
 * @import {Range} from "../timeline.js"
 */
import { keptRanges, length, within } from "../timeline.js";
import { el, icon, one } from "./dom.js";
import { pauses } from "./peaks.js";
import { clock, span } from "./time.js";

const LEAST = 4000, LEFT = 500;

/** @param {Editor} ed @returns {() => Range[]} the pauses that are still kept */
export function attachPauses(ed) {
  const box = one(ed.root, "[data-pauses]"), dialog = /** @type {HTMLDialogElement} */ (one(ed.root, "#ed-pauses")), body = one(ed.root, "[data-pauses-body]"), go = /** @type {HTMLButtonElement} */ (one(ed.root, "[data-pauses-go]"));
  /** @type {Range[]} */
  let found = [];
  /** @type {Range[]} */
  let now = [];
  let key = "";

  function draw() {
    const kept = keptRanges(ed.store.source, ed.store.state);
    now = found.filter((p) => length(within(kept, p)) >= LEAST);
    const next = JSON.stringify([now, ed.locked]);
    if (next === key) return;
    key = next;
    box.hidden = !now.length || ed.locked;
    box.replaceChildren(icon("audio-waveform"), el("span", {}, ed.t(now.length === 1 ? "pauses.one" : "pauses.found", { Count: now.length, Length: span(length(now)) })),
      el("button", { type: "button", class: "button button-small", onclick: review }, ed.t("pauses.review")));
  }

  function review() {
    const ticks = now.map((p) => ({ p, input: el("input", { type: "checkbox", checked: true, onchange: count }) }));
    body.replaceChildren(el("p", { class: "soft" }, ed.t("pauses.hint")), el("ul", { class: "ed-pauselist" }, ...ticks.map(({ p, input }) => el("li", {}, el("label", { class: "check" }, input, el("span", {}, `${clock(p.start, 1)} – ${clock(p.end, 1)}`)),
      el("span", { class: "soft small" }, span(p.end - p.start)),
      el("button", { type: "button", class: "button button-small button-quiet button-icon", "aria-label": ed.t("pauses.listen", { Time: clock(p.start, 0) }), onclick: () => {
        ed.view.frameRange(p.start, p.end);
        ed.player.playRange({ start: Math.max(0, p.start - 1500), end: Math.min(ed.store.duration, p.end + 1500) });
      } }, icon("play", "icon-fill"))))));
    function count() {
      const n = ticks.filter((t) => t.input.checked).length;
      go.textContent = ed.t("pauses.cut", { Count: n });
      go.disabled = n === 0;
    }
    go.onclick = () => {
      const chosen = ticks.filter((t) => t.input.checked).map(({ p }) => p);
      dialog.close();
      ed.act.perform(chosen.map((p) => ({ kind: "cut", start: Math.round(p.start + LEFT), end: Math.round(p.end - LEFT), keep: false })), ed.t("said.cut", { Length: span(length(chosen) - chosen.length * 2 * LEFT) }));
    };
    count();
    dialog.showModal();
    one(dialog, "h2").focus();
  }

  ed.peaks.changed.on(() => {
    if (!found.length) found = pauses(ed.peaks, LEAST).filter((p) => p.end <= ed.store.duration);
    draw();
  });
  ed.store.changed.on(draw);
  ed.lock.on(draw);
  return () => now;
}
