// @ts-check
/**
 * The tab Parts: how long it is before and after, and the list of parts and removed ranges. The timeline's equal for
 * screen readers.
 * @import {Editor} from "./types.js"
 * @import {Part, Gap} from "../plans.js"
 */
import { kept, length } from "../timeline.js";
import { borders, pieceAt, pieces } from "../plans.js";
import { el, icon, one, sync } from "./dom.js";
import { strip } from "./strip.js";
import { clock, span } from "./time.js";
import { timeField } from "./timefield.js";

/** @param {Editor} ed */
export function attachParts(ed) {
  const panel = one(ed.root, "[data-panel=parts]"), list = one(ed.root, "[data-parts]"), long = one(ed.root, "[data-length]"), of = one(ed.root, "[data-length-of]"), box = one(ed.root, "[data-strip]"), short = one(ed.root, "[data-short-length]");
  /** The open part's start. @type {number | null} */
  let open = null;
  /** The piece that is shown as the present one. @type {Part | Gap | null} */
  let marked = null;
  /** @type {unknown[]} */
  let drawn = [];

  function drawLength() {
    const parts = kept(ed.store.source, ed.store.state), stays = length(parts);
    long.textContent = span(stays);
    const words = stays < ed.store.duration ? ed.t("ofStays", { Total: span(ed.store.duration) }) : ed.t("allStays");
    of.textContent = words;
    short.textContent = ed.t("shortLength", { Length: span(stays), Total: span(ed.store.duration) });
    box.replaceChildren(strip(ed.store.duration, parts, `${span(stays)} ${words}`));
  }

  function drawList() {
    const all = pieces(ed.store.source, ed.store.state);
    const here = pieceAt(ed.store.source, ed.store.state, ed.player.at);
    if (open !== null && !all.some((p) => !p.removed && p.start === open)) open = null;
    const now = [all, open, ed.locked];
    if (now.some((x, i) => x !== drawn[i])) {
      drawn = now;
      marked = null;
      const byKey = new Map(all.map((p) => [`${p.removed ? "g" : "p"}${p.number}.${p.start}.${p.end}${open === p.start && !p.removed ? "open" : ""}${ed.locked ? "l" : ""}`, p]));
      const focus = list.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.focus : undefined;
      sync(list, new Map([...byKey].map(([k, p]) => [k, () => row(p, all)])), () => undefined);
      if (focus && !list.contains(document.activeElement)) /** @type {HTMLElement | null} */ (list.querySelector(`[data-focus="${focus}"]`))?.focus();
    }
    if (here === marked) return;
    marked = here;
    for (const node of /** @type {HTMLElement[]} */ ([...list.children])) {
      const on = node.dataset.start === String(here.start);
      if (on !== node.classList.contains("ed-part-here")) {
        node.classList.toggle("ed-part-here", on);
        if (on && !list.contains(document.activeElement)) show(node);
      }
    }
  }

  /** Scrolls the panel alone, never the page. @param {HTMLElement} node */
  function show(node) {
    const box = panel.getBoundingClientRect(), at = node.getBoundingClientRect();
    if (at.top < box.top) panel.scrollTop += at.top - box.top - 8;
    else if (at.bottom > box.bottom) panel.scrollTop += at.bottom - box.bottom + 8;
  }

  /** @param {Part | Gap} p @param {(Part | Gap)[]} all */
  function row(p, all) {
    if (p.removed) return gap(p);
    if (open === p.start) return openPart(p, all);
    return el("li", { class: "ed-part", "data-start": p.start },
      el("button", { type: "button", class: "ed-part-row", "aria-expanded": "false", "data-focus": `part${p.number}`, onclick: () => {
        open = p.start;
        ed.act.go(p.start);
        drawList();
      } }, el("span", { class: "ed-part-number" }, String(p.number)), el("span", { class: "ed-part-range" }, `${clock(p.start, 1)} – ${clock(p.end, 1)}`), el("span", { class: "ed-part-length" }, span(p.end - p.start))));
  }

  /** @param {Gap} p */
  function gap(p) {
    const words = ed.t("removed", { Length: span(p.end - p.start) });
    return el("li", { class: "ed-part ed-gap", "data-start": p.start },
      el("button", { type: "button", class: "ed-part-row", onclick: () => ed.act.go(p.start), title: `${clock(p.start, 1)} – ${clock(p.end, 1)}`, "data-focus": `gap${p.start}` }, el("span", { class: "ed-part-hatch", "aria-hidden": "true" }), el("span", { class: "ed-part-range" }, words)),
      ed.locked ? null : el("button", { type: "button", class: "ed-putback", "data-focus": `back${p.start}`, "aria-label": `${ed.t("putBack")}: ${clock(p.start, 1)} – ${clock(p.end, 1)}`, onclick: () => ed.act.putBack(p) }, icon("rotate-ccw", "icon-small"), ed.t("putBack")));
  }

  /** @param {Part} p @param {(Part | Gap)[]} all */
  function openPart(p, all) {
    const next = all[all.findIndex((x) => x.start === p.start) + 1];
    const at = (/** @type {number} */ t) => borders(ed.store.source, ed.store.state).find((b) => b.at === t);
    const starts = el("input", { class: "input", inputmode: "decimal", autocomplete: "off", id: `starts${p.number}`, "data-focus": `starts${p.number}` });
    const ends = el("input", { class: "input", inputmode: "decimal", autocomplete: "off", id: `ends${p.number}`, "data-focus": `ends${p.number}` });
    const set = (/** @type {number} */ edge) => (/** @type {number} */ to) => {
      const border = at(edge);
      if (border) {
        if (edge === p.start) open = to;
        ed.act.moveBorder(border, to);
      } else if (edge === p.start && to > p.start) {
        open = to;
        ed.act.perform([{ kind: "cut", start: p.start, end: to, keep: false }]);
      } else if (edge === p.end && to < p.end) ed.act.perform([{ kind: "cut", start: to, end: p.end, keep: false }]);
      drawList();
    };
    timeField(ed, starts, () => p.start, set(p.start));
    timeField(ed, ends, () => p.end, set(p.end));
    starts.disabled = ends.disabled = ed.locked;
    const button = (/** @type {string} */ text, /** @type {string} */ sign, /** @type {() => void} */ act) => el("button", { type: "button", class: "button button-small", onclick: act }, sign ? icon(sign, sign === "play" ? "icon-fill icon-small" : "icon-small") : null, text);
    return el("li", { class: "ed-part ed-part-open", "data-start": p.start },
      el("button", { type: "button", class: "ed-part-row", "aria-expanded": "true", "data-focus": `part${p.number}`, onclick: () => {
        open = null;
        drawList();
      } }, el("span", { class: "ed-part-number" }, String(p.number)), el("strong", {}, ed.t("head.part", { Count: p.number })), el("span", { class: "ed-part-length" }, span(p.end - p.start))),
      el("div", { class: "ed-part-times" }, el("div", { class: "field" }, el("label", { for: starts.id }, ed.t("starts")), starts), el("div", { class: "field" }, el("label", { for: ends.id }, ed.t("ends")), ends)),
      el("div", { class: "buttons" },
        ed.locked ? null : button(ed.t("cutOut"), "scissors", () => ed.act.cut({ start: p.start, end: p.end })),
        button(ed.t("playPart"), "play", () => ed.player.playRange(p, true)),
        next && !next.removed && !ed.locked ? button(ed.t("joinNext"), "", () => ed.act.join(p.end)) : null));
  }

  ed.root.addEventListener("ed-type-border", (e) => {
    const { at } = /** @type {CustomEvent} */ (e).detail;
    const all = pieces(ed.store.source, ed.store.state);
    const part = all.find((p) => !p.removed && (p.start === at || p.end === at));
    if (!part) return;
    open = part.start;
    drawList();
    document.getElementById(`${part.start === at ? "starts" : "ends"}${part.number}`)?.focus();
  });
  ed.store.changed.on(() => {
    drawLength();
    drawList();
  });
  ed.lock.on(drawList);
  ed.player.moved.on(drawList);
  drawLength();
  drawList();
}
