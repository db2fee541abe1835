// @ts-check
/** Times as people read and type them. */

/** "17:54.50": hundredths below the second by default. @param {number} ms @param {number} [decimals] */
export function clock(ms, decimals = 2) {
  const unit = 10 ** decimals;
  const all = Math.floor((Math.max(0, ms) * unit) / 1000 + 1e-6);
  const s = Math.floor(all / unit);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const head = s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}` : `${Math.floor(s / 60)}`;
  const tail = decimals ? `.${String(all % unit).padStart(decimals, "0")}` : "";
  return `${head}:${two(s % 60)}${tail}`;
}

/** A length: "42:34", "1:02:03", under a minute "18.5 s". @param {number} ms @param {string} [language] */
export function span(ms, language = document.documentElement.lang) {
  if (ms >= 60_000) return clock(ms, 0);
  const text = (Math.floor(Math.max(0, ms) / 100) / 10).toFixed(1).replace(/\.0$/, "");
  return `${language.startsWith("de") ? text.replace(".", ",") : text}\u00a0s`;
}

/**
 * What somebody typed, in ms; null when it is no time. `17:54.5`, `1:02:03`, `1754`, `62`, `62s`, `+2f`, `-1.5s`.
 * @param {string} text @param {number} now what + and - start from @param {number} frameRate
 */
export function parse(text, now, frameRate) {
  const s = text.trim().toLowerCase().replace(",", ".").replace(/\s+/g, "");
  const relative = /^([+-])(.+)$/.exec(s);
  if (relative) {
    const by = absolute(relative[2], frameRate);
    return by === null ? null : Math.max(0, now + (relative[1] === "+" ? by : -by));
  }
  return absolute(s, frameRate);
}

/** @param {string} s @param {number} frameRate @returns {number | null} */
function absolute(s, frameRate) {
  let m = /^(\d+(?:\.\d+)?)(s|f|m|min)$/.exec(s);
  if (m) {
    const n = Number(m[1]);
    if (m[2] === "f") return frameRate ? Math.round((n * 1000) / frameRate) : null;
    return Math.round(n * (m[2] === "s" ? 1000 : 60_000));
  }
  m = /^(?:(\d+):)?(\d+):(\d{1,2}(?:\.\d*)?)$/.exec(s);
  if (m) {
    const seconds = Number(m[3]);
    if (seconds >= 60 || (m[1] !== undefined && Number(m[2]) >= 60)) return null;
    return Math.round((Number(m[1] ?? 0) * 3600 + Number(m[2]) * 60 + seconds) * 1000);
  }
  m = /^(\d{1,6})(\.\d*)?$/.exec(s);
  if (!m) return null;
  const digits = m[1].padStart(6, "0");
  const [h, min, sec] = [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4)].map(Number);
  if (min >= 60 || (sec >= 60 && m[1].length > 2)) return null;
  return Math.round((h * 3600 + min * 60 + sec + Number(m[2] && m[2] !== "." ? m[2] : 0)) * 1000);
}
