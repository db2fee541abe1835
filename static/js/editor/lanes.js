// @ts-check
/**
 * The timeline's DOM: heads, borders, mark, playhead, chapters. Only what is in view has an element; positions are set
 * through the CSSOM. What is merely drawn is in draw.js.
 * @import {Editor} from "./types.js"
 * @import {Border} from "../plans.js"
 */
import { borders, pieceAt, pieces } from "../plans.js";
import { el, one, sync } from "./dom.js";
import { clock, span } from "./time.js";

/** @param {HTMLElement} node @param {number} x @param {number} [width] */
export function put(node, x, width) {
  node.style.transform = `translateX(${x.toFixed(2)}px)`;
  if (width !== undefined) node.style.width = `${Math.max(0, width).toFixed(2)}px`;
}

/** What a time means in words: "17 minutes 54.5 seconds, part 2". @param {Editor} ed @param {number} ms */
export function spoken(ed, ms) {
  const piece = pieceAt(ed.store.source, ed.store.state, ms);
  const h = Math.floor(ms / 3_600_000), min = Math.floor(ms / 60_000) % 60;
  const s = String(Math.floor(ms / 10 % 6000) / 100);
  const time = h ? ed.t("spoken.hours", { Start: h, At: min, Time: s }) : min ? ed.t("spoken.minutes", { At: min, Time: s }) : ed.t("spoken.seconds", { Time: s });
  return `${time}, ${piece.removed ? ed.t("spoken.removed") : ed.t("spoken.part", { Count: piece.number })}`;
}

export class Lanes {
  #ed;
  #heads;
  #borders;
  #marks;
  #chapters;
  #playhead;
  #flag;
  /** A border that is being dragged. @type {{at: number, to: number} | null} */
  dragged = null;

  /** @param {Editor} ed */
  constructor(ed) {
    this.#ed = ed;
    this.#heads = one(ed.root, "[data-heads]");
    this.#borders = one(ed.root, "[data-borders]");
    this.#marks = one(ed.root, "[data-marks]");
    this.#chapters = one(ed.root, "[data-chapter-marks]");
    this.#playhead = one(ed.root, "[data-playhead]");
    this.#flag = one(ed.root, "[data-flag]");
    this.#playhead.setAttribute("aria-valuemax", String(ed.store.duration));
  }

  /** All of it anew, for the state or the view changed. */
  draw() {
    this.#drawHeads();
    this.drawBorders();
    this.drawMark();
    this.#drawChapters();
    this.drawPlayhead();
  }

  #drawHeads() {
    const ed = this.#ed, { view, store } = ed;
    const shown = pieces(store.source, store.state).filter((p) => p.end > view.from && p.start < view.to);
    const byKey = new Map(shown.map((p) => [`${p.removed ? "g" : "p"}${p.number}.${p.start}`, p]));
    const current = pieceAt(store.source, store.state, ed.player.at);
    sync(this.#heads, new Map([...byKey.keys()].map((k) => [k, () => this.#makeHead()])), (node, key) => {
      const p = /** @type {NonNullable<ReturnType<typeof byKey.get>>} */ (byKey.get(key));
      const x = Math.max(0, view.x(p.start)), end = Math.min(view.width, view.x(p.end));
      put(node, x, end - x);
      const width = end - x, long = span(p.end - p.start);
      const marked = ed.mark.range?.start === p.start && ed.mark.range.end === p.end;
      node.className = `ed-headbox${p.removed ? " ed-headbox-gap" : ""}${marked ? " ed-headbox-marked" : ""}`;
      const main = /** @type {HTMLButtonElement} */ (node.firstElementChild), back = /** @type {HTMLButtonElement} */ (node.lastElementChild);
      main.dataset.at = String(p.start);
      main.tabIndex = p.start === current.start ? 0 : -1;
      main.setAttribute("aria-pressed", String(marked));
      const name = p.removed ? ed.t("head.removed") : ed.t("head.part", { Count: p.number });
      main.setAttribute("aria-label", `${name} ${long}`);
      const room = p.removed && width > 165 && !ed.locked;
      const label = room && width < 200 ? ["", long] : width > 110 ? [name, long] : width > 58 ? (p.removed ? ["", long] : [name, ""]) : width > 24 && !p.removed ? [String(p.number), ""] : ["", ""];
      main.replaceChildren(el("b", {}, label[0]), " ", el("span", {}, label[1]));
      back.hidden = !room;
      back.dataset.at = String(p.start);
    });
  }

  #makeHead() {
    const ed = this.#ed;
    const head = el("button", { type: "button", class: "ed-head-main", onclick: (/** @type {Event} */ e) => ed.act.markPiece(Number(/** @type {HTMLElement} */ (e.currentTarget).dataset.at)), onkeydown: (/** @type {KeyboardEvent} */ e) => this.#rove(e, this.#heads, ".ed-head-main") });
    const back = el("button", { type: "button", class: "ed-head-back", tabindex: -1, onclick: (/** @type {Event} */ e) => ed.act.putBack(pieceAt(ed.store.source, ed.store.state, Number(/** @type {HTMLElement} */ (e.currentTarget).dataset.at))) }, ed.t("putBack"));
    return el("div", { class: "ed-headbox" }, head, back);
  }

  /** ← → among the heads. @param {KeyboardEvent} e @param {HTMLElement} box @param {string} selector */
  #rove(e, box, selector) {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (!way) return;
    e.preventDefault();
    e.stopPropagation();
    const { store, view } = this.#ed;
    const all = pieces(store.source, store.state);
    const here = all.findIndex((p) => p.start === Number(/** @type {HTMLElement} */ (e.currentTarget).dataset.at));
    const next = all[here + way];
    if (!next) return;
    if (next.end <= view.from || next.start >= view.to) {
      view.reveal(next.start, true);
      this.#drawHeads();
    }
    /** @type {HTMLElement | undefined} */ (/** @type {HTMLElement[]} */ ([...box.querySelectorAll(selector)]).find((n) => n.dataset.at === String(next.start)))?.focus();
  }

  drawBorders() {
    const ed = this.#ed, { view } = ed;
    const all = borders(ed.store.source, ed.store.state);
    const shown = all.filter((b) => b.at >= view.from - view.scale * 12 && b.at <= view.to + view.scale * 12);
    const nearest = shown.reduce((best, b) => (Math.abs(b.at - ed.player.at) < Math.abs(best - ed.player.at) ? b.at : best), shown[0]?.at ?? 0);
    const byKey = new Map(shown.map((b) => [`${b.kind}${b.at}`, b]));
    sync(this.#borders, new Map([...byKey.keys()].map((k) => [k, () => this.#makeBorder()])), (node, key) => {
      const b = /** @type {Border} */ (byKey.get(key));
      const at = this.dragged?.at === b.at ? this.dragged.to : b.at;
      put(node, view.x(at));
      const i = shown.indexOf(b), close = 9 * view.scale;
      const crowded = b.at - (shown[i - 1]?.at ?? -Infinity) < close && (shown[i + 1]?.at ?? Infinity) - b.at < close;
      node.className = `ed-border${crowded ? " ed-border-crowded" : ""} ed-border-${b.kind} ed-border-${b.side}${this.dragged?.at === b.at ? " ed-border-dragged" : ""}`;
      node.dataset.at = String(b.at);
      node.tabIndex = b.at === nearest ? 0 : -1;
      node.setAttribute("aria-label", ed.t(b.kind === "split" ? "border.split" : b.side === "after" ? "border.start" : "border.end"));
      node.setAttribute("aria-valuemin", String(b.min));
      node.setAttribute("aria-valuemax", String(b.max));
      node.setAttribute("aria-valuenow", String(at));
      node.setAttribute("aria-valuetext", spoken(ed, at));
      node.setAttribute("aria-disabled", String(ed.locked));
      const time = /** @type {HTMLElement} */ (node.lastElementChild);
      time.hidden = this.dragged?.at !== b.at;
      time.textContent = time.hidden ? "" : clock(at);
    });
  }

  #makeBorder() {
    return el("div", { role: "slider", "aria-orientation": "horizontal" }, el("span", { class: "ed-border-handle" }), el("span", { class: "ed-border-time", hidden: true }));
  }

  /** @param {number} at the border that has the focus after a change */
  focusBorder(at) {
    const node = /** @type {HTMLElement | undefined} */ (/** @type {HTMLElement[]} */ ([...this.#borders.children]).find((n) => n.dataset.at === String(at)));
    node?.focus({ preventScroll: true });
    return Boolean(node);
  }

  drawMark() {
    const ed = this.#ed, { view, mark } = ed;
    const r = mark.range ?? (mark.anchor === null ? null : { start: mark.anchor, end: mark.anchor });
    const inView = r && r.end >= view.from && r.start <= view.to;
    sync(this.#marks, new Map(inView ? [["mark", () => this.#makeMark()]] : []), (node) => {
      if (!r) return;
      const x = view.x(r.start), end = view.x(r.end);
      put(node, Math.max(-20, x), Math.min(view.width + 20, end) - Math.max(-20, x));
      const label = one(node, ".ed-mark-label");
      label.textContent = mark.range ? span(r.end - r.start) : "";
      label.hidden = !mark.range;
      node.classList.toggle("ed-marked-open", mark.anchor !== null);
    });
  }

  #makeMark() {
    const ed = this.#ed;
    return el("div", { class: "ed-marked" }, el("span", { class: "ed-mark-label" }),
      el("span", { class: "ed-mark-handle ed-mark-handle-start", "data-mark-handle": "start", title: ed.t("markStart") }),
      el("span", { class: "ed-mark-handle ed-mark-handle-end", "data-mark-handle": "end", title: ed.t("markEnd") }));
  }

  #drawChapters() {
    const ed = this.#ed, { view } = ed;
    const shown = new Map(ed.store.state.chapters.filter((c) => c.at >= view.from && c.at <= view.to).map((c) => [c.id, c]));
    sync(this.#chapters, new Map([...shown.keys()].map((k) => [k, () => el("button", { type: "button", class: "ed-chapter", tabindex: -1, onclick: () => ed.act.go(ed.store.state.chapters.find((c) => c.id === k)?.at ?? 0) })])), (node, key) => {
      const c = /** @type {import("../timeline.js").Chapter} */ (shown.get(key));
      put(node, view.x(c.at));
      node.title = `${c.title} · ${clock(c.at, 0)}`;
      node.setAttribute("aria-label", c.title);
    });
  }

  drawPlayhead() {
    const ed = this.#ed, x = ed.view.x(ed.player.at);
    this.#playhead.classList.toggle("ed-playhead-away", x < -1 || x > ed.view.width + 1);
    put(this.#playhead, x);
    this.#flag.textContent = clock(ed.player.at);
    const half = this.#flag.offsetWidth / 2;
    const push = Math.max(half - x - 12, Math.min(0, ed.view.width + 12 - half - x));
    this.#flag.style.translate = `calc(-50% + ${Math.max(-half, Math.min(half, push)).toFixed(1)}px)`;
    if (document.activeElement === this.#playhead || !ed.player.playing) {
      this.#playhead.setAttribute("aria-valuenow", String(Math.round(ed.player.at)));
      this.#playhead.setAttribute("aria-valuetext", spoken(ed, ed.player.at));
    }
  }
}
