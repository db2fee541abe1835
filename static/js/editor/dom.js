// @ts-check
/** Small hands for the page. */

/** @typedef {string | number | boolean | null | undefined | ((e: any) => void)} Attribute */

/**
 * An element with attributes, listeners ("onclick") and children.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Record<string, Attribute>} [attributes] @param {...(Node | string | null | false | undefined)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  node.append(.../** @type {(Node | string)[]} */ (children.filter((c) => c !== null && c !== false && c !== undefined)));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} tag @param {Record<string, string | number>} attributes */
export function svg(tag, attributes = {}) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  return node;
}

/** One of static/icons/icons.svg. @param {string} name @param {string} [more] more classes */
export function icon(name, more = "") {
  const node = svg("svg", { class: `icon ${more}`.trim(), "aria-hidden": "true" });
  node.append(svg("use", { href: `${document.getElementById("editor")?.dataset.icons ?? ""}#${name}` }));
  return node;
}

/** The one element that must be there. @template {HTMLElement} [T=HTMLElement] @param {ParentNode} root @param {string} selector @returns {T} */
export function one(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`editor: no ${selector} on the page`);
  return /** @type {T} */ (found);
}

/** Whether keys typed now are words in a field. @param {EventTarget | null} target */
export function isField(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("textarea, select, input:not([type=range], [type=checkbox], [type=radio], [type=button])"));
}

/** Brings the children of parent to nodes by key, touching only what differs. @param {HTMLElement} parent @param {Map<string, () => HTMLElement>} wanted @param {(node: HTMLElement, key: string) => void} update */
export function sync(parent, wanted, update) {
  /** @type {Map<string, HTMLElement>} */
  const present = new Map();
  for (const child of /** @type {HTMLElement[]} */ ([...parent.children])) {
    const key = child.dataset.key ?? "";
    if (wanted.has(key)) present.set(key, child);
    else child.remove();
  }
  let at = parent.firstElementChild;
  for (const [key, make] of wanted) {
    let node = present.get(key);
    if (!node) {
      node = make();
      node.dataset.key = key;
    }
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
    update(node, key);
  }
}
