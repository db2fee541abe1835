// @ts-check
/**
 * The save pill: always says how it stands with what one did.
 * @import {Editor} from "./types.js"
 */
import { icon, one } from "./dom.js";

/** @param {Editor} ed */
export function attachPill(ed) {
  const pill = one(ed.root, "[data-pill]"), text = one(ed.root, "[data-pill-text]"), sign = one(ed.root, "[data-pill-icon]"), short = one(ed.root, "[data-pill-short]");
  const row = one(ed.root, "[data-row=state]"), rowText = one(ed.root, "[data-state-text]");
  const atFirst = rowText.textContent?.trim() ?? "";
  let slow = false, timer = 0, shown = "";

  /** @param {string} one @param {string} many @param {number} n */
  const count = (one, many, n) => ed.t(n === 1 ? one : many, { Count: n });

  /** @returns {[string, string, boolean]} text, icon, whether something waits */
  function now() {
    const n = ed.store.pending.length, { status } = ed.socket;
    const rest = n ? `, ${count("pill.kept.one", "pill.kept", n)}` : "";
    if (status === "signed-out") return [ed.t("pill.signIn") + rest, "log-out", true];
    if (status === "forbidden" || status === "gone") return [ed.t("pill.closed") + rest, "lock", true];
    if (status === "offline") return [ed.t("pill.offline") + rest, "wifi-off", true];
    if (status === "waiting" || (status === "connecting" && ed.socket.lost)) return [ed.t("pill.reconnecting") + rest, "refresh-cw", true];
    if (ed.locked) return [ed.t("pill.watching"), "eye", false];
    if (n) return slow ? [ed.t("pill.saving"), "refresh-cw", false] : [ed.t("pill.saved"), "check", false];
    return [ed.t("pill.saved"), "check", false];
  }

  function draw() {
    const n = ed.store.pending.length;
    if (!n) {
      clearTimeout(timer);
      timer = 0;
      slow = false;
    } else if (!timer) {
      timer = window.setTimeout(() => {
        slow = true;
        draw();
      }, 400);
    }
    const [words, name, waits] = now();
    if (words === shown) return;
    shown = words;
    text.textContent = words;
    short.textContent = waits ? ed.t("pill.short.waits") : words;
    pill.classList.toggle("pill-waits", waits);
    pill.title = words;
    sign.replaceChildren(icon(name));
    drawRow();
  }

  /** The sentence for a line that is broken for longer than a moment. */
  function drawRow() {
    const { status } = ed.socket;
    const id = /** @type {Record<string, string>} */ ({ offline: "state.offline", "signed-out": "state.signedOut", forbidden: "state.forbidden", gone: "state.gone" })[status] ?? "";
    const full = !ed.store.kept ? ed.t("state.full") : "";
    const words = id ? ed.t(id) : full || atFirst;
    row.hidden = !words;
    rowText.replaceChildren(words);
    row.classList.toggle("ed-row-failed", status === "forbidden" || status === "gone");
    if (status === "signed-out") {
      const link = Object.assign(document.createElement("a"), { href: `/sign-in?back=${encodeURIComponent(location.pathname)}`, target: "_blank", textContent: ed.t("state.signIn") });
      rowText.append(" ", link);
    }
  }

  ed.store.moved.on(draw);
  ed.socket.changed.on(draw);
  ed.lock.on(draw);
  // A tab that is closed keeps what it holds; the question comes only when the browser could not keep it.
  addEventListener("beforeunload", (e) => {
    if (ed.store.pending.length && !ed.store.kept) e.preventDefault();
  });
  draw();
}
