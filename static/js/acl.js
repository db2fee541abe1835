// @ts-check
// The list "Who may": what has the focus keeps it when the list is drawn anew, and the arrow keys go between the field and what
// was found for it.

export {};

/** @type {string} */
let focused = "";

/** @param {Element | null} element what finds the same control in the new list */
function nameOf(element) {
  const row = element?.closest("[data-role]");
  if (row instanceof HTMLElement) return `[data-role="${CSS.escape(row.dataset.role ?? "")}"] select`;
  return element?.closest("#who-may") ? "#acl-add" : "";
}

for (const kind of ["change", "submit"]) {
  document.addEventListener(kind, (event) => {
    const at = event.target;
    if (at instanceof Element && at.closest("[data-acl]")) focused = nameOf(document.activeElement);
  }, true);
}

document.addEventListener("htmx:after:swap", () => {
  const card = document.getElementById("who-may");
  if (!card || !focused || card.contains(document.activeElement)) return;
  const again = card.querySelector(focused) ?? document.getElementById("acl-heading");
  focused = "";
  if (again instanceof HTMLElement) again.focus();
});

document.addEventListener("keydown", (event) => {
  const at = event.target;
  if (!(at instanceof HTMLElement)) return;
  const field = document.getElementById("acl-add");
  if (!field || (at !== field && !at.closest("[data-acl-found]"))) return;
  const stops = [field, ...document.querySelectorAll("[data-acl-found] button")];
  const now = stops.indexOf(at);
  if (event.key === "Escape" && at !== field) return field.focus();
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const to = stops[now + step];
  if (step === 0 || !(to instanceof HTMLElement)) return;
  event.preventDefault();
  to.focus();
});
