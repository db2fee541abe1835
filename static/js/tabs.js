// @ts-check

/** Tabs: arrow keys move between them, the chosen one's panel shows. */
export function attachTabs() {
  for (const list of document.querySelectorAll("[data-tabs]")) {
    const tabs = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('[role="tab"]')]);

    /** @param {HTMLElement} chosen */
    const choose = (chosen) => {
      for (const tab of tabs) {
        const on = tab === chosen;
        tab.setAttribute("aria-selected", String(on));
        tab.tabIndex = on ? 0 : -1;
        const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
        if (panel) panel.hidden = !on;
      }
      chosen.focus();
    };
    list.addEventListener("click", (event) => {
      const tab = event.target instanceof Element ? event.target.closest('[role="tab"]') : null;
      if (tab instanceof HTMLElement) choose(tab);
    });
    list.addEventListener("keydown", (event) => {
      if (!(event instanceof KeyboardEvent)) return;
      const at = tabs.indexOf(/** @type {HTMLElement} */ (document.activeElement));
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
      const tab = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];
      if (!tab) return;
      event.preventDefault();
      choose(tab);
    });
  }
}
