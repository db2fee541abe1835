// @ts-check
/**
 * Publish: the dialog with before and after, warnings and what will happen; then the button tells how far it is.
 * @import {Editor, Run} from "./types.js"
 */
import { cuesOf, kept, length, useOf } from "../timeline.js";
import { api, Problem } from "./api.js";
import { el, icon, one } from "./dom.js";
import { runDialog } from "./run_dialog.js";
import { strip, stripAfter } from "./strip.js";
import { span } from "./time.js";
import { warnings } from "./warnings.js";

const RUNNING = new Set(["queued", "dispatched", "running"]);

/** A length as it is written, so that the three on the dialog add up. @param {number} ms */
const shown = (ms) => (ms >= 60_000 ? Math.floor(ms / 1000) * 1000 : ms);

/** @param {Editor} ed @param {(tab: string) => void} open */
export function attachPublish(ed, open) {
  const button = /** @type {HTMLButtonElement} */ (one(ed.root, "[data-publish]")), dialog = /** @type {HTMLDialogElement} */ (one(ed.root, "#ed-publish"));
  const body = one(dialog, "[data-publish-body]"), go = /** @type {HTMLButtonElement} */ (one(dialog, "[data-publish-go]")), rev = one(dialog, "[data-publish-rev]");
  /** @type {Run | null} */
  let run = ed.data.run;
  /** Started on this page: its end is worth a sentence. */
  let mine = "", publishedRev = ed.data.run?.state === "done" ? ed.data.run.rev ?? -1 : -1, timer = 0;

  const showRun = runDialog(ed.root, ed.data.runUrl);
  const stays = () => length(kept(ed.store.source, ed.store.state));
  const busy = () => Boolean(run && RUNNING.has(run.state));
  const policy = () => (busy() ? ed.data.runsPolicy : "");

  function drawButton() {
    button.disabled = ed.locked;
    if (!run || !busy()) {
      button.textContent = ed.t("publish");
      button.classList.remove("ed-publishing");
      return;
    }
    button.classList.add("ed-publishing");
    const percent = Math.floor((run.progress ?? 0) * 100);
    button.style.setProperty("--done", `${percent}%`);
    button.textContent = run.state === "running" ? ed.t("publish.running", { Percent: percent }) : ed.t("publish.waits");
    button.title = ed.t("publish.toRun");
  }

  function draw() {
    const parts = kept(ed.store.source, ed.store.state), total = ed.store.duration, left = stays();
    const names = ed.data.source.tracks.filter((t) => !t.text && useOf(ed.store.state.tracks, t.asset).video && t.video).map((t) => t.label);
    const n = ed.store.state.removed.length;
    const facts = [left < total ? ed.t("publish.shorter", { Length: span(shown(total) - shown(left)) }) : ed.t("publish.asLong"), n ? ed.t(n === 1 ? "publish.range" : "publish.ranges", { Count: n }) : "", names.length ? ed.t("publish.goIn", { Text: new Intl.ListFormat(ed.data.language).format(names) }) : ""].filter(Boolean);
    const list = warnings(ed, publishedRev);
    const cues = ed.data.source.tracks.some((t) => t.text && cuesOf(ed.store.source, ed.store.state, t.asset).length);
    const waits = ed.store.pending.length, who = run?.requestedBy ?? "";
    const block = waits || !ed.socket.works ? ed.t("publish.unsaved") : policy() === "reject" ? ed.t("publish.reject", { Name: who, Time: run?.etaMs ? ed.t("publish.left", { Length: span(run.etaMs) }) : "" }) : "";
    const said = { queue: "publish.queue", supersede: "publish.supersede", replace: "publish.replace" }[policy()];
    body.replaceChildren(
      el("div", { class: "ed-before" },
        el("span", {}, ed.t("publish.before")), strip(total, parts, ed.t("publish.before"), "strip-tall"), el("strong", {}, span(total)),
        el("span", {}, ed.t("publish.after")), stripAfter(total, parts, ed.t("publish.after"), "strip-tall"), el("strong", {}, span(left)),
        el("p", { class: "soft small" }, facts.join(" · "))),
      el("ul", { class: "ed-warnings" },
        ...(block ? [el("li", { class: "ed-blocks", role: "alert" }, icon("triangle-alert"), el("span", {}, block), run && policy() === "reject" ? el("a", { href: ed.data.runUrl + run.id }, ed.t("publish.see")) : null)] : []),
        ...list.map((w) => el("li", {}, icon("triangle-alert"), el("span", {}, w.text), w.act ? el("button", { type: "button", class: "button-link", onclick: () => {
          dialog.close();
          if (w.tab) open(w.tab);
          w.act?.();
        } }, w.link ?? ed.t("publish.show")) : null)),
        ...(said ? [el("li", { class: "ed-said" }, icon("info"), el("span", {}, ed.t(said, { Name: who })))] : []),
        el("li", { class: "ed-fine" }, icon("check"), el("span", {}, ed.t(cues ? "publish.fits" : "publish.fitsTitle")))),
      el("p", { class: "soft" }, ed.t("publish.promise")));
    go.textContent = ed.t("publish.go", { Length: span(left) });
    go.disabled = Boolean(block);
    rev.textContent = ed.t("publish.rev", { Count: ed.store.rev });
  }

  async function start() {
    go.disabled = true;
    try {
      run = await api("POST", ed.data.runsUrl, { workflow: "publish", rev: ed.store.rev }, { "Idempotency-Key": crypto.randomUUID() });
      mine = run?.id ?? "";
      dialog.close();
      drawButton();
      poll();
    } catch (e) {
      body.querySelector(".ed-blocks")?.remove();
      one(body, ".ed-warnings").prepend(el("li", { class: "ed-blocks", role: "alert" }, icon("triangle-alert"), el("span", {}, e instanceof Problem ? e.message : ed.t("publish.offline"))));
      go.disabled = false;
    }
  }

  /** @param {Run} next */
  function take(next) {
    const known = run?.id === next.id, went = known && busy();
    if (!known && run && busy() && run.id === mine && next.state !== "running") return;
    run = { ...(known ? run : {}), ...next };
    if (run.state === "done" && run.rev !== undefined) publishedRev = run.rev;
    drawButton();
    if (dialog.open) draw();
    if (busy()) ed.notices.remove("publish");
    else if (went) tell(run);
  }

  /** @param {Run} ended */
  function tell(ended) {
    const see = { text: ed.t("publish.see"), do: () => void showRun(ended.id) };
    if (ended.state === "done") {
      const sees = ended.rev === undefined || ended.rev === ed.store.rev ? ed.t("publish.students", { Length: span(stays()) }) : "";
      const address = new URL(ed.data.watchUrl, location.href).href;
      ed.notices.add({ key: "publish", icon: "check", strong: ed.t("publish.done"), text: sees, choices: [
        { text: ed.t("publish.watch"), icon: "play", do: () => void window.open(address, "_blank", "noopener") },
        { text: ed.t("publish.copy"), icon: "link", do: () => copy(address) },
        { text: ed.t("close"), primary: false, do() {} },
      ] });
      ed.speak(`${ed.t("publish.done")} ${sees}`);
    } else if (ended.state === "failed") {
      ed.notices.add({ key: "publish", failure: true, strong: ed.t("publish.failed"), text: ended.error ?? "", choices: [see, { text: ed.t("close"), primary: false, do() {} }] });
    } else if (ended.state === "cancelled" || ended.state === "superseded") {
      ed.notices.add({ key: "publish", strong: ed.t(`publish.${ended.state}`), text: "", choices: [see, { text: ed.t("close"), primary: false, do() {} }] });
    }
  }

  /** @param {string} address */
  async function copy(address) {
    let copied = true;
    try {
      await navigator.clipboard.writeText(address);
    } catch {
      copied = false;
    }
    ed.notices.add({ key: "publish", icon: copied ? "check" : "link", text: copied ? ed.t("publish.copied") : address, choices: [{ text: ed.t("close"), primary: false, do() {} }] });
  }

  /** Asks while the socket says nothing. */
  function poll() {
    clearTimeout(timer);
    timer = window.setTimeout(async () => {
      if (!run || !busy()) return;
      if (!document.hidden) {
        try {
          take(await api("GET", `/api/v1/runs/${run.id}`));
        } catch {
          // the next turn asks again
        }
      }
      poll();
    }, ed.socket.status === "open" ? 5000 : 1500);
  }

  button.addEventListener("click", () => {
    if (run && busy() && (policy() === "reject" || run.id === mine)) return void showRun(run.id);
    draw();
    dialog.showModal();
    one(dialog, "h2").focus();
    return undefined;
  });
  go.addEventListener("click", start);
  ed.socket.message.on((m) => m.type === "run" && m.run && take(m.run));
  for (const signal of [ed.store.moved, ed.store.changed]) signal.on(() => dialog.open && draw());
  ed.socket.changed.on(() => dialog.open && draw());
  ed.lock.on(drawButton);
  drawButton();
  if (busy()) poll();
}
