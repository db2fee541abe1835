// @ts-check
// A button with data-copy="id" copies the text of that field and says so; a click into the field selects all of it.

for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.getAttribute("data-copy") ?? "");
  if (!(button instanceof HTMLButtonElement) || !(field instanceof HTMLInputElement)) continue;
  button.hidden = false;
  field.addEventListener("click", () => field.select());
  button.addEventListener("click", () => void copy(button, field));
}

/**
 * Copies a field's text. Where the clipboard is closed to the page, as without TLS, the old way does.
 * @param {HTMLButtonElement} button
 * @param {HTMLInputElement} field
 */
async function copy(button, field) {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    if (!document.execCommand("copy")) return;
  }
  const label = button.getAttribute("aria-label") ?? "";
  button.setAttribute("aria-label", button.dataset.copied ?? label);
  button.toggleAttribute("data-done", true);
  setTimeout(() => {
    button.setAttribute("aria-label", label);
    button.removeAttribute("data-done");
  }, 2000);
}
