// @ts-check
/**
 * The title in the header: a click edits it. Changes of others, by socket, come in at once.
 * @import {Editor} from "./types.js"
 */
import { api, Problem } from "./api.js";
import { el, one } from "./dom.js";

/** @param {Editor} ed */
export function attachTitle(ed) {
  const button = one(ed.root, "[data-title]");

  /** @param {string} title */
  function show(title) {
    ed.data.event.title = title;
    button.textContent = title;
    document.title = `${title} · Cutroom`;
    const field = /** @type {HTMLInputElement | null} */ (document.getElementById("details-title"));
    if (field && document.activeElement !== field) {
      field.value = title;
      const was = /** @type {HTMLInputElement | null} */ (document.querySelector("#outcome-title input[name=was]"));
      if (was) was.value = title;
    }
  }

  button.addEventListener("click", () => {
    const input = el("input", { class: "input ed-title-input", value: ed.data.event.title, maxlength: 512, "aria-label": ed.t("title") });
    let done = false;
    const finish = async (/** @type {boolean} */ save) => {
      if (done) return;
      done = true;
      const title = input.value.trim();
      input.replaceWith(button);
      if (!save || title === ed.data.event.title) return;
      const old = ed.data.event.title;
      show(title || old);
      try {
        const event = await api("PATCH", `/api/v1/events/${ed.data.event.id}`, { title });
        show(event?.title ?? title);
        ed.notices.remove("title");
      } catch (e) {
        show(old);
        const why = e instanceof Problem ? e.body?.errors?.[0]?.message ?? e.message : ed.t("changes.offline");
        ed.notices.add({ key: "title", failure: true, strong: ed.t("title.notSaved"), text: why, choices: [{ text: ed.t("title.again"), do: () => {
          button.click();
          const again = /** @type {HTMLInputElement | null} */ (ed.root.querySelector(".ed-title-input"));
          if (again) again.value = title;
        } }] });
      }
    };
    input.addEventListener("keydown", (e) => {
      e.stopPropagation();
      if (e.key === "Enter" || e.key === "Escape") void finish(e.key === "Enter").then(() => button.focus());
    });
    input.addEventListener("blur", () => void finish(true));
    button.replaceWith(input);
    input.focus();
    input.select();
  });

  ed.socket.message.on(async (m) => {
    if (m.type !== "metadata") return;
    try {
      const event = await api("GET", `/api/v1/events/${ed.data.event.id}`);
      show(event.title);
    } catch {
      // the next message or reload shows it
    }
  });
  // The form of the tab Details saved the title.
  addEventListener("htmx:afterSwap", () => {
    const was = /** @type {HTMLInputElement | null} */ (document.querySelector("#outcome-title[data-outcome=saved] input[name=was]"));
    if (was) show(was.value);
  });
}
