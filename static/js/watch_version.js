// @ts-check
/** @typedef {import("./watch.js").WatchData} WatchData */

const every = 30_000; // ms between two looks, while the tab is seen

/**
 * Tells when a newer version was published: the recording's public tracks are others than the page's.
 * @param {WatchData} data
 * @param {() => number} now ms
 */
export function watchVersion(data, now) {
  const notice = document.querySelector("[data-new-version]");
  if (!(notice instanceof HTMLElement) || data.assets.length === 0) return;
  const mine = [...data.assets].sort().join();

  async function look() {
    if (document.hidden || !navigator.onLine) return;
    const answer = await fetch(`/api/v1/events/${encodeURIComponent(data.id)}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) return;
    /** @type {{ assets?: { id: string, internal: boolean, kind: string }[] }} */
    const event = await answer.json();
    const tracks = (event.assets ?? []).filter((asset) => !asset.internal && asset.kind === "track").map((asset) => asset.id);
    if (tracks.length > 0 && tracks.sort().join() !== mine && notice instanceof HTMLElement) {
      notice.hidden = false;
      clearInterval(timer);
    }
  }

  const timer = setInterval(() => void look(), every);
  document.addEventListener("visibilitychange", () => {
    if (notice.hidden) void look();
  });
  notice.querySelector("[data-load-version]")?.addEventListener("click", () => {
    location.assign(`${location.pathname}?t=${Math.floor(now() / 1000)}`);
  });
}
