// @ts-check
// Shows the page's line "No connection" while the browser is offline.

function show() {
  for (const line of document.querySelectorAll("[data-offline]")) {
    if (line instanceof HTMLElement) line.hidden = navigator.onLine;
  }
}

addEventListener("online", show);
addEventListener("offline", show);
show();
