// @ts-check

const fine = 0.04; // s of difference that nobody sees
const jump = 0.6; // s from which a follower jumps instead of hurrying

/**
 * Keeps videos in step with the one whose sound is heard: it is never touched, the others hurry, wait or jump.
 * @param {HTMLVideoElement} lead
 * @param {HTMLVideoElement[]} others
 */
export function keepInStep(lead, others) {
  if (others.length === 0) return;
  for (const other of others) other.muted = true;

  function align() {
    for (const other of others) {
      const end = Number.isFinite(other.duration) ? other.duration : Infinity;
      const ahead = other.currentTime - Math.min(lead.currentTime, end);
      if (lead.paused || Math.abs(ahead) > jump) {
        if (Math.abs(ahead) > fine) other.currentTime = Math.min(lead.currentTime, end);
        other.playbackRate = lead.playbackRate;
      } else {
        const nudge = Math.abs(ahead) < fine ? 0 : Math.max(-0.15, Math.min(0.15, -ahead));
        other.playbackRate = lead.playbackRate * (1 + nudge);
      }
      if (lead.paused || lead.ended) other.pause();
      else if (other.paused && lead.currentTime < end) other.play().catch(() => undefined);
    }
  }

  for (const kind of ["play", "playing", "pause", "seeking", "seeked", "ratechange", "timeupdate", "ended"]) lead.addEventListener(kind, align);
  // While the sound waits for data the pictures wait too.
  lead.addEventListener("waiting", () => {
    for (const other of others) other.pause();
  });
  for (const other of others) other.addEventListener("loadedmetadata", align);
}
