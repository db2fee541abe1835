// @ts-check
// Keeps a fragment fresh: an element with data-progress="address" and data-live asks for itself again, at most twice a
// second, never while the tab is hidden, slower while answers fail. When the answer has no data-live, it stops. A list with
// data-live="rows" gets its rows again, as long as one of them is in work and no more were loaded by hand.

const fastest = 700; // ms between two questions
const slowest = 10_000; // ms, after many failures

/**
 * @typedef {{ swap(ctx: { text: string, target: Element, sourceElement: Element, swap: string }): Promise<void> }} Htmx
 */

let spoken = "";

/** @param {HTMLElement} element */
function announce(element) {
  const { title, spoken: words } = element.dataset;
  if (title && element.id === "run-progress") {
    const rest = document.title.split(" · ").slice(1);
    document.title = [title, ...rest].join(" · ");
  }
  const place = document.querySelector("[data-progress-spoken]");
  if (place && words && words !== spoken) {
    if (spoken !== "") place.textContent = words;
    spoken = words;
  }
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
async function replace(element, text) {
  const htmx = /** @type {{ htmx?: Htmx }} */ (/** @type {unknown} */ (window)).htmx;
  if (htmx) {
    await htmx.swap({ text, target: element, sourceElement: element, swap: isList(element) ? "innerMorph" : "outerMorph" });
    return;
  }
  if (isList(element)) return;
  const fresh = new DOMParser().parseFromString(text, "text/html").body.firstElementChild;
  if (fresh) element.replaceWith(fresh);
}

/** @param {HTMLElement} element */
const isList = (element) => element.dataset.live === "rows";

/** @param {HTMLElement} element @param {boolean} fine */
function show(element, fine) {
  for (const tag of document.querySelectorAll("[data-live-tag]")) {
    if (tag instanceof HTMLElement) tag.hidden = !fine;
  }
  element.dispatchEvent(new CustomEvent("cutroom:fresh", { bubbles: true, detail: { fine } }));
}

/** @param {string} id */
async function watch(id) {
  let wait = 0;
  const rows = document.getElementById(id)?.childElementCount ?? 0;
  for (;;) {
    const element = document.getElementById(id);
    if (!element || element.dataset.live === undefined) return;
    const every = Math.max(fastest, Number(element.dataset.every ?? 0));
    await pause(Math.max(every, wait));
    await seen();
    if (isList(element) && (!element.querySelector(".tag-running") || element.childElementCount > rows + 1)) continue;
    try {
      const answer = await fetch(element.dataset.progress ?? "", { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (answer.status === 401 || answer.redirected) return location.reload();
      if (answer.status === 403 || answer.status === 404) return;
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      if (element.contains(document.querySelector(":popover-open")) || element.querySelector("[data-busy]")) continue;
      await replace(element, text);
      wait = 0;
      const fresh = document.getElementById(id);
      if (fresh) {
        announce(fresh);
        show(fresh, true);
      }
    } catch {
      wait = Math.min(slowest, Math.max(fastest, wait * 2));
      show(element, false);
    }
  }
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

/** Resolves when the tab is seen. */
async function seen() {
  while (document.hidden) {
    await new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
  }
}

/** Keeps a fragment that came later fresh. @param {HTMLElement} element */
export function follow(element) {
  if (!element.id || element.dataset.live === undefined) return;
  announce(element);
  void watch(element.id);
}

for (const element of document.querySelectorAll("[data-progress][data-live]")) {
  if (element instanceof HTMLElement) follow(element);
}
