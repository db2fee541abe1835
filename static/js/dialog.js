// @ts-check
// A button with data-dialog="id" opens that dialog as a modal one; data-close inside closes it. Focus goes to its
// heading and, by the browser, back to the button afterwards.

/**
 * Opens a dialog modally with the focus on its heading.
 * @param {HTMLDialogElement} dialog
 */
export function openDialog(dialog) {
  if (dialog.open) return;
  dialog.showModal();
  const heading = dialog.querySelector("h2");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus();
  }
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const button = target?.closest("[data-dialog]");
  if (button instanceof HTMLElement) {
    const dialog = document.getElementById(button.dataset.dialog ?? "");
    if (dialog instanceof HTMLDialogElement) {
      event.preventDefault();
      openDialog(dialog);
    }
    return;
  }
  const dialog = target?.closest("dialog");
  if (dialog && (target?.closest("[data-close]") || target === dialog)) dialog.close();
});

// A form that was refused comes back in its dialog: open, at what is wrong.
const refused = document.querySelector("dialog[data-open]");
if (refused instanceof HTMLDialogElement) {
  openDialog(refused);
  const wrong = refused.querySelector('[aria-invalid="true"]');
  if (wrong instanceof HTMLElement) wrong.focus();
}
