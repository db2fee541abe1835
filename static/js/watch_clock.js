// @ts-check

/** A position as users read it: "0:18", "42:34", "1:02:03". @param {number} ms */
export function clock(ms) {
  const s = Math.floor(Math.max(ms, 0) / 1000);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}
