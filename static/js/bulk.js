// @ts-check
// Choosing several rows of form[data-bulk]: the box in the head chooses all shown, the bar counts and its buttons wait
// until something is chosen. Choices live through the table's updates.

/** @type {Set<string>} */
const chosen = new Set();

function boxes() {
  return /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll("[data-bulk-one]")]);
}

function show() {
  const all = boxes();
  const there = new Set(all.map((box) => box.value));
  for (const id of chosen) if (!there.has(id)) chosen.delete(id);
  for (const box of all) box.checked = chosen.has(box.value);
  const head = document.querySelector("[data-bulk-all]");
  if (head instanceof HTMLInputElement) {
    head.checked = all.length > 0 && chosen.size === all.length;
    head.indeterminate = chosen.size > 0 && chosen.size < all.length;
  }
  const every = document.querySelector('[data-bulk-bar] [name="all"]');
  const any = chosen.size > 0 || (every instanceof HTMLInputElement && every.checked);
  for (const button of document.querySelectorAll("[data-bulk-bar] button")) {
    if (button instanceof HTMLButtonElement) button.disabled = !any;
  }
  const count = document.querySelector("[data-bulk-count]");
  if (count instanceof HTMLElement) {
    count.dataset.none ??= count.textContent ?? "";
    const text = chosen.size === 0 ? count.dataset.none : chosen.size === 1 ? (count.dataset.one ?? "") : (count.dataset.many ?? "").replace("{Count}", String(chosen.size));
    if (count.textContent !== text) count.textContent = text;
  }
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || !box.closest("[data-bulk]")) return;
  if (box.matches("[data-bulk-all]")) {
    for (const one of boxes()) {
      if (box.checked) chosen.add(one.value);
      else chosen.delete(one.value);
    }
  } else if (box.matches("[data-bulk-one]")) {
    if (box.checked) chosen.add(box.value);
    else chosen.delete(box.value);
  }
  show();
});

document.addEventListener("cutroom:fresh", show);
show();
