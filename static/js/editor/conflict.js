// @ts-check
/**
 * "Jonas changed what you changed.": somebody else's later op undid one of mine. Mine can be put back by a new op.
 * @import {Editor} from "./types.js"
 * @import {Op} from "../timeline.js"
 */
import { collide } from "../timeline.js";
import { face } from "./faces.js";
import { clock } from "./time.js";

/**
 * What an op did, told of its author.
 * @param {Editor} ed @param {Op} op @param {string} who "you" or "other" @param {string} name @param {boolean} [it] it was done to what was just named
 */
function did(ed, op, who, name, it = false) {
  const at = op.start ?? op.at;
  const values = { Name: name, Start: clock(op.start ?? 0, 1), End: clock(op.end ?? 0, 1), At: clock(at ?? 0, 1), Title: op.title ?? op.text ?? "" };
  const kind = op.kind === "cut" ? (op.keep ? "keep" : "cut") : op.kind;
  return ed.t(`did.${who}.${kind}${it ? ".it" : ""}`, values);
}

/** @param {Editor} ed @param {(start: number, end: number, colour: string, time: number) => void} flash */
export function attachConflicts(ed, flash) {
  /** My ops that are in the log. @type {{op: Op, rev: number}[]} */
  let mine = [];
  ed.store.settled.on(({ op, rev }) => {
    mine = [...mine.filter((m) => !collide(m.op, op)).slice(-300), { op, rev }];
  });
  ed.store.foreign.on((ops) => {
    for (const logged of ops) {
      if (logged.author.user === ed.data.you.user) continue; // another tab of mine, or going back
      const hit = mine.findLast((m) => m.rev < logged.rev && collide(m.op, logged.op));
      if (!hit) continue;
      mine = mine.filter((m) => m !== hit);
      const first = logged.author.name.split(" ")[0];
      const colour = ed.people.colour(logged.author);
      const again = () => ed.act.perform([hit.op]);
      const range = (/** @type {Op} */ op) => ({ start: op.start ?? op.at ?? 0, end: op.end ?? op.at ?? 0 });
      const a = range(hit.op), b = range(logged.op);
      const same = hit.op.kind === "cut" && logged.op.kind === "cut" && a.start === b.start && a.end === b.end;
      const hasPlace = hit.op.kind !== "track";
      ed.notices.add({
        key: `conflict ${logged.id}`, face: face(logged.author.name, colour), colour,
        strong: ed.t("conflict.title", { Name: first }),
        text: `${did(ed, hit.op, "you", first)}, ${did(ed, logged.op, "other", first, same)}`,
        choices: [
          ...(hasPlace ? [{ text: ed.t("conflict.show"), icon: "eye", do() {
            ed.view.frameRange(Math.min(a.start, b.start), Math.max(a.end, b.end));
            flash(b.start, b.end, colour, 6000);
            flash(a.start, a.end, "mark-edge", 6000);
            ed.notices.add(notice());
          } }] : []),
          { text: ed.t("conflict.back"), icon: "rotate-ccw", do: again },
          { text: ed.t("conflict.leave"), primary: false, do() {} },
        ],
      });
      const shown = ed.notices.list[0];
      const notice = () => shown;
    }
  });
}
