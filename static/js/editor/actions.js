// @ts-check
/**
 * What a person does to the edit, in one place: buttons, keys, list and timeline all call these.
 * @import {Editor} from "./types.js"
 * @import {Op, Range} from "../timeline.js"
 * @import {Border} from "../plans.js"
 */
import { Refusal, within, keptRanges } from "../timeline.js";
import { borders, endHere, moveBorder, pieceAt, startHere, toFrame } from "../plans.js";
import { clock, span } from "./time.js";

export class Actions {
  #ed;

  /** @param {Editor} ed */
  constructor(ed) {
    this.#ed = ed;
  }

  /** Where the playhead is, on the nearest frame. */
  get here() {
    return Math.min(this.#ed.store.duration, toFrame(this.#ed.player.at, this.#ed.frameRate));
  }

  /** @param {Op[]} ops @param {string} [said] to screen readers when it is done @returns {boolean} whether it went */
  perform(ops, said) {
    const ed = this.#ed;
    if (ed.locked || !ops.length) return false;
    try {
      ed.undo.perform(ops);
    } catch (e) {
      if (!(e instanceof Refusal)) throw e;
      this.refuse(e.code);
      return false;
    }
    ed.notices.remove("refused");
    if (said) ed.speak(said);
    return true;
  }

  /** A sentence for what cannot be. @param {string} code @param {string} [message] the server's words */
  refuse(code, message) {
    const id = `refuse.${code}`;
    const text = this.#ed.t(id, { Total: clock(this.#ed.store.duration, 0) });
    this.#ed.notices.add({ key: "refused", text: text === id ? message || this.#ed.t("refuse.other") : text, failure: true, choices: [] });
  }

  /** @param {Range} range */
  cut(range) {
    const gone = this.perform([{ kind: "cut", ...range, keep: false }], this.#ed.t("said.cut", { Length: span(range.end - range.start) }));
    if (gone) this.#ed.mark.clear();
    return gone;
  }

  /** @param {Range} range */
  putBack(range) {
    return this.perform([{ kind: "cut", start: range.start, end: range.end, keep: true }], this.#ed.t("said.back", { Length: span(range.end - range.start) }));
  }

  /** The button and the key: cuts the mark out, or begins one at the playhead. */
  cutOut() {
    const { mark, store } = this.#ed;
    if (this.#ed.locked) return;
    if (!mark.range) {
      if (mark.anchor === null) mark.begin(this.here);
      return;
    }
    const onlyRemoved = !within(keptRanges(store.source, store.state), mark.range).length;
    if (onlyRemoved) {
      this.putBack(mark.range);
      mark.clear();
    } else this.cut(mark.range);
  }

  startHere() {
    this.perform(startHere(this.#ed.store.source, this.#ed.store.state, this.here), this.#ed.t("said.start", { Time: clock(this.here) }));
  }

  endHere() {
    this.perform(endHere(this.#ed.store.source, this.#ed.store.state, this.here), this.#ed.t("said.end", { Time: clock(this.here) }));
  }

  split() {
    this.perform([{ kind: "split", at: this.here }], this.#ed.t("said.split", { Time: clock(this.here) }));
  }

  /** @param {number} at */
  join(at) {
    this.perform([{ kind: "join", at }], this.#ed.t("said.join"));
  }

  /** @param {Border} border @param {number} to */
  moveBorder(border, to) {
    return this.perform(moveBorder(border, to, this.#ed.view.frame));
  }

  /** Marks the part or removed range that holds a moment. @param {number} ms */
  markPiece(ms) {
    const piece = pieceAt(this.#ed.store.source, this.#ed.store.state, ms);
    this.#ed.mark.set(piece.start, piece.end);
  }

  /** The next or previous border from the playhead; the ends count. @param {1 | -1} way */
  toBorder(way) {
    const { store, player } = this.#ed;
    const all = [0, ...borders(store.source, store.state).map((b) => b.at), store.duration];
    const slack = player.playing && way < 0 ? 700 : 2;
    const to = way > 0 ? all.find((b) => b > player.at + 2) : all.findLast((b) => b < player.at - slack);
    if (to !== undefined) this.go(to);
  }

  /** @param {number} ms the playhead goes there and is brought into view */
  go(ms) {
    this.#ed.player.seek(toFrame(Math.max(0, Math.min(this.#ed.store.duration, ms)), this.#ed.frameRate));
    this.#ed.view.reveal(this.#ed.player.at);
  }

  /** I and O: the mark begins, or ends, at the playhead. O without a beginning marks from the last border. @param {"start" | "end"} side */
  setMark(side) {
    const { mark, store } = this.#ed;
    const here = this.here, start = mark.anchor ?? mark.range?.start, end = mark.anchor === null ? mark.range?.end : undefined;
    if (side === "start") {
      if (end !== undefined && here < end) mark.set(here, end);
      else mark.begin(here);
    } else mark.set(start !== undefined && start < here ? start : pieceAt(store.source, store.state, Math.max(0, here - 1)).start, here);
  }

  playMark() {
    const range = this.#ed.mark.range;
    if (!range) return;
    if (this.#ed.player.playing) return this.#ed.player.pause();
    const around = { start: Math.max(0, range.start - 2000), end: Math.min(this.#ed.store.duration, range.end + 2000) };
    this.#ed.player.playRange(around, false);
  }

  /** @param {boolean} again true: redo */
  turn(again) {
    const ed = this.#ed;
    const step = ed.undo.next(again);
    if (!step || ed.locked) return;
    const go = () => {
      try {
        ed.undo.turn(again);
      } catch (e) {
        if (!(e instanceof Refusal)) throw e;
        this.refuse(e.code);
      }
    };
    if (!step.touched || step.touched.user === ed.data.you.user) return go();
    const name = step.touched.name.split(" ")[0];
    ed.notices.add({ key: "undo", strong: ed.t("undo.touched", { Name: name }), text: "", choices: [{ text: ed.t("undo.anyway"), do: go }, { text: ed.t("conflict.leave"), primary: false, do() {} }] });
  }
}
