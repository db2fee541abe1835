// @ts-check
/** The tokens of tokens.css as the canvas needs them: resolved for light or dark, and again when that changes. */

const names = ["page", "surface", "sunken", "line", "edge", "text", "soft", "accent", "accent-tint", "play", "mark", "mark-edge", "hatch-line", "hatch-ground", "p1", "p2", "p3", "p4", "p5", "p6"];

/** @type {Record<string, string>} */
let known = {};

/** @param {() => void} changed */
export function watchColours(changed) {
  const read = () => {
    const probe = document.createElement("span");
    probe.style.transition = "none"; // else a colour under way is read
    document.body.append(probe);
    known = Object.fromEntries(names.map((name) => {
      probe.style.color = `var(--${name})`;
      return [name, getComputedStyle(probe).color];
    }));
    probe.remove();
    changed();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", read);
  new MutationObserver(read).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  read();
}

/** @param {string} name of a token, without dashes in front */
export const colour = (name) => known[name] ?? "#888";

/** @param {CanvasRenderingContext2D} c @param {number} x @param {number} y @param {number} w @param {number} h @param {number} [ground] opacity of the ground */
export function hatch(c, x, y, w, h, ground = 1) {
  if (w <= 0 || h <= 0) return;
  c.save();
  c.beginPath();
  c.rect(x, y, w, h);
  c.clip();
  c.globalAlpha = ground;
  c.fillStyle = colour("hatch-ground");
  c.fillRect(x, y, w, h);
  c.globalAlpha = 1;
  c.strokeStyle = colour("hatch-line");
  c.lineWidth = 1.25;
  c.beginPath();
  const step = 7 * Math.SQRT2;
  for (let at = Math.floor((x - h) / step) * step; at < x + w + h; at += step) {
    c.moveTo(at, y + h);
    c.lineTo(at + h, y);
  }
  c.stroke();
  c.restore();
}
