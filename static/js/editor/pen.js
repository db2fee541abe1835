// @ts-check
/**
 * One at a time, with a pen: who holds it, asking for it, handing it over.
 * @import {Editor, Person} from "./types.js"
 */
import { el, icon, one } from "./dom.js";

/** @param {Editor} ed */
export function attachPen(ed) {
  const row = one(ed.root, "[data-row=pen]"), locked = one(ed.root, "[data-locked-text] span");
  /** @type {Person | null} */
  let holder = ed.data.pen;
  /** @type {Person | null} */
  let asked = null;
  let until = 0, timer = 0;
  const me = (/** @type {Person | null} */ p) => p !== null && (p.user ? p.user === ed.data.you.user : p.session === ed.socket.session);
  const send = (/** @type {string} */ what) => () => ed.socket.send({ type: "pen", do: what });
  const first = (/** @type {Person} */ p) => p.name.split(" ")[0];
  const button = (/** @type {string} */ text, /** @type {() => void} */ act, more = "") => el("button", { type: "button", class: `button button-small ${more}`, onclick: act }, text);

  function draw() {
    clearTimeout(timer);
    const pen = ed.data.mode === "pen";
    ed.locked = pen && holder !== null && !me(holder);
    ed.root.toggleAttribute("data-locked", ed.locked);
    ed.lock.emit();
    row.hidden = !pen || (holder === null && !asked);
    if (!pen) return;
    const fill = (/** @type {string} */ strong, /** @type {string} */ text, /** @type {...HTMLElement} */ ...buttons) => row.replaceChildren(icon("pencil"), el("p", { class: "ed-row-text" }, el("strong", {}, strong), " ", text), el("span", { class: "ed-row-choices" }, ...buttons));
    if (holder && me(holder)) {
      if (asked && !me(asked)) fill(ed.t("pen.asks", { Name: asked.name }), "", button(ed.t("pen.give"), send("give"), "button-primary"), button(ed.t("pen.keep"), send("keep")));
      else fill(ed.t("pen.yours"), ed.t("pen.yours.text"), button(ed.t("pen.release"), send("release")));
      return;
    }
    if (!holder) return;
    locked.textContent = ed.t("locked", { Name: first(holder) });
    const left = Math.ceil((until - Date.now()) / 1000);
    if (asked && me(asked)) {
      if (left > 0) {
        fill(ed.t("pen.asked"), ed.t("pen.answer", { Name: first(holder), Left: `0:${String(left).padStart(2, "0")}` }), button(ed.t("cancel"), () => {
          send("release")();
          asked = null;
          draw();
        }));
        timer = window.setTimeout(draw, 500);
      } else fill(ed.t("pen.silent", { Name: first(holder) }), "", button(ed.t("pen.take"), send("take"), "button-primary"));
      return;
    }
    const follow = ed.people.following;
    fill(ed.t("pen.has", { Name: holder.name }), ed.t("pen.watch"),
      button(follow ? ed.t("follow.stop") : ed.t("follow", { Name: first(holder) }), () => {
        ed.people.follow(follow ? "" : holder?.user || holder?.name || "");
        draw();
      }),
      ed.data.you.admin ? button(ed.t("pen.take"), send("take"), "button-primary") : button(ed.t("pen.ask"), () => {
        send("ask")();
        asked = { session: ed.socket.session, user: ed.data.you.user, name: ed.data.you.name, state: "active" };
        until = Date.now() + 15_000;
        draw();
      }, "button-primary"));
  }

  ed.socket.message.on((m) => {
    if (m.type === "hello") {
      ed.data.mode = m.mode ?? ed.data.mode;
      holder = m.pen?.holder ?? m.pen ?? null;
      asked = m.pen?.asked ?? null;
      draw();
    }
    if (m.type === "pen") {
      if (m.asked && me(m.asked) && !(asked && me(asked))) until = Date.now() + 15_000;
      holder = m.holder ?? null;
      asked = m.asked ?? null;
      draw();
    }
  });
  draw();
}
