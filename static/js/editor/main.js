// @ts-check
/**
 * The editor's beginning: reads what the page brought, makes the parts and joins them.
 * @import {Data, Editor} from "./types.js"
 */
import { Actions } from "./actions.js";
import { attachChanges } from "./changes.js";
import { attachChapters } from "./chapters.js";
import { watchColours } from "./colours.js";
import { attachConflicts } from "./conflict.js";
import { one } from "./dom.js";
import { drawTimeline } from "./draw.js";
import { attachFaces } from "./faces.js";
import { attachFit } from "./fit.js";
import { Hair } from "./hair.js";
import { attachHandles } from "./handles.js";
import { attachKeys } from "./keys.js";
import { Lanes } from "./lanes.js";
import { Mark } from "./mark.js";
import { Notices } from "./notices.js";
import { attachOthers } from "./others.js";
import { Outbox } from "./outbox.js";
import { Overview } from "./overview.js";
import { attachParts } from "./parts.js";
import { attachPauses } from "./pauses.js";
import { Peaks } from "./peaks.js";
import { attachPen } from "./pen.js";
import { People } from "./people.js";
import { Pictures } from "./pictures.js";
import { attachPill } from "./pill.js";
import { Player } from "./player.js";
import { attachPointer } from "./pointer.js";
import { attachPublish } from "./publish.js";
import { nextFrame, Signal } from "./signal.js";
import { Socket } from "./socket.js";
import { attachStage } from "./stage.js";
import { Store } from "./store.js";
import { attachSubtitles, attachWords } from "./subtitles.js";
import { attachTabs } from "./tabs.js";
import { attachTitle } from "./title.js";
import { anchor, attachTools } from "./tools.js";
import { attachTracks } from "./tracks.js";
import { Undo } from "./undo.js";
import { View } from "./view.js";

const root = one(document, "#editor");
const data = /** @type {Data} */ (JSON.parse(one(document, "#editor-data").textContent ?? "{}"));

/** @param {string} id @param {Record<string, string | number>} [values] */
function t(id, values = {}) {
  return (data.texts[id] ?? id).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

const frameRate = data.source.tracks.find((x) => x.video && x.frameRate)?.frameRate || 25;
const speak = one(root, "[data-speak]");
const media = /** @type {HTMLMediaElement[]} */ ([...root.querySelectorAll("[data-media]")]);
media.sort((a, b) => Number(b.hasAttribute("data-sound")) - Number(a.hasAttribute("data-sound")));

const store = new Store(data.source, data.edit, new Outbox(data.event.id, data.you.user));
const ed = /** @type {Editor} */ ({
  root, data, t, store, frameRate, locked: false,
  socket: new Socket(data, store), undo: new Undo(store), view: new View(data.source.duration, 1000 / frameRate), mark: new Mark(),
  player: new Player(store, media, 1000 / frameRate), peaks: new Peaks(), pictures: new Pictures(),
  notices: new Notices(one(root, "[data-row=conflict]"), (n) => t("notices.more", { Count: n }), t("close")),
  lock: new Signal(),
  speak(text) {
    speak.textContent = "";
    requestAnimationFrame(() => (speak.textContent = text));
  },
});
ed.act = new Actions(ed);
ed.people = new People(ed);

const open = attachTabs(ed);
const { view, player, mark } = ed;

/** @type {Record<string, () => void>} */
const deeds = {
  play: () => player.toggle(), previous: () => ed.act.toBorder(-1), next: () => ed.act.toBorder(1),
  back5: () => ed.act.go(ed.act.here - 5000), ahead5: () => ed.act.go(ed.act.here + 5000),
  start: () => ed.act.startHere(), end: () => ed.act.endHere(), cut: () => ed.act.cutOut(), split: () => ed.act.split(),
  "play-mark": () => ed.act.playMark(), unmark: () => mark.clear(), undo: () => ed.act.turn(false), redo: () => ed.act.turn(true),
  skip() {
    player.skip = !player.skip;
    player.changed.emit();
  },
  mute: () => player.mute(!player.silent),
  "zoom-in": () => view.zoom(1.5, anchor(ed)), "zoom-out": () => view.zoom(1 / 1.5, anchor(ed)), all: () => view.all(),
};

const pauses = attachPauses(ed);
const hair = new Hair(ed), lanes = new Lanes(ed), overview = new Overview(ed);
const canvas = /** @type {HTMLCanvasElement} */ (one(root, "[data-canvas]"));
const others = attachOthers(ed, overview);
deeds.chapter = attachChapters(ed, open);
attachPointer(ed, hair, pauses);
attachHandles(ed, lanes, hair, pauses);
attachTools(ed, deeds);
attachKeys(ed, deeds);
attachFit(ed);
attachParts(ed);
attachTracks(ed);
attachSubtitles(ed);
attachWords(ed);
attachStage(ed);
attachFaces(ed);
attachConflicts(ed, others.flash);
attachPill(ed);
attachChanges(ed, others.flash);
attachPen(ed);
attachPublish(ed, open);
attachTitle(ed);

root.addEventListener("click", (e) => /** @type {HTMLElement} */ (e.target).closest("[data-close]")?.closest("dialog")?.close());
ed.store.refused.on(({ code, message }) => ed.act.refuse(code, message));

const draw = nextFrame(() => {
  drawTimeline(ed, canvas, pauses());
  lanes.draw();
  overview.draw();
  others.draw();
});
const drawMoving = nextFrame(() => {
  lanes.drawPlayhead();
  if (!player.playing) lanes.drawBorders();
  overview.drawPlayhead();
});
for (const signal of [store.changed, view.changed, ed.peaks.changed, ed.pictures.changed, ed.lock]) signal.on(draw);
mark.changed.on(draw);
player.moved.on((at) => {
  mark.follow(Math.round(at));
  if (view.centered) view.set(at - view.span / 2, view.span);
  else if (player.playing && (at > view.to || at < view.from)) view.reveal(at);
  drawMoving();
});

const notReady = one(root, "[data-not-ready]");
ed.peaks.changed.on(() => {
  notReady.hidden = ed.peaks.state !== "failed";
  notReady.textContent = t("peaks.failed");
});
if (!data.peaks.length && data.source.tracks.some((x) => x.audio)) {
  notReady.hidden = false;
  notReady.textContent = t("peaks.later");
}

const phone = matchMedia("(max-width: 639px)");
const measure = () => {
  view.centered = phone.matches;
  view.resize(canvas.clientWidth);
  if (phone.matches && view.span > 120_000) view.set(player.at - 30_000, Math.min(view.duration, 60_000));
  draw();
};
new ResizeObserver(measure).observe(canvas);
phone.addEventListener("change", measure);
root.addEventListener("ed-layout", measure);
watchColours(draw);

const heard = data.peaks.find((p) => data.source.tracks.some((x) => x.asset === p.asset && x.audio)) ?? data.peaks[0];
if (heard) void ed.peaks.load(heard.url);
ed.pictures.load(data.storyboards.find((s) => data.source.tracks.some((x) => x.asset === s.asset && x.flavor.startsWith("presentation"))) ?? data.storyboards[0]);

const wanted = Number(new URLSearchParams(location.search).get("t"));
player.seek(wanted > 0 ? wanted * 1000 : store.state.removed[0]?.start === 0 ? store.state.removed[0].end : 0);
measure();
ed.people.start();
ed.socket.connect();
