// @ts-check
/**
 * Keys of the whole page and the dialog that tells them. Single keys are off in fields and can be turned off altogether.
 * @import {Editor} from "./types.js"
 */
import { el, isField, one } from "./dom.js";

const KEPT = "cutroom.keys";

/** What the dialog lists: keys and the text's id. @type {[string, string][]} */
const LIST = [
  ["Space", "play"], ["J K L", "jkl"], ["← →", "second"], ["Shift ← →", "five"], [", .", "frame"], ["↑ ↓", "borders"], ["Home End", "ends"], ["G", "type"],
  ["I O", "mark"], ["X Delete", "cut"], ["[ ]", "trim"], ["S", "split"], ["C", "chapter"], ["Esc", "unmark"],
  ["Ctrl Z", "undo"], ["Ctrl Shift Z", "redo"], ["+ − 0", "zoom"], ["PgUp PgDn", "page"], ["P", "skip"], ["?", "help"],
];

/** @param {Editor} ed @param {Record<string, () => void>} deeds */
export function attachKeys(ed, deeds) {
  const dialog = /** @type {HTMLDialogElement} */ (one(ed.root, "#ed-keys")), body = one(ed.root, "[data-keys-body]");
  const off = /** @type {HTMLInputElement} */ (one(ed.root, "[data-keys-off]"));
  off.checked = localStorage.getItem(KEPT) === "off";
  off.addEventListener("change", () => localStorage.setItem(KEPT, off.checked ? "off" : "on"));
  body.append(el("dl", { class: "ed-keys" }, ...LIST.flatMap(([keys, id]) => [
    el("dt", {}, ...keys.split(" ").map((k) => el("kbd", {}, k))), el("dd", {}, ed.t(`keys.${id}`)),
  ])), el("p", { class: "soft small" }, ed.t("keys.borders.hint")));
  deeds.keys = () => {
    dialog.showModal();
    one(dialog, "h2").focus();
  };

  const step = (/** @type {number} */ ms) => () => ed.act.go(ed.act.here + ms);
  let shuttle = 0;
  const jkl = (/** @type {-1 | 0 | 1} */ way) => () => {
    const { player } = ed;
    if (way === 0 || (shuttle !== 0 && Math.sign(shuttle) !== way)) {
      shuttle = 0;
      player.pause();
      player.setRate(1);
      if (way === 0) return;
    }
    shuttle = Math.max(-3, Math.min(3, shuttle + way));
    if (way < 0) return ed.act.go(ed.act.here - 1000 * 2 ** (-shuttle - 1)); // browsers play forwards only: J steps back, further each time
    player.setRate(/** @type {Record<number, number>} */ ({ 1: 1, 2: 2, 3: 3 })[shuttle] ?? 1);
    if (!player.playing) player.play();
    return undefined;
  };

  /** @type {Record<string, () => void>} */
  const single = {
    " ": deeds.play, j: jkl(-1), k: jkl(0), l: jkl(1),
    ArrowLeft: step(-1000), ArrowRight: step(1000), "Shift+ArrowLeft": step(-5000), "Shift+ArrowRight": step(5000),
    ",": () => ed.act.go(ed.act.here - ed.view.frame), ".": () => ed.act.go(ed.act.here + ed.view.frame),
    ArrowUp: deeds.previous, ArrowDown: deeds.next, Home: () => ed.act.go(0), End: () => ed.act.go(ed.store.duration),
    i: () => ed.act.setMark("start"), o: () => ed.act.setMark("end"), x: deeds.cut, Delete: deeds.cut, Backspace: deeds.cut,
    "[": deeds.start, "]": deeds.end, s: deeds.split, p: deeds.skip, g: () => one(ed.root, "[data-time]").focus(), c: deeds.chapter,
    Escape: deeds.unmark, "+": deeds["zoom-in"], "=": deeds["zoom-in"], "-": deeds["zoom-out"], "−": deeds["zoom-out"], 0: deeds.all,
    PageUp: () => ed.view.pan(-ed.view.span * 0.9), PageDown: () => ed.view.pan(ed.view.span * 0.9), "?": deeds.keys,
  };

  addEventListener("keydown", (e) => {
    if (e.defaultPrevented || document.querySelector("dialog[open]")) return;
    const field = isField(e.target);
    if ((e.ctrlKey || e.metaKey) && !e.altKey && e.key.toLowerCase() === "z" && !field) {
      e.preventDefault();
      return ed.act.turn(e.shiftKey);
    }
    if ((e.ctrlKey || e.metaKey) && !e.altKey && e.key.toLowerCase() === "y" && !field) {
      e.preventDefault();
      return ed.act.turn(true);
    }
    if (e.ctrlKey || e.metaKey || e.altKey || field) return undefined;
    const letter = e.key.length === 1;
    if (letter && off.checked && e.key !== " ") return undefined;
    const control = e.target instanceof HTMLElement && e.target.closest("button, a, input, [role=tab], summary, [popover]");
    if (control && [" ", "Enter"].includes(e.key)) return undefined; // the button's own
    if (e.target instanceof HTMLElement && e.target.matches("input[type=range], [role=tab], input[type=checkbox]") && !letter) return undefined;
    const name = e.shiftKey && e.key.startsWith("Arrow") ? `Shift+${e.key}` : letter ? e.key.toLowerCase() : e.key;
    const deed = single[name];
    if (!deed) return undefined;
    e.preventDefault();
    deed();
    return undefined;
  });
}
