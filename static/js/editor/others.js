// @ts-check
/**
 * Others on the timeline and the overview: a thin line with a name at its foot, an outline for their mark, a ring on the
 * border they drag, and 4 s of outline round what they changed.
 * @import {Editor} from "./types.js"
 * @import {Overview} from "./overview.js"
 */
import { el, one, sync } from "./dom.js";
import { put } from "./lanes.js";

/** @param {Editor} ed @param {Overview} overview */
export function attachOthers(ed, overview) {
  const box = one(ed.root, "[data-others]"), small = one(ed.root, "[data-overview-others]");
  /** @type {{key: string, start: number, end: number, colour: string}[]} */
  let flashes = [];
  let counter = 0;

  /** @param {number} start @param {number} end @param {string} colour @param {number} [time] */
  function flash(start, end, colour, time = 4000) {
    const one = { key: `f${counter++}`, start, end, colour };
    flashes = [...flashes, one];
    setTimeout(() => {
      flashes = flashes.filter((f) => f !== one);
      draw();
    }, time);
    draw();
  }

  const inView = (/** @type {number} */ start, /** @type {number} */ end = start) => end >= ed.view.from && start <= ed.view.to;

  function draw() {
    const here = ed.people.others.filter((p) => !p.left && p.state !== "away" && p.playhead !== undefined);
    /** @type {Map<string, () => HTMLElement>} */
    const wanted = new Map();
    /** @type {Map<string, (node: HTMLElement) => void>} */
    const update = new Map();
    const add = (/** @type {string} */ key, /** @type {() => HTMLElement} */ make, /** @type {(node: HTMLElement) => void} */ set) => {
      wanted.set(key, make);
      update.set(key, set);
    };
    for (const f of flashes.filter((f) => inView(f.start, f.end))) {
      add(f.key, () => el("div", { class: "ed-other-flash" }), (node) => {
        node.style.setProperty("--person", `var(--${f.colour})`);
        put(node, ed.view.x(f.start), Math.max(4, ed.view.x(f.end) - ed.view.x(f.start)));
      });
    }
    for (const p of here) {
      const first = p.name.split(" ")[0];
      const s = p.selection;
      if (s && inView(s[0], s[1])) {
        add(`m${p.key}`, () => el("div", { class: "ed-other-mark" }), (node) => {
          node.style.setProperty("--person", `var(--${p.colour})`);
          put(node, ed.view.x(s[0]), ed.view.x(s[1]) - ed.view.x(s[0]));
        });
      }
      const drag = p.drag;
      if (drag !== undefined && drag !== null && inView(drag)) {
        add(`d${p.key}`, () => el("div", { class: "ed-other-drag" }, el("span")), (node) => {
          node.style.setProperty("--person", `var(--${p.colour})`);
          put(node, ed.view.x(drag));
          one(node, "span").textContent = ed.t("moves", { Name: first });
        });
      }
      const at = p.playhead ?? 0;
      if (inView(at)) {
        add(`p${p.key}`, () => el("div", { class: "ed-other" }, el("span")), (node) => {
          node.style.setProperty("--person", `var(--${p.colour})`);
          node.classList.toggle("ed-other-left", ed.view.x(at) > ed.view.width - 70);
          put(node, ed.view.x(at));
          one(node, "span").textContent = first;
        });
      }
    }
    sync(box, wanted, (node, key) => update.get(key)?.(node));
    sync(small, new Map(here.map((p) => [p.key, () => el("i")])), (node, key) => {
      const p = ed.people.find(key);
      if (!p) return;
      node.style.setProperty("--person", `var(--${p.colour})`);
      put(node, overview.x(p.playhead ?? 0));
    });
  }

  ed.store.foreign.on((ops) => {
    for (const logged of ops) {
      const { op } = logged, colour = ed.people.colour(logged.author);
      if (op.kind === "cut") flash(op.start ?? 0, op.end ?? 0, colour);
      else if (op.at !== undefined) flash(op.at, op.at, colour);
      else if (op.start !== undefined) flash(op.start, op.end ?? op.start, colour);
    }
  });
  ed.people.changed.on(draw);
  return { draw, flash };
}
