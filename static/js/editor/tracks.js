// @ts-check
/**
 * The tab Tracks: what goes into the result, and the cover.
 * @import {Editor} from "./types.js"
 */
import { useOf } from "../timeline.js";
import { el, icon, one } from "./dom.js";
import { clock } from "./time.js";

/** @param {Editor} ed */
export function attachTracks(ed) {
  const panel = one(ed.root, "[data-panel=tracks]");
  const media = ed.data.source.tracks.filter((t) => !t.text);

  function draw() {
    const { state } = ed.store;
    const focus = panel.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.focus : "";
    panel.replaceChildren(el("p", { class: "soft small" }, ed.t("tracks.hint")), el("ul", { class: "ed-tracklist" }, ...media.map((t) => {
      const use = useOf(state.tracks, t.asset);
      const toggle = (/** @type {"video" | "audio"} */ what, /** @type {string} */ text) => {
        const key = `${t.asset}.${what}`;
        return el("label", { class: "ed-switch" }, el("input", { type: "checkbox", role: "switch", checked: use[what], disabled: ed.locked, "data-focus": key, onchange: (/** @type {Event} */ e) => {
          const input = /** @type {HTMLInputElement} */ (e.target);
          if (!ed.act.perform([{ kind: "track", asset: t.asset, video: use.video, audio: use.audio, [what]: input.checked }])) draw();
        } }), el("span", {}, text));
      };
      return el("li", { class: "ed-track" }, el("div", {}, el("strong", {}, t.label), el("p", { class: "soft small" }, [t.width ? `${t.width} × ${t.height}` : "", clock(t.duration, 0), t.playable ? "" : ed.t("tracks.unplayable")].filter(Boolean).join(" · "))),
        el("div", { class: "ed-switches" }, t.video ? toggle("video", ed.t("tracks.picture")) : null, t.audio ? toggle("audio", ed.t("tracks.sound")) : null));
    })),
    el("h3", {}, ed.t("cover")),
    el("p", { class: "soft small" }, state.thumbnail ? (state.thumbnail.at === undefined ? ed.t("cover.own") : ed.t("cover.at", { Time: clock(state.thumbnail.at, 0) })) : ed.t("cover.auto")),
    cover() ?? "",
    el("div", { class: "buttons" }, el("button", { type: "button", class: "button", disabled: ed.locked, "data-focus": "cover", onclick: use }, icon("image"), ed.t("cover.use"))));
    if (focus) /** @type {HTMLElement | null} */ (panel.querySelector(`[data-focus="${focus}"]`))?.focus();
  }

  /** @returns {HTMLElement | null} */
  function cover() {
    const at = ed.store.state.thumbnail?.at, { sheet } = ed.pictures;
    if (at === undefined || !sheet) return null;
    const canvas = el("canvas", { class: "ed-cover", width: sheet.width, height: sheet.height, "aria-hidden": "true" });
    const c = canvas.getContext("2d");
    return c && ed.pictures.draw(c, at, 0, 0, sheet.width, sheet.height) ? canvas : null;
  }

  function use() {
    const big = /** @type {HTMLElement | null} */ (ed.root.querySelector(".ed-video-big[data-video]"));
    const asset = big?.dataset.video ?? media.find((t) => t.video)?.asset;
    if (asset) ed.act.perform([{ kind: "thumbnail", asset, at: Math.min(ed.act.here, ed.store.duration - 1) }], ed.t("cover.set"));
  }

  ed.store.changed.on(draw);
  ed.lock.on(draw);
  ed.pictures.changed.on(draw);
  draw();
}
