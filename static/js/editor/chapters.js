// @ts-check
/**
 * The tab Chapters: add, rename, remove, and the changes of slides as a suggestion.
 * @import {Editor} from "./types.js"
 * @import {Chapter} from "../timeline.js"
 */
import { toFrame } from "../plans.js";
import { el, icon, one, sync } from "./dom.js";
import { timeField } from "./timefield.js";

/** @param {Editor} ed @param {(tab: string) => void} open @returns {() => void} adds one at the playhead */
export function attachChapters(ed, open) {
  const panel = one(ed.root, "[data-panel=chapters]");
  const list = el("ol", { class: "ed-chapterlist" }), empty = el("p", { class: "ed-empty" }, ed.t("chapters.none")), suggest = el("div", { class: "ed-pauses", hidden: true });
  const add = el("button", { type: "button", class: "button", onclick: () => addHere() }, icon("bookmark-plus"), ed.t("chapters.add"));
  panel.replaceChildren(el("div", { class: "buttons" }, add), suggest, empty, list);

  function addHere() {
    if (ed.locked) return;
    const at = Math.min(ed.act.here, ed.store.duration - 1);
    const same = ed.store.state.chapters.find((c) => c.at === at);
    const id = same?.id ?? crypto.randomUUID();
    if (!same) ed.act.perform([{ kind: "chapter", id, at, title: ed.t("chapters.new", { Count: ed.store.state.chapters.filter((c) => c.at < at).length + 1 }) }]);
    open("chapters");
    draw();
    const input = /** @type {HTMLInputElement | null} */ (list.querySelector(`[data-key="${id}"] .ed-chapter-title`));
    input?.focus();
    input?.select();
  }

  /** @param {Chapter} chapter */
  function make({ id }) {
    const now = () => ed.store.state.chapters.find((c) => c.id === id);
    const title = el("input", { class: "input ed-chapter-title", "aria-label": ed.t("chapters.title"), maxlength: 512, autocomplete: "off", onkeydown: (/** @type {KeyboardEvent} */ e) => {
      e.stopPropagation();
      if (e.key === "Escape") title.value = now()?.title ?? "";
      if (e.key === "Enter" || e.key === "Escape") title.blur();
    }, onchange: () => {
      const c = now();
      if (!c || title.value === c.title) return;
      if (!ed.act.perform([{ kind: "chapter", id, at: c.at, title: title.value.trim() }])) title.value = c.title;
    } });
    const time = el("input", { class: "ed-time-input", "aria-label": ed.t("chapters.at"), inputmode: "decimal", autocomplete: "off" });
    const show = timeField(ed, time, () => now()?.at ?? 0, (to) => {
      const c = now();
      if (c) ed.act.perform([{ kind: "chapter", id, at: Math.min(to, ed.store.duration - 1), title: c.title }]);
    });
    const node = el("li", { class: "ed-chapterrow" }, title, el("div", { class: "ed-chapter-under" }, time,
      el("button", { type: "button", class: "button button-small button-quiet button-icon", "aria-label": ed.t("chapters.go"), onclick: () => ed.act.go(now()?.at ?? 0) }, icon("play", "icon-fill")),
      el("button", { type: "button", class: "button button-small button-quiet button-icon", "aria-label": ed.t("chapters.remove"), onclick: () => ed.act.perform([{ kind: "chapter-remove", id }]) }, icon("trash-2"))));
    node.addEventListener("ed-show", show);
    return node;
  }

  function draw() {
    const { chapters } = ed.store.state;
    empty.hidden = chapters.length > 0;
    add.disabled = ed.locked;
    sync(list, new Map(chapters.map((c) => [c.id, () => make(c)])), (node, key) => {
      const c = chapters.find((x) => x.id === key);
      const title = /** @type {HTMLInputElement} */ (one(node, ".ed-chapter-title"));
      if (c && document.activeElement !== title) title.value = c.title;
      node.querySelectorAll("input").forEach((i) => (i.disabled = ed.locked));
      node.dispatchEvent(new CustomEvent("ed-show"));
      const gone = c && ed.store.state.removed.some((r) => r.start <= c.at && c.at < r.end);
      node.classList.toggle("ed-chapter-gone", Boolean(gone));
    });
  }

  /** Slide changes make chapters, where none is near. */
  function suggestions() {
    if (suggest.dataset.done || ed.pictures.state !== "ready" || ed.locked) return;
    const changes = ed.pictures.changes().filter((at) => at > 3000 && at < ed.store.duration - 3000 && !ed.store.state.chapters.some((c) => Math.abs(c.at - at) < 5000));
    suggest.dataset.done = "true";
    if (changes.length < 2 || changes.length > 200) return;
    suggest.hidden = false;
    suggest.replaceChildren(icon("image"), el("span", {}, ed.t("chapters.found", { Count: changes.length })), el("button", { type: "button", class: "button button-small", onclick: () => {
      suggest.hidden = true;
      const first = ed.store.state.chapters.length;
      ed.act.perform(changes.map((at, i) => ({ kind: "chapter", id: crypto.randomUUID(), at: toFrame(at, ed.frameRate), title: ed.t("chapters.new", { Count: first + i + 1 }) })));
    } }, ed.t("chapters.use")));
  }

  ed.root.addEventListener("ed-tab", (e) => /** @type {CustomEvent} */ (e).detail === "chapters" && suggestions());
  ed.store.changed.on(draw);
  ed.lock.on(draw);
  draw();
  return addHere;
}
