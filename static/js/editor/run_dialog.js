// @ts-check
/** The progress of a publishing, over the editor: the same fragment as on the run's own page, live while it is open. */
import { follow } from "../progress.js";
import { one } from "./dom.js";

/**
 * @param {HTMLElement} root
 * @param {string} pages address of runs' pages, up to the id
 * @returns {(id: string) => Promise<void>} opens the dialog on a run
 */
export function runDialog(root, pages) {
  const dialog = /** @type {HTMLDialogElement} */ (one(root, "#ed-run")), body = one(dialog, "[data-run-body]");
  const page = /** @type {HTMLAnchorElement} */ (one(dialog, "[data-run-page]"));
  // What is gone from the page asks no more.
  dialog.addEventListener("close", () => body.replaceChildren());
  return async (id) => {
    page.href = pages + id;
    try {
      const answer = await fetch(`${pages}${id}/progress`, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild;
      if (!(fresh instanceof HTMLElement)) throw new Error("no fragment");
      body.replaceChildren(fresh);
      dialog.showModal();
      one(dialog, "h2").focus();
      follow(fresh);
    } catch {
      location.assign(page.href); // that page says what is wrong
    }
  };
}
