// @ts-check
// Menus are popovers of the browser; this adds arrow keys and, where the browser cannot anchor them, their place.

export {};

const anchored = CSS.supports("position-area", "block-end");

/** @param {HTMLElement} list */
function openerOf(list) {
  return /** @type {HTMLElement | null} */ (document.querySelector(`[popovertarget="${CSS.escape(list.id)}"]`));
}

/** @param {HTMLElement} list */
function items(list) {
  return /** @type {HTMLElement[]} */ ([...list.querySelectorAll("a[href], button:not([disabled])")]);
}

/** @param {HTMLElement} list */
function place(list) {
  const button = openerOf(list);
  if (!button || anchored) return;
  const box = button.getBoundingClientRect();
  list.style.position = "fixed";
  list.style.top = `${Math.max(8, Math.min(box.bottom + 4, innerHeight - list.offsetHeight - 8))}px`;
  list.style.left = `${Math.max(8, Math.min(box.right - list.offsetWidth, innerWidth - list.offsetWidth - 8))}px`;
}

document.addEventListener("toggle", (event) => {
  const list = event.target;
  if (!(list instanceof HTMLElement) || !list.matches(".menu-list[popover]")) return;
  const open = /** @type {ToggleEvent} */ (event).newState === "open";
  openerOf(list)?.setAttribute("aria-expanded", String(open));
  if (open) {
    place(list);
    items(list)[0]?.focus({ preventScroll: true });
  }
}, true);

document.addEventListener("keydown", (event) => {
  const list = event.target instanceof Element ? event.target.closest(".menu-list") : null;
  if (!(list instanceof HTMLElement)) return;
  const all = items(list);
  const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = { ArrowDown: (at + 1) % all.length, ArrowUp: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  all[to]?.focus();
});

document.addEventListener("click", (event) => {
  const item = event.target instanceof Element ? event.target.closest(".menu-list a, .menu-list button") : null;
  const list = item?.closest(".menu-list");
  if (list instanceof HTMLElement && list.matches(":popover-open")) list.hidePopover();
});
