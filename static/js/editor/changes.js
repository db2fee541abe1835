// @ts-check
/**
 * Latest changes, from the pill: who, what, when, look at it, go back to it. Going back is a new change: nothing is lost.
 * @import {Editor, LoggedOp} from "./types.js"
 */
import { api, Problem } from "./api.js";
import { el, one } from "./dom.js";
import { face } from "./faces.js";
import { clock } from "./time.js";

/** @param {Editor} ed @param {(start: number, end: number, colour: string, time: number) => void} flash */
export function attachChanges(ed, flash) {
  const box = one(ed.root, "[data-changes]"), list = one(ed.root, "[data-changes-list]");

  const what = (/** @type {LoggedOp} */ { op }) => ed.t(`change.${op.kind === "cut" && op.keep ? "keep" : op.kind}`, { Start: clock(op.start ?? 0, 1), End: clock(op.end ?? 0, 1), At: clock(op.at ?? 0, 1), Title: op.title ?? op.text ?? "" });
  const when = (/** @type {string | undefined} */ at) => (at ? new Date(at).toLocaleTimeString(ed.data.language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }) : "");

  async function load() {
    if (!list.children.length) list.replaceChildren(el("p", { class: "menu-label" }, ed.t("loading")));
    try {
      const answer = await api("GET", `${ed.data.opsUrl}?since=${Math.max(0, ed.store.rev - 40)}`);
      draw(/** @type {LoggedOp[]} */ (answer.ops).reverse());
    } catch (e) {
      list.replaceChildren(el("p", { class: "menu-label" }, e instanceof Problem ? e.message : ed.t("changes.offline")), el("button", { type: "button", onclick: load }, ed.t("again")));
    }
  }

  /** @param {LoggedOp[]} ops */
  function draw(ops) {
    if (!ops.length) {
      list.replaceChildren(el("p", { class: "menu-label" }, ed.t("changes.none")));
      return;
    }
    list.replaceChildren(...ops.map((logged, i) => {
      const mine = logged.author.user ? logged.author.user === ed.data.you.user : logged.author.name === ed.data.you.name;
      return el("div", { class: "ed-change" }, face(logged.author.name, mine ? "" : ed.people.colour(logged.author), "", true),
        el("button", { type: "button", class: "ed-change-what", onclick: () => look(logged) }, el("b", {}, mine ? ed.t("you") : logged.author.name), ` ${what(logged)}`, el("span", { class: "soft" }, ` ${when(logged.at)}`)),
        i === 0 || ed.locked ? null : el("button", { type: "button", class: "button button-small", onclick: () => back(logged) }, ed.t("changes.back")));
    }));
  }

  /** @param {LoggedOp} logged */
  function look({ op, author }) {
    const start = op.start ?? op.at, end = op.end ?? op.at;
    if (start === undefined || end === undefined) return;
    ed.view.frameRange(start, end);
    flash(start, end, ed.people.colour(author), 4000);
  }

  /** @param {LoggedOp} logged */
  async function back(logged) {
    try {
      const answer = await api("POST", `${ed.data.editUrl}/revs/${logged.rev}/restore`);
      if (answer?.ops) ed.store.receive(answer.ops);
      box.hidePopover();
      ed.speak(ed.t("changes.restored"));
    } catch (e) {
      ed.notices.add({ key: "restore", text: e instanceof Problem ? e.message : ed.t("changes.offline"), failure: true, choices: [] });
    }
  }

  box.addEventListener("beforetoggle", (e) => /** @type {ToggleEvent} */ (e).newState === "open" && load());
}
