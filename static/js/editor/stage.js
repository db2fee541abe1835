// @ts-check
/**
 * The pictures: slides as large as the stage allows, the presenter beside or inset; a tap swaps the two; removed pictures
 * play under a hatch.
 * @import {Editor} from "./types.js"
 */
import { one } from "./dom.js";

/** @param {Editor} ed */
export function attachStage(ed) {
  const stage = one(ed.root, "[data-stage]"), box = one(ed.root, "[data-pictures]");
  const figures = /** @type {HTMLElement[]} */ ([...box.querySelectorAll(".ed-video[data-video]")]);
  const gone = /** @type {HTMLElement[]} */ ([...box.querySelectorAll("[data-removed-here]")]);

  function swap() {
    for (const f of figures) {
      f.classList.toggle("ed-video-big");
      f.classList.toggle("ed-video-side");
    }
    const side = figures.find((f) => f.classList.contains("ed-video-side")), button = box.querySelector("[data-swap]");
    if (side && button) side.append(button);
    fit();
  }
  box.addEventListener("click", (e) => {
    const target = /** @type {HTMLElement} */ (e.target);
    if (target.closest("[data-swap]") || (target.closest(".ed-video-side") && matchMedia("(max-width: 639px)").matches)) swap();
    else if (target.closest("video")) ed.player.toggle();
  });

  /** Sizes by arithmetic: two videos of any shape, 69 % at most for the large one, never cut off. */
  function fit() {
    const big = figures.find((f) => f.classList.contains("ed-video-big")), side = figures.find((f) => f.classList.contains("ed-video-side"));
    const w = stage.clientWidth, h = stage.clientHeight;
    if (!big || !w || !h) return;
    const ratio = (/** @type {HTMLElement} */ f) => {
      const v = /** @type {HTMLVideoElement | null} */ (f.querySelector("video"));
      const t = ed.data.source.tracks.find((x) => x.asset === f.dataset.video);
      return v?.videoWidth ? v.videoWidth / v.videoHeight : t?.width && t.height ? t.width / t.height : 16 / 9;
    };
    if (getComputedStyle(stage).getPropertyValue("--phone").trim() === "1") {
      for (const f of figures) f.style.width = f.style.height = "";
      const rest = [".ed-head", ".ed-rows", "[data-row=conflict]", "[data-words]", ".ed-play", "[data-timeline]", ".ed-bottom"].reduce((sum, s) => sum + (/** @type {HTMLElement | null} */ (ed.root.querySelector(s))?.offsetHeight ?? 0), 0);
      const tools = ed.root.dataset.phone === "cut" ? 132 : innerHeight * 0.3;
      const tall = Math.max(110, Math.min(w / ratio(big), innerHeight - rest - tools));
      stage.style.setProperty("--big-height", `${tall}px`);
      return;
    }
    const words = box.querySelector("[data-words]:not([hidden])");
    const gap = 12, room = { w: box.clientWidth, h: box.clientHeight };
    const beside = Boolean(side) || Boolean(words);
    let wide = Math.min(room.h * ratio(big), beside ? (room.w - gap) * 0.69 : room.w);
    const tall = wide / ratio(big);
    wide = tall * ratio(big);
    big.style.width = `${wide}px`;
    big.style.height = `${tall}px`;
    if (!side) return;
    const left = room.w - gap - wide;
    const sideWide = Math.min(left, (words ? room.h * 0.62 : room.h) * ratio(side), 520);
    side.style.width = `${sideWide}px`;
    side.style.height = `${sideWide / ratio(side)}px`;
  }

  function removed() {
    const at = ed.player.at;
    const here = ed.store.state.removed.some((r) => r.start <= at && at < r.end);
    gone.forEach((g) => (g.hidden = !here));
  }

  const sizes = new ResizeObserver(fit);
  for (const node of [stage, one(ed.root, ".ed-rows"), one(ed.root, "[data-row=conflict]")]) sizes.observe(node);
  for (const f of figures) f.querySelector("video")?.addEventListener("loadedmetadata", fit);
  ed.root.addEventListener("ed-layout", fit);
  ed.player.moved.on(removed);
  ed.store.changed.on(removed);
  fit();
  removed();
}
