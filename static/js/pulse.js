// @ts-check
// Hears when somebody is signed out, or may do more or less than when the page was drawn, and loads the page again; the server
// then draws what is so, or asks to sign in. Where that would lose something, a line with a link says so instead. One stream a
// tab, none while the tab is hidden: what happened meanwhile is told when it is seen again.

export {};

const least = 1000; // ms until a lost stream is tried again, and up to as much more
const most = 60_000; // ms, after many failures
const restless = 30_000; // ms in which a page loads itself again a few times at most
const few = 3;
const key = "cutroom pulse";

const line = /** @type {HTMLElement | null} */ (document.querySelector("[data-pulse]"));
const address = line?.dataset.pulse ?? "";

/** @type {EventSource | undefined} */
let stream;
let timer = 0;
let failures = 0;
let told = false;

/** Says whether something typed is on this page alone. */
function unsaved() {
  // Fields that save themselves and the editor say so when the page is about to go.
  if (!dispatchEvent(new Event("beforeunload", { cancelable: true }))) return true;
  if (document.querySelector("[data-uploads] > .upload")) return true;
  return [...document.querySelectorAll("input, textarea, select")].some(typed);
}

/** @param {Element} control */
function typed(control) {
  if (control instanceof HTMLSelectElement) {
    return control === document.activeElement && [...control.options].some((o) => o.selected !== o.defaultSelected);
  }
  if (!(control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement)) return false;
  const saves = control.closest("form[data-save]");
  if (saves) {
    const was = saves.querySelector('[name="was"]');
    return control.name === "value" && control.type !== "checkbox" && was instanceof HTMLInputElement && control.value !== was.value;
  }
  return !["search", "hidden", "checkbox", "radio", "range", "submit"].includes(control.type) && control.value !== control.defaultValue;
}

/** Says whether somebody watches a video just now. */
const plays = () => [...document.querySelectorAll("video, audio")].some((m) => m instanceof HTMLMediaElement && !m.paused && !m.ended);

/** Says whether this tab has loaded itself again too often: nodes of two versions may see it differently. */
function tooOften() {
  try {
    const times = (sessionStorage.getItem(key) ?? "").split(" ").map(Number).filter((t) => Date.now() - t < restless);
    if (times.length >= few) return true;
    sessionStorage.setItem(key, [...times, Date.now()].join(" "));
    return false;
  } catch {
    return false;
  }
}

/** @param {"reload" | "signed-out"} what @param {boolean} lost */
function hear(what, lost) {
  close();
  told = true;
  const gone = lost || what === "signed-out";
  if (!unsaved() && (gone || (!plays() && !tooOften()))) return location.reload();
  if (!line) return;
  const text = line.querySelector("[data-pulse-text]");
  if (text) text.textContent = (what === "signed-out" ? line.dataset.out : line.dataset.changed) ?? "";
  line.hidden = false;
}

function open() {
  clearTimeout(timer);
  if (stream || told || document.hidden || !address) return;
  const source = (stream = new EventSource(address));
  source.addEventListener("open", () => (failures = 0));
  source.addEventListener("reload", (e) => hear("reload", e instanceof MessageEvent && e.data === "lost"));
  source.addEventListener("signed-out", () => hear("signed-out", false));
  source.addEventListener("error", () => {
    close();
    const pause = Math.min(most, least * 2 ** failures++);
    timer = window.setTimeout(open, pause + Math.random() * pause);
  });
}

function close() {
  clearTimeout(timer);
  stream?.close();
  stream = undefined;
}

document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
addEventListener("pagehide", close);
addEventListener("pageshow", open);
addEventListener("online", open);
line?.querySelector("[data-pulse-reload]")?.addEventListener("click", (event) => {
  event.preventDefault();
  location.reload();
});
open();
