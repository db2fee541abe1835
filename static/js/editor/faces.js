// @ts-check
/**
 * Faces in the header, the row that says who is here, and the list that opens from them.
 * @import {Editor} from "./types.js"
 * @import {Someone} from "./people.js"
 */
import { el, icon, one } from "./dom.js";
import { clock } from "./time.js";

/** @param {string} name */
export function initials(name) {
  const words = name.split(/[\s\-._]+/).filter(Boolean);
  if (!words.length) return "?";
  return (words.length === 1 ? words[0].slice(0, 2) : words[0][0] + words[words.length - 1][0]).toUpperCase();
}

/** @param {string} name @param {string} colour @param {string} [state] @param {boolean} [small] */
export function face(name, colour, state = "", small = false) {
  return el("span", { class: `face ${colour ? `face-${colour}` : "face-you"} ${state ? `face-${state}` : ""} ${small ? "face-small" : ""}`.replace(/\s+/g, " ").trim(), "aria-hidden": "true" }, initials(name));
}

/** @param {Editor} ed */
export function attachFaces(ed) {
  const box = one(ed.root, "[data-faces]"), row = one(ed.root, "[data-row=presence]"), list = one(ed.root, "[data-people]");
  const following = one(ed.root, "[data-following]"), stage = one(ed.root, "[data-stage]");
  /** Dismissed for this visit. @type {Set<string>} */
  const dismissed = new Set();
  let last = "from the server";

  const says = (/** @type {Someone} */ p) => {
    if (p.left) return ed.t("person.left", { Name: p.name });
    if (p.state === "away") return ed.t("person.away", { Name: p.name });
    const at = clock(p.playhead ?? 0, 0);
    const id = { cutting: "person.cutting", subtitles: "person.subtitles", chapters: "person.chapters", details: "person.details" }[p.place ?? ""] ?? "person.here";
    return ed.t(id, { Name: p.name, Time: at });
  };

  function drawFaces() {
    const { others } = ed.people;
    const shown = others.slice(0, others.length > 4 ? 3 : 4);
    box.replaceChildren(...shown.map((p) => {
      const f = face(p.name, p.colour, p.left ? "left" : p.state);
      f.title = says(p);
      return f;
    }), ...(others.length > shown.length ? [el("span", { class: "face face-more" }, `+${others.length - shown.length}`)] : []), face(ed.data.you.name, ""),
      el("span", { class: "visually-hidden" }, others.length ? others.map(says).join("; ") : ed.t("people.alone")));
  }

  function drawRow() {
    const { view, people, data } = ed;
    const active = people.others.filter((p) => p.state === "active" && !p.left && !dismissed.has(p.key));
    const near = active.find((p) => p.place === "cutting" && p.playhead !== undefined && p.playhead >= view.from && p.playhead <= view.to && view.span < data.source.duration * 0.8);
    const who = near ?? active[0];
    const hidden = !who || data.mode === "pen";
    const key = hidden ? "" : `${who.key} ${active.length} ${Boolean(near)} ${people.following}`;
    if (key === last) return;
    if (document.documentElement.classList.contains("ed-dragging")) return;
    last = key;
    row.hidden = hidden;
    if (!who || hidden) return;
    const first = who.name.split(" ")[0];
    const text = ed.t(near ? "presence.near" : active.length > 1 ? "presence.two" : "presence.one", { Name: who.name, Other: active.find((p) => p !== who)?.name ?? "" });
    const bold = text.indexOf(who.name) === 0 ? who.name : "";
    row.replaceChildren(face(who.name, who.colour, "", true), el("p", { class: "ed-row-text" }, el("strong", {}, bold), text.slice(bold.length)),
      el("span", { class: "ed-row-choices" },
        el("button", { type: "button", class: "button button-small", onclick: () => people.follow(people.following === who.key ? "" : who.key) }, icon("target"), people.following === who.key ? ed.t("follow.stop") : ed.t("follow", { Name: first })),
        el("button", { type: "button", class: "button button-small button-quiet button-icon", "aria-label": ed.t("close"), onclick: () => {
          active.forEach((p) => dismissed.add(p.key));
          drawRow();
        } }, icon("x"))));
  }

  function drawList() {
    const { others, following } = ed.people;
    list.replaceChildren(...others.map((p) => el("div", { class: "ed-person" }, face(p.name, p.colour, p.left ? "left" : p.state), el("span", {}, says(p)),
      p.left ? null : el("button", { type: "button", class: "button button-small", onclick: () => {
        ed.people.follow(following === p.key ? "" : p.key);
        list.hidePopover();
      } }, following === p.key ? ed.t("follow.stop") : ed.t("follow.short")))),
    el("div", { class: "ed-person" }, face(ed.data.you.name, ""), el("span", {}, ed.t("person.you", { Name: ed.data.you.name }))));
  }

  function drawFollowing() {
    const who = ed.people.find(ed.people.following);
    following.hidden = !who;
    stage.classList.toggle("ed-stage-following", Boolean(who));
    if (!who) return;
    stage.style.setProperty("--person", `var(--${who.colour})`);
    following.textContent = ed.t("following", { Name: who.name.split(" ")[0] });
    if (who.playhead !== undefined && Math.abs(who.playhead - ed.player.at) > 400) {
      ed.player.seek(who.playhead);
      ed.view.reveal(who.playhead);
    }
  }

  const draw = () => {
    drawFaces();
    drawRow();
    drawFollowing();
    if (list.matches(":popover-open")) drawList();
  };
  list.addEventListener("beforetoggle", drawList);
  ed.people.changed.on(draw);
  ed.view.changed.on(drawRow);
  for (const type of ["pointerdown", "keydown", "wheel"]) one(ed.root, "[data-timeline]").addEventListener(type, () => ed.people.following && ed.people.follow(""), { capture: true, passive: true });
  draw();
}
