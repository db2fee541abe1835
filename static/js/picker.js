// @ts-check
// Choosing recordings for a course. Without this script every button loads the page again; with it the list stays where it is, and
// its buttons show what is chosen.

export {};

const page = /** @type {HTMLElement | null} */ (document.querySelector("[data-picker]"));
const said = /** @type {HTMLElement | null} */ (document.querySelector("[data-picker-said]"));

/** What is chosen: the recordings' ids with their titles. @returns {Map<string, string>} */
function chosen() {
  const all = new Map();
  for (const item of document.querySelectorAll("[data-picked]")) {
    if (item instanceof HTMLElement) all.set(item.dataset.picked ?? "", item.dataset.title ?? "");
  }
  return all;
}

let before = chosen();

/** Shows in the list what is chosen, and says what changed. */
function mark() {
  const now = chosen();
  for (const button of document.querySelectorAll("[data-choose]")) {
    if (!(button instanceof HTMLButtonElement)) continue;
    const is = now.has(button.dataset.choose ?? "");
    button.dataset.text ??= button.textContent ?? "";
    const text = (is ? button.dataset.chosen : button.dataset.text) ?? "";
    if (button.textContent !== text) button.textContent = text;
    if (button.ariaPressed !== String(is)) button.ariaPressed = String(is);
    button.name = is ? "remove" : "add";
  }
  for (const [id, title] of now) if (!before.has(id)) tell(said?.dataset.chosen, title);
  for (const [id, title] of before) if (!now.has(id)) tell(said?.dataset.taken, title);
  before = now;
}

/** @param {string | undefined} text @param {string} title */
function tell(text, title) {
  if (said) said.textContent = (text ?? "").replace("{Title}", title);
}

/** Where a course takes one recording, its title is what comes next. */
let wanted = "";
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const choose = /** @type {HTMLElement | null} */ (target?.closest("[data-choose]") ?? null);
  wanted = choose?.ariaPressed === "false" && page?.dataset.picker === "one" ? (choose.dataset.choose ?? "") : "";
  const clear = target?.closest("[data-clear-search]");
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector('[role="search"] [name="q"]'));
  if (!clear || !field) return;
  event.preventDefault();
  field.value = "";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}, true);

function changed() {
  mark();
  if (!wanted) return;
  const item = document.querySelector(`[data-picked="${CSS.escape(wanted)}"]`);
  const title = /** @type {HTMLInputElement | null} */ (item?.querySelector("input.input") ?? null);
  if (!title) return;
  wanted = "";
  title.focus();
  title.scrollIntoView({ block: "center" });
}

if (page) new MutationObserver(changed).observe(page, { childList: true, subtree: true });
mark();

// A choice is sent once, however often the button is pressed: the second answer would be a refusal.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.dataset.once === undefined || event.submitter?.getAttribute("formmethod") === "get") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const form of document.querySelectorAll("form[data-sent]")) form.removeAttribute("data-sent");
});
