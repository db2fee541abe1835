// @ts-check
/**
 * The panel's tabs, and the phone's places at the foot, which are the same panels.
 * @import {Editor} from "./types.js"
 */
import { one } from "./dom.js";

const PLACES = /** @type {Record<string, string>} */ ({ parts: "cutting", subtitles: "subtitles", chapters: "chapters", tracks: "cutting", details: "details" });

/** @param {Editor} ed @returns {(tab: string) => void} opens a tab */
export function attachTabs(ed) {
  const { root } = ed;
  const tabs = /** @type {HTMLButtonElement[]} */ ([...root.querySelectorAll("[role=tab]")]);
  const bottom = /** @type {HTMLButtonElement[]} */ ([...root.querySelectorAll("[data-phone-tab]")]);

  /** @param {string} name @param {boolean} [focus] */
  function open(name, focus = false) {
    root.dataset.tab = name;
    for (const tab of tabs) {
      const on = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      one(root, `[data-panel=${tab.dataset.tab}]`).hidden = !on;
      if (on && focus) tab.focus();
    }
    ed.people.say({ place: PLACES[name] ?? "cutting" });
    root.dispatchEvent(new CustomEvent("ed-tab", { detail: name }));
  }

  /** @param {string} name */
  function phone(name) {
    root.dataset.phone = name;
    bottom.forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.phoneTab === name)));
    if (name === "more") open(["tracks", "details"].includes(root.dataset.tab ?? "") ? root.dataset.tab ?? "tracks" : "details");
    else if (name !== "cut") open(name);
    root.dispatchEvent(new CustomEvent("ed-layout"));
  }

  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => open(tab.dataset.tab ?? ""));
    tab.addEventListener("keydown", (e) => {
      const to = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: tabs.length - 1 }[e.key];
      if (to === undefined) return;
      e.preventDefault();
      e.stopPropagation();
      open(tabs[(to + tabs.length) % tabs.length].dataset.tab ?? "", true);
    });
  });
  bottom.forEach((b) => b.addEventListener("click", () => phone(b.dataset.phoneTab ?? "")));
  const wanted = location.hash.slice(1);
  if (tabs.some((t) => t.dataset.tab === wanted)) open(wanted);
  return (tab) => {
    open(tab, true);
    if (matchMedia("(max-width: 639px)").matches) phone(["tracks", "details"].includes(tab) ? "more" : tab);
  };
}
