// @ts-check
/**
 * The bar between pictures and timeline, and every other button with data-do.
 * @import {Editor} from "./types.js"
 */
import { el, icon, one } from "./dom.js";
import { span } from "./time.js";
import { timeField } from "./timefield.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];

/** @param {Editor} ed @param {Record<string, () => void>} deeds */
export function attachTools(ed, deeds) {
  const { root, player, mark, view } = ed;
  root.addEventListener("click", (e) => {
    const button = /** @type {HTMLElement} */ (e.target).closest("[data-do]");
    const deed = deeds[/** @type {HTMLElement} */ (button)?.dataset.do ?? ""];
    if (deed) deed();
  });

  const time = timeField(ed, one(root, "[data-time]"), () => player.at, (ms) => ed.act.go(ms));
  const start = timeField(ed, one(root, "[data-mark-start]"), () => mark.range?.start ?? 0, (ms) => mark.set(ms, mark.range?.end ?? ms));
  const end = timeField(ed, one(root, "[data-mark-end]"), () => mark.range?.end ?? 0, (ms) => mark.set(mark.range?.start ?? ms, ms));

  const box = one(root, "[data-mark]"), cut = one(root, "[data-cut]"), split = one(root, "[data-mark-split]");
  const hint = one(root, "[data-mark-hint]"), range = one(root, "[data-mark-range]"), length = one(root, "[data-mark-length]"), label = one(root, "[data-cut-label]");
  const phoneCut = one(root, "[data-phone-label=cut]");
  const drawMark = () => {
    const on = mark.range !== null || mark.anchor !== null;
    box.hidden = !on;
    cut.hidden = on;
    split.hidden = !on;
    hint.hidden = mark.anchor === null;
    range.hidden = mark.range === null || mark.anchor !== null;
    const long = mark.range ? mark.range.end - mark.range.start : 0;
    length.textContent = ed.t("marked", { Length: span(long) });
    const gap = mark.range && ed.store.state.removed.some((r) => r.start <= /** @type {{start: number}} */ (mark.range).start && r.end >= /** @type {{end: number}} */ (mark.range).end);
    label.textContent = ed.t(gap ? "putBack" : "cutOut");
    phoneCut.textContent = mark.anchor !== null && !mark.range ? ed.t("cutOut.again") : mark.range ? `${ed.t(gap ? "putBack" : "cutOut")} ${span(long)}` : ed.t("cutOut");
    root.dataset.marked = mark.range && mark.anchor === null ? "range" : on ? "open" : "";
    start();
    end();
  };

  const playIcon = one(root, "[data-play-icon]"), play = one(root, "[data-do=play]"), speed = one(root, "[data-speed]"), sound = one(root, "[data-sound-button]");
  const drawPlayer = () => {
    playIcon.replaceChildren(icon(player.playing ? "pause" : "play", "icon-fill"));
    play.setAttribute("aria-label", ed.t(player.playing ? "pause" : "play"));
    root.querySelectorAll("[data-do=skip]").forEach((b) => b.setAttribute("aria-pressed", String(player.skip)));
    speed.textContent = `${player.rate}×`;
    speed.setAttribute("aria-label", `${ed.t("speed")} ${player.rate}×`);
    sound.replaceChildren(icon(player.silent ? "volume-x" : "volume-2"));
  };

  const zoom = /** @type {HTMLInputElement} */ (one(root, "[data-zoom]"));
  zoom.addEventListener("input", () => view.toLevel(Number(zoom.value) / 1000, anchor(ed)));
  zoom.addEventListener("keydown", (e) => e.stopPropagation());
  const drawZoom = () => {
    zoom.value = String(Math.round(view.level * 1000));
    zoom.setAttribute("aria-valuetext", ed.t("zoom.value", { Length: span(view.span) }));
  };

  const drawUndo = () => {
    for (const [name, again] of /** @type {[string, boolean][]} */ ([["undo", false], ["redo", true]])) {
      root.querySelectorAll(`[data-do=${name}]`).forEach((b) => b.toggleAttribute("disabled", ed.locked || !ed.undo.next(again)));
    }
  };

  const speeds = one(root, "[data-speeds]"), volume = one(root, "[data-volume]"), more = one(root, "[data-moremenu]");
  speeds.addEventListener("beforetoggle", () => speeds.replaceChildren(...speedButtons(ed, () => speeds.hidePopover())));
  volume.addEventListener("beforetoggle", () => volume.replaceChildren(volumeRow(ed)));
  more.addEventListener("beforetoggle", () => more.replaceChildren(
    el("p", { class: "menu-label" }, ed.t("speed")), el("div", { class: "ed-speedrow" }, ...speedButtons(ed, () => more.hidePopover())),
    volumeRow(ed), el("hr"),
    ...["keys", "chapter", "mute"].map((name) => el("button", { type: "button", onclick: () => {
      more.hidePopover();
      deeds[name]?.();
    } }, icon(name === "keys" ? "keyboard" : name === "chapter" ? "bookmark-plus" : player.silent ? "volume-2" : "volume-x"), ed.t(`menu.${name}`)))));

  mark.changed.on(drawMark);
  ed.store.changed.on(drawMark);
  player.changed.on(drawPlayer);
  player.moved.on(time);
  view.changed.on(drawZoom);
  ed.undo.changed.on(drawUndo);
  ed.lock.on(drawUndo);
  drawMark();
  drawPlayer();
  drawZoom();
  drawUndo();
}

/** What stays where it is while zooming: the playhead if one sees it, else the middle. @param {Editor} ed */
export function anchor(ed) {
  const { at } = ed.player;
  return ed.view.centered || (at >= ed.view.from && at <= ed.view.to) ? at : ed.view.from + ed.view.span / 2;
}

/** @param {Editor} ed @param {() => void} close */
function speedButtons(ed, close) {
  return SPEEDS.map((rate) => el("button", { type: "button", "aria-pressed": String(ed.player.rate === rate), onclick: () => {
    ed.player.setRate(rate);
    close();
  } }, `${rate}×`));
}

/** @param {Editor} ed */
function volumeRow(ed) {
  const range = el("input", { type: "range", min: 0, max: 100, value: ed.player.silent ? 0 : Math.round(ed.player.volume * 100), "aria-label": ed.t("sound"), oninput: (/** @type {Event} */ e) => {
    ed.player.volume = Number(/** @type {HTMLInputElement} */ (e.target).value) / 100;
    ed.player.mute(ed.player.volume === 0);
  } });
  range.addEventListener("keydown", (e) => e.stopPropagation());
  return el("label", { class: "ed-volume-row" }, icon("volume-2"), range);
}
