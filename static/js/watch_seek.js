// @ts-check
import { clock } from "./watch_clock.js";

/** @typedef {import("./watch.js").WatchData} WatchData */

/**
 * The seek bar in chapters. Gives a function that shows a position in milliseconds.
 * @param {WatchData} data
 * @param {() => number} total ms
 * @param {(ms: number) => void} seek
 * @returns {(ms: number) => void}
 */
export function attachSeek(data, total, seek) {
  const input = document.querySelector("[data-seek-input]");
  const box = document.querySelector("[data-seek-parts]");
  const tip = document.querySelector("[data-seek-tip]");
  if (!(input instanceof HTMLInputElement) || !box) return () => undefined;

  const starts = [...new Set([0, ...data.chapters.map((c) => c.at)])].filter((at) => at < total()).sort((a, b) => a - b);
  const parts = starts.map((start, i) => {
    const end = starts[i + 1] ?? total();
    const part = document.createElement("div");
    part.className = "seek-part";
    part.style.flexGrow = String(Math.max(end - start, 1));
    part.style.flexBasis = "0";
    const fill = document.createElement("span");
    part.append(fill);
    return { start, end, part, fill };
  });
  box.replaceChildren(...parts.map((p) => p.part));

  /** @param {number} ms */
  const chapter = (ms) => data.chapters.findLast((c) => c.at <= ms)?.title ?? "";

  input.addEventListener("input", () => seek(Number(input.value)));
  input.addEventListener("keydown", (event) => {
    const page = { PageUp: 30_000, PageDown: -30_000 }[event.key];
    if (page === undefined) return;
    event.preventDefault();
    seek(Number(input.value) + page);
  });
  if (tip instanceof HTMLElement) {
    input.addEventListener("pointermove", (event) => {
      const bounds = box.getBoundingClientRect();
      const share = Math.min(Math.max((event.clientX - bounds.left) / bounds.width, 0), 1);
      const ms = share * total();
      tip.hidden = false;
      tip.textContent = [clock(ms), chapter(ms)].filter(Boolean).join(" · ");
      tip.style.insetInlineStart = `${share * 100}%`;
    });
    input.addEventListener("pointerleave", () => (tip.hidden = true));
  }

  let said = "";
  return (ms) => {
    if (input.max !== String(Math.round(total()))) input.max = String(Math.round(total()));
    input.value = String(Math.round(ms));
    const title = chapter(ms);
    const values = /** @type {Record<string, string>} */ ({ Time: clock(ms), Total: clock(total()), Chapter: title });
    const words = (data.texts[title ? "watch.positionIn" : "watch.position"] ?? "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
    if (words !== said) input.setAttribute("aria-valuetext", (said = words));
    for (const { start, end, fill } of parts) {
      fill.style.transform = `scaleX(${Math.min(Math.max((ms - start) / Math.max(end - start, 1), 0), 1)})`;
    }
  };
}
