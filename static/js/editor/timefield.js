// @ts-check
/**
 * A field that takes a time: Enter sets, Esc restores, anything else says what it takes.
 * @import {Editor} from "./types.js"
 */
import { toFrame } from "../plans.js";
import { clock, parse } from "./time.js";

/**
 * @param {Editor} ed @param {HTMLInputElement} input @param {() => number} value what counts now, ms
 * @param {(ms: number) => boolean | void} set false: it could not be set
 * @returns {() => void} shows the value again, unless somebody types
 */
export function timeField(ed, input, value, set) {
  let typing = false, escaped = false;
  const show = () => {
    if (typing) return;
    input.value = clock(value());
    input.removeAttribute("aria-invalid");
    input.title = ed.t("time.hint");
  };
  const wrong = () => {
    const text = ed.t("time.wrong", { Total: clock(ed.store.duration, 0) });
    input.setAttribute("aria-invalid", "true");
    input.title = text;
    input.setCustomValidity(text);
    input.reportValidity();
    ed.speak(text);
  };
  input.addEventListener("focus", () => {
    typing = true;
    escaped = false;
    input.select();
  });
  input.addEventListener("input", () => {
    input.removeAttribute("aria-invalid");
    input.setCustomValidity("");
  });
  const take = () => {
    if (input.value === clock(value())) return true;
    const ms = parse(input.value, value(), ed.frameRate);
    if (ms === null || ms > ed.store.duration) {
      wrong();
      return false;
    }
    set(toFrame(ms, ed.frameRate));
    return true;
  };
  input.addEventListener("keydown", (e) => {
    e.stopPropagation();
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "z" && input.value === clock(value())) {
      e.preventDefault(); // nothing is typed: the change that was just made goes back
      return ed.act.turn(e.shiftKey);
    }
    if (e.key === "Enter") {
      e.preventDefault();
      if (!take()) return undefined;
      typing = false;
      show();
      input.blur();
    } else if (e.key === "Escape") {
      escaped = true;
      input.setCustomValidity("");
      input.blur();
    }
    return undefined;
  });
  input.addEventListener("blur", () => {
    if (typing && !escaped && parse(input.value, value(), ed.frameRate) !== null) take();
    typing = false;
    input.setCustomValidity("");
    show();
  });
  show();
  return show;
}
