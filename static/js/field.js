// @ts-check
// Fields that save themselves: a form[data-save] with one control "value". It saves when the control is left or 600 ms
// after the last key, tells so beside the label, and keeps what was typed until the server has said yes. The request is
// htmx's (event "save" on the form); the answer replaces the form's outcome, never the control.

import "./chips.js";

const quiet = 600; // ms after the last key
const tellAfter = 400; // ms until "Saving…" shows
const again = 5000; // ms until a lost save is tried again

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/** @type {WeakMap<HTMLFormElement, { typing?: number, telling?: number, retry?: number, sent?: string, busy?: boolean, lost?: boolean }>} */
const states = new WeakMap();

/** @param {HTMLFormElement} form */
function state(form) {
  let s = states.get(form);
  if (!s) states.set(form, (s = {}));
  return s;
}

/** @param {EventTarget | null} target */
function formOf(target) {
  const form = target instanceof Element ? target.closest("form[data-save]") : null;
  return form instanceof HTMLFormElement ? form : null;
}

/** @param {HTMLFormElement} form */
function control(form) {
  return /** @type {Control | null} */ (form.querySelector('[name="value"]'));
}

/** @param {HTMLFormElement} form */
function value(form) {
  const c = control(form);
  if (c instanceof HTMLInputElement && c.type === "checkbox") return c.checked ? c.value : "";
  return c?.value ?? "";
}

/** @param {HTMLFormElement} form */
function was(form) {
  const input = form.querySelector('[name="was"]');
  return input instanceof HTMLInputElement ? input.value : "";
}

/** @param {HTMLFormElement} form @param {"saving" | "waits" | ""} what */
function tell(form, what) {
  const place = form.querySelector("[data-field-state]");
  if (!(place instanceof HTMLElement)) return;
  place.dataset.state = what;
  place.textContent = what === "" ? "" : (place.dataset[what] ?? "");
}

/** @param {HTMLFormElement} form */
function save(form) {
  const s = state(form);
  clearTimeout(s.typing);
  clearTimeout(s.retry);
  if (s.busy) return;
  const failed = form.querySelector(".field-error, .field-conflict") !== null;
  if (value(form) === was(form) && !failed) return;
  if (!("htmx" in window)) {
    form.submit();
    return;
  }
  s.busy = true;
  s.lost = false;
  s.sent = value(form);
  s.telling = window.setTimeout(() => tell(form, "saving"), tellAfter);
  form.dispatchEvent(new Event("save"));
}

document.addEventListener("input", (event) => {
  const form = formOf(event.target);
  if (!form || event.target !== control(form)) return;
  const s = state(form);
  clearTimeout(s.typing);
  s.typing = window.setTimeout(() => save(form), quiet);
});

document.addEventListener("change", (event) => {
  const form = formOf(event.target);
  if (form && event.target === control(form)) save(form);
});

document.addEventListener("submit", (event) => {
  const form = formOf(event.target);
  if (!form || !("htmx" in window)) return;
  event.preventDefault();
  save(form);
}, true);

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-keep-theirs], [data-reload]") : null;
  if (!button) return;
  if (button.matches("[data-reload]")) return location.reload();
  const form = formOf(button);
  const c = form && control(form);
  if (!form || !c) return;
  if (c instanceof HTMLInputElement && c.type === "checkbox") c.checked = was(form) !== "";
  else c.value = was(form);
  c.dispatchEvent(new CustomEvent("cutroom:set", { bubbles: true }));
  form.querySelector(".field-conflict")?.remove();
  c.removeAttribute("aria-invalid");
  c.focus();
});

document.addEventListener("htmx:after:swap", (event) => {
  const form = formOf(event.target);
  const c = form && control(form);
  if (!form || !c) return;
  if (form.querySelector(".field-error")) c.setAttribute("aria-invalid", "true");
  else c.removeAttribute("aria-invalid");
  const heading = document.querySelector("h1[data-title]"), title = was(form);
  if (!heading || c.id !== "details-title" || !title || form.querySelector(".field-error, .field-conflict")) return;
  document.title = document.title.replace(heading.textContent ?? "", title);
  heading.textContent = title;
});

document.addEventListener("htmx:error", (event) => {
  const form = formOf(event.target);
  if (form) state(form).lost = true;
});

document.addEventListener("htmx:finally:request", (event) => {
  const form = formOf(event.target);
  if (!form) return;
  const s = state(form);
  clearTimeout(s.telling);
  s.busy = false;
  if (s.lost) {
    tell(form, "waits");
    s.retry = window.setTimeout(() => save(form), again);
  } else if (value(form) !== s.sent) {
    s.typing = window.setTimeout(() => save(form), quiet);
  }
});

addEventListener("online", () => {
  for (const form of document.querySelectorAll("form[data-save]")) {
    if (form instanceof HTMLFormElement && state(form).lost) save(form);
  }
});

addEventListener("beforeunload", (event) => {
  for (const form of document.querySelectorAll("form[data-save]")) {
    if (!(form instanceof HTMLFormElement)) continue;
    const s = states.get(form);
    if (s && (s.busy || s.lost)) event.preventDefault();
  }
});
