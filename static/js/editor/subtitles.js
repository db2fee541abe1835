// @ts-check
/**
 * The tab Subtitles: the lines of one text track. It follows the playhead until one scrolls. Only the lines in view have
 * elements. Marking lines marks their time.
 * @import {Editor} from "./types.js"
 * @import {Cue} from "../timeline.js"
 */
import { cuesOf } from "../timeline.js";
import { el, icon, one, sync } from "./dom.js";
import { clock } from "./time.js";
import { timeField } from "./timefield.js";
import { download } from "./vtt.js";

const TALL = 64; // px a line takes at least

/** @param {Editor} ed */
export function attachSubtitles(ed) {
  const panel = one(ed.root, "[data-panel=subtitles]");
  const tracks = ed.data.source.tracks.filter((t) => t.text);
  if (!tracks.length) {
    panel.replaceChildren(el("p", { class: "ed-empty" }, ed.t("subtitles.none")));
    return;
  }
  let track = tracks[0].asset, follow = true, scrolling = false, query = "";
  /** The line with fields open. @type {string | null} */
  let open = null;
  const choice = el("select", { class: "input", "aria-label": ed.t("subtitles.language"), onchange: () => {
    track = choice.value;
    draw(true);
  } }, ...tracks.map((t) => el("option", { value: t.asset }, t.label)));
  const search = el("input", { class: "input", type: "search", placeholder: ed.t("subtitles.search"), "aria-label": ed.t("subtitles.search"), oninput: () => {
    query = search.value.trim().toLowerCase();
    follow = !query;
    draw(true);
  } });
  search.addEventListener("keydown", (e) => e.stopPropagation());
  const list = el("ol", { class: "ed-lines" });
  const back = el("button", { type: "button", class: "button button-small ed-follow-lines", hidden: true, onclick: () => {
    follow = true;
    draw(true);
  } }, ed.t("subtitles.follow"));
  const add = el("button", { type: "button", class: "button button-small", onclick: addLine }, icon("plus"), ed.t("subtitles.add"));
  const save = el("button", { type: "button", class: "button button-small", onclick: () => download(ed.data.event.title, ed.data.source.tracks.find((t) => t.asset === track)?.language ?? "", all()) }, icon("download"), "VTT");
  panel.replaceChildren(el("div", { class: "ed-lines-tools" }, tracks.length > 1 ? el("span", { class: "select select-small" }, choice, icon("chevron-down")) : null, search), el("div", { class: "buttons" }, add, save, back), list);

  const all = () => cuesOf(ed.store.source, ed.store.state, track);
  const nowLine = () => all().findLast((c) => c.start <= ed.player.at + 1 && ed.player.at < c.end);

  function addLine() {
    const start = ed.act.here, next = all().find((c) => c.start > start);
    const end = Math.min(ed.store.duration, next ? next.start : start + 2500, start + 2500);
    if (end - start < 200) return;
    const id = crypto.randomUUID();
    if (!ed.act.perform([{ kind: "cue", track, id, start, end, text: "" }])) return;
    open = id;
    draw(true);
    /** @type {HTMLElement | null} */ (list.querySelector("textarea"))?.focus();
  }

  /** @param {Cue} cue @param {Cue[]} cues */
  function trouble(cue, cues) {
    const next = cues[cues.indexOf(cue) + 1];
    if (cue.end <= cue.start) return ed.t("subtitles.backwards");
    if (next && next.start < cue.end) return ed.t("subtitles.overlaps", { Time: ((cue.end - next.start) / 1000).toFixed(1) });
    return "";
  }

  /** @param {string} id */
  function make(id) {
    const line = () => all().find((c) => c.id === id);
    if (id === open) return makeOpen(id);
    return el("li", { class: "ed-line" }, el("button", { type: "button", class: "ed-line-row", onclick: (/** @type {MouseEvent} */ e) => {
      const c = line();
      if (!c) return;
      if (e.shiftKey) return markTo(c);
      open = id;
      ed.act.go(c.start);
      draw(false);
      /** @type {HTMLTextAreaElement | null} */ (list.querySelector("textarea"))?.focus();
      return undefined;
    } }, el("span", { class: "ed-line-time" }), el("span", { class: "ed-line-text" })), el("p", { class: "field-error", hidden: true }));
  }

  /** @param {Cue} c from the marked line, or the present one, to this */
  function markTo(c) {
    const r = ed.mark.range;
    ed.mark.set(Math.min(r?.start ?? c.start, c.start), Math.max(r?.end ?? c.end, c.end));
  }

  /** @param {string} id */
  function makeOpen(id) {
    const line = () => all().find((c) => c.id === id) ?? { id, start: 0, end: 0, text: "" };
    const put = (/** @type {Partial<Cue>} */ change) => ed.act.perform([{ kind: "cue", track, ...line(), ...change }]);
    const text = el("textarea", { class: "input", rows: 2, "aria-label": ed.t("subtitles.words"), disabled: ed.locked });
    text.value = line().text;
    text.addEventListener("change", () => text.value !== line().text && put({ text: text.value }));
    text.addEventListener("keydown", (e) => {
      e.stopPropagation();
      if (e.key === "Escape") {
        text.value = line().text;
        open = null;
        draw(false);
      }
      if (e.key !== "Enter" || e.shiftKey) return;
      e.preventDefault();
      if (text.value !== line().text) put({ text: text.value });
      const cues = all(), next = cues[cues.findIndex((c) => c.id === id) + 1];
      open = next?.id ?? null;
      if (next) ed.act.go(next.start);
      draw(true);
      /** @type {HTMLTextAreaElement | null} */ (list.querySelector("textarea"))?.focus();
    });
    const starts = el("input", { class: "ed-time-input", inputmode: "decimal", "aria-label": ed.t("starts"), disabled: ed.locked }), ends = el("input", { class: "ed-time-input", inputmode: "decimal", "aria-label": ed.t("ends"), disabled: ed.locked });
    const wrong = (/** @type {number} */ a, /** @type {number} */ b) => a >= b && (ed.notices.add({ key: "refused", text: ed.t("subtitles.backwards"), failure: true, choices: [] }), true);
    const showStart = timeField(ed, starts, () => line().start, (to) => void (wrong(to, line().end) || put({ start: to })));
    const showEnd = timeField(ed, ends, () => line().end, (to) => void (wrong(line().start, to) || put({ end: to })));
    const node = el("li", { class: "ed-line ed-line-open" }, text, el("div", { class: "ed-line-times" }, starts, "–", ends,
      el("button", { type: "button", class: "button button-small button-quiet button-icon", "aria-label": ed.t("subtitles.play"), onclick: () => ed.player.playRange(line()) }, icon("play", "icon-fill")),
      el("button", { type: "button", class: "button button-small button-quiet button-icon button-mark-line", "aria-label": ed.t("subtitles.mark"), title: ed.t("subtitles.mark"), onclick: () => markTo(line()) }, icon("scissors")),
      el("button", { type: "button", class: "button button-small button-quiet button-icon", "aria-label": ed.t("subtitles.remove"), disabled: ed.locked, onclick: () => {
        open = null;
        ed.act.perform([{ kind: "cue-remove", track, id }]);
      } }, icon("trash-2"))), el("p", { class: "field-error", hidden: true }));
    node.addEventListener("ed-show", () => {
      showStart();
      showEnd();
      if (document.activeElement !== text) text.value = line().text;
    });
    return node;
  }

  /** @param {boolean} toNow */
  function draw(toNow) {
    if (panel.hidden) return;
    const cues = all(), found = query ? cues.filter((c) => c.text.toLowerCase().includes(query)) : cues;
    const now = nowLine();
    if (toNow && follow && now) scrollTo(found.indexOf(now), found.length);
    const first = Math.max(0, Math.floor(panel.scrollTop / TALL) - 12), last = Math.min(found.length, first + Math.ceil(panel.clientHeight / TALL) + 28);
    list.style.setProperty("--before", `${first * TALL}px`);
    list.style.setProperty("--after", `${(found.length - last) * TALL}px`);
    const shown = found.slice(first, last);
    sync(list, new Map(shown.map((c) => [`${c.id}${c.id === open ? " open" : ""}`, () => make(c.id)])), (node, key) => {
      const c = shown.find((x) => key === x.id || key === `${x.id} open`);
      if (!c) return;
      node.classList.toggle("ed-line-now", c === now);
      node.classList.toggle("ed-line-gone", ed.store.state.removed.some((r) => r.start <= c.start && c.end <= r.end));
      const time = node.querySelector(".ed-line-time"), text = node.querySelector(".ed-line-text"), error = /** @type {HTMLElement} */ (node.querySelector(".field-error"));
      if (time && text) {
        time.textContent = clock(c.start, 0);
        text.textContent = c.text || ed.t("subtitles.empty");
      }
      error.textContent = trouble(c, cues);
      error.hidden = !error.textContent;
      node.dispatchEvent(new CustomEvent("ed-show"));
    });
    back.hidden = follow || Boolean(query);
  }

  /** @param {number} index @param {number} count */
  function scrollTo(index, count) {
    scrolling = true;
    list.style.setProperty("--after", `${count * TALL}px`);
    panel.scrollTop = Math.max(0, index * TALL - panel.clientHeight / 3);
    requestAnimationFrame(() => requestAnimationFrame(() => (scrolling = false)));
  }

  let last = "";
  panel.addEventListener("scroll", () => {
    if (!scrolling && !query) follow = false;
    draw(false);
  });
  ed.store.changed.on(() => draw(false));
  ed.lock.on(() => draw(false));
  ed.player.moved.on(() => {
    const id = nowLine()?.id ?? "";
    if (id === last) return;
    last = id;
    draw(follow && open === null);
  });
  ed.root.addEventListener("ed-tab", () => draw(true));
}

/** "Words here" beside the pictures: last, present and next line. @param {Editor} ed */
export function attachWords(ed) {
  const box = one(ed.root, "[data-words]");
  const track = ed.data.source.tracks.find((t) => t.text);
  if (!track) return;
  const [last, now, next] = ["last", "now", "next"].map((w) => one(box, `[data-word=${w}]`));
  const draw = () => {
    const cues = cuesOf(ed.store.source, ed.store.state, track.asset);
    const i = cues.findLastIndex((c) => c.start <= ed.player.at + 1);
    const spoken = i >= 0 && ed.player.at < cues[i].end;
    box.hidden = !cues.length;
    last.textContent = cues[spoken ? i - 1 : i]?.text ?? "";
    now.textContent = spoken ? cues[i].text : "";
    next.textContent = cues[i + 1]?.text ?? "";
  };
  ed.player.moved.on(draw);
  ed.store.changed.on(draw);
  draw();
}
