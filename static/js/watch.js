// @ts-check
// The watch page: one bar for one or two videos in step. Without this script the browser's own controls play them.

import { clock } from "./watch_clock.js";
import { keepInStep } from "./watch_step.js";
import { attachSeek } from "./watch_seek.js";
import { attachWords } from "./watch_words.js";
import { attachTabs } from "./tabs.js";
import { watchVersion } from "./watch_version.js";

/**
 * @typedef {{ id: string, duration: number, at: number, chapters: { at: number, title: string }[], assets: string[], captions: string[], texts: Record<string, string> }} WatchData
 */

/** @template {Element} T @param {string} selector @param {{ new (): T }} type @returns {T | null} */
function one(selector, type) {
  const found = document.querySelector(selector);
  return found instanceof type ? found : null;
}

/** @type {WatchData} */
const data = JSON.parse(document.getElementById("watch-data")?.textContent ?? "{}");
const player = one("[data-player]", HTMLElement);
const lead = one("video[data-lead]", HTMLVideoElement);
const others = /** @type {HTMLVideoElement[]} */ ([...document.querySelectorAll("[data-player] video:not([data-lead])")]);

attachTabs();
if (player && lead) start(player, lead);

/** @param {HTMLElement} player @param {HTMLVideoElement} lead */
function start(player, lead) {
  const total = () => data.duration || lead.duration * 1000 || 0;
  const now = () => lead.currentTime * 1000;

  for (const video of [lead, ...others]) {
    video.controls = false;
    video.addEventListener("click", toggle);
    video.disablePictureInPicture = false;
  }
  player.classList.add("player-ready");
  const bar = one("[data-bar]", HTMLElement);
  if (bar) bar.hidden = false;
  keepInStep(lead, others);

  /** @param {number} ms */
  function seek(ms) {
    lead.currentTime = Math.min(Math.max(ms, 0), total()) / 1000;
    show();
  }

  function toggle() {
    if (lead.paused) lead.play().catch(() => undefined);
    else lead.pause();
  }

  const seekBar = attachSeek(data, total, seek);
  const words = attachWords(data, player, seek);

  function show() {
    const ms = now();
    const time = one("[data-now]", HTMLElement);
    if (time) time.textContent = clock(ms);
    seekBar(ms);
    words.show(ms);
    let current = null;
    for (const link of document.querySelectorAll("[data-chapter]")) {
      if (Number(link.getAttribute("data-at")) <= ms + 50) current = link;
      link.removeAttribute("aria-current");
    }
    current?.setAttribute("aria-current", "true");
  }

  function showPlaying() {
    const button = one("[data-play]", HTMLElement);
    button?.setAttribute("aria-label", (lead.paused ? button.dataset.playLabel : button.dataset.pauseLabel) ?? "");
    flip("[data-play-icon]", "[data-pause-icon]", lead.paused);
  }

  function mute() {
    lead.muted = !lead.muted;
  }

  /** @param {number} rate */
  function speed(rate) {
    lead.playbackRate = rate;
    const text = document.querySelector("[data-speed-now]");
    if (text) text.textContent = `${new Intl.NumberFormat(document.documentElement.lang).format(rate)}×`;
    keep("rate", String(rate));
  }

  function swap() {
    for (const picture of player.querySelectorAll("[data-picture]")) {
      if (picture.classList.contains("player-heard")) continue;
      picture.classList.toggle("player-large");
      picture.classList.toggle("player-beside");
    }
  }

  function full() {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void player.requestFullscreen();
  }

  let frame = 0;
  function follow() {
    show();
    frame = lead.paused ? 0 : requestAnimationFrame(follow);
  }
  for (const kind of ["play", "pause", "ended"]) lead.addEventListener(kind, showPlaying);
  lead.addEventListener("play", () => {
    if (frame === 0) follow();
  });
  for (const kind of ["seeked", "timeupdate", "loadedmetadata"]) lead.addEventListener(kind, show);
  for (const track of document.querySelectorAll("track")) track.addEventListener("load", show);
  lead.addEventListener("volumechange", () => {
    one("[data-mute]", HTMLElement)?.setAttribute("aria-pressed", String(lead.muted));
    flip("[data-sound-icon]", "[data-mute-icon]", !lead.muted);
  });
  lead.addEventListener("error", () => {
    const broken = one("[data-broken]", HTMLElement);
    if (broken) broken.hidden = false;
  });

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const at = target?.closest("[data-at]");
    if (at && !(event instanceof MouseEvent && (event.ctrlKey || event.metaKey || event.shiftKey))) {
      event.preventDefault();
      seek(Number(at.getAttribute("data-at")));
    } else if (target?.closest("[data-play]")) toggle();
    else if (target?.closest("[data-mute]")) mute();
    else if (target?.closest("[data-swap]")) swap();
    else if (target?.closest("[data-full]")) full();
    else if (target?.closest("[data-captions]")) words.toggle();
    const rate = target?.closest("[data-rate]");
    if (rate) speed(Number(rate.getAttribute("data-rate")));
    const track = target?.closest("[data-caption-track]");
    if (track) words.choose(Number(track.getAttribute("data-caption-track")));
  });

  /** @type {Record<string, () => void>} */
  const keys = {
    " ": toggle,
    k: toggle,
    j: () => seek(now() - 10_000),
    l: () => seek(now() + 10_000),
    ArrowLeft: () => seek(now() - 5000),
    ArrowRight: () => seek(now() + 5000),
    Home: () => seek(0),
    End: () => seek(total()),
    m: mute,
    s: swap,
    f: full,
    c: () => words.toggle(),
    ">": () => speed(Math.min(2, lead.playbackRate + 0.25)),
    "<": () => speed(Math.max(0.5, lead.playbackRate - 0.25)),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest('input:not([type="range"]), textarea, select, dialog, [popover], [role="tablist"]')) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === " " && target.closest("button, a, summary")) return;
    const act = keys[key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  speed(Number(kept("rate") ?? 1) || 1);
  if (data.at > 0) {
    if (lead.readyState > 0) seek(data.at);
    else lead.addEventListener("loadedmetadata", () => seek(data.at), { once: true });
  }
  showPlaying();
  show();
  watchVersion(data, now);
}

/** @param {string} a @param {string} b @param {boolean} first */
function flip(a, b, first) {
  document.querySelector(a)?.toggleAttribute("hidden", !first);
  document.querySelector(b)?.toggleAttribute("hidden", first);
}

/** @param {string} key @param {string} value */
function keep(key, value) {
  try {
    localStorage.setItem(`cutroom.watch.${key}`, value);
  } catch {
    // A browser that keeps nothing plays all the same.
  }
}

/** @param {string} key */
function kept(key) {
  try {
    return localStorage.getItem(`cutroom.watch.${key}`);
  } catch {
    return null;
  }
}
