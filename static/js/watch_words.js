// @ts-check
/** @typedef {import("./watch.js").WatchData} WatchData */

/**
 * Subtitle lines beside the pictures, never on them, and the panel's list of words with its search.
 * @param {WatchData} data
 * @param {HTMLElement} player
 * @param {(ms: number) => void} seek
 * @returns {{ show(ms: number): void, toggle(): void, choose(track: number): void }}
 */
export function attachWords(data, player, seek) {
  const box = document.querySelector("[data-words]");
  const button = document.querySelector("[data-captions]");
  const video = player.querySelector("video:has(track)");
  const tracks = video instanceof HTMLVideoElement ? [...video.textTracks] : [];
  let chosen = 0;
  let on = recall() !== "off";

  for (const track of tracks) track.mode = "disabled";
  apply();
  attachSearch(seek);

  function apply() {
    tracks.forEach((track, i) => (track.mode = i === chosen ? "hidden" : "disabled"));
    if (box instanceof HTMLElement) box.hidden = !on || tracks.length === 0;
    button?.setAttribute("aria-pressed", String(on));
  }

  /** @param {VTTCue | undefined} cue */
  const plain = (cue) => (cue ? (cue.getCueAsHTML().textContent ?? "") : "");

  /** @param {string} selector @param {string} text */
  function put(selector, text) {
    const place = box?.querySelector(selector);
    if (place && place.textContent !== text) place.textContent = text;
  }

  let line = /** @type {Element | null} */ (null);
  const lines = [...document.querySelectorAll("[data-lines] [data-at]")];

  /** @param {number} ms */
  function showLine(ms) {
    const now = lines.findLast((l) => Number(l.getAttribute("data-at")) <= ms + 20) ?? null;
    if (now === line) return;
    line?.removeAttribute("aria-current");
    now?.setAttribute("aria-current", "true");
    line = now;
    const panel = now?.closest("[role=tabpanel]");
    if (now && panel instanceof HTMLElement && !panel.matches(":hover, :focus-within")) {
      const inside = now.getBoundingClientRect();
      const around = panel.getBoundingClientRect();
      if (inside.top < around.top || inside.bottom > around.bottom) panel.scrollTop += inside.top - around.top - around.height / 3;
    }
  }

  return {
    show(ms) {
      showLine(ms);
      const cues = /** @type {VTTCue[]} */ ([...(tracks[chosen]?.cues ?? [])]);
      if (!on || cues.length === 0) return;
      const s = ms / 1000 + 0.02;
      const i = cues.findLastIndex((cue) => cue.startTime <= s);
      const speaking = i >= 0 && (cues[i]?.endTime ?? 0) > s;
      put("[data-word-before]", plain(cues[speaking ? i - 1 : i]));
      put("[data-word-now]", speaking ? plain(cues[i]) : "");
      put("[data-word-after]", plain(cues[i + 1]));
    },
    toggle() {
      on = !on;
      try {
        localStorage.setItem("cutroom.watch.captions", on ? "on" : "off");
      } catch {
        // Not kept, then.
      }
      apply();
    },
    choose(track) {
      chosen = track;
      on = true;
      apply();
    },
  };
}

function recall() {
  try {
    return localStorage.getItem("cutroom.watch.captions");
  } catch {
    return null;
  }
}

/** @param {(ms: number) => void} seek */
function attachSearch(seek) {
  const input = document.querySelector("[data-find]");
  const found = document.querySelector("[data-found]");
  if (!(input instanceof HTMLInputElement) || !(found instanceof HTMLElement)) return;
  const lines = [...document.querySelectorAll("[data-lines] li")].map((item) => {
    const place = item.querySelector(".line-text");
    return { item, place, text: place?.textContent ?? "" };
  });

  function find() {
    const words = input instanceof HTMLInputElement ? input.value.trim() : "";
    const wanted = words.toLocaleLowerCase();
    let count = 0;
    for (const { item, place, text } of lines) {
      const at = wanted ? text.toLocaleLowerCase().indexOf(wanted) : -1;
      item.toggleAttribute("hidden", wanted !== "" && at < 0);
      if (!place) continue;
      if (at < 0) {
        if (place.firstElementChild) place.textContent = text;
        continue;
      }
      count++;
      const mark = document.createElement("mark");
      mark.textContent = text.slice(at, at + wanted.length);
      place.replaceChildren(text.slice(0, at), mark, text.slice(at + wanted.length));
    }
    if (!(found instanceof HTMLElement)) return;
    found.textContent = !wanted ? "" : count > 0 ? (found.dataset.some ?? "").replace("{Count}", String(count)) : (found.dataset.none ?? "").replace("{Text}", words);
  }

  input.addEventListener("input", find);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const first = lines.find(({ item }) => !item.hasAttribute("hidden"))?.item.querySelector("[data-at]");
    if (first) seek(Number(first.getAttribute("data-at")));
  });
}
