// @ts-check
// Shows the API's own description (OpenAPI 3.1) as a list of operations, without anything from elsewhere.

/**
 * @typedef {Record<string, any>} Json
 */

const root = document.querySelector("[data-api-docs]");
/** @type {Record<string, string>} */
const texts = JSON.parse(document.getElementById("docs-texts")?.textContent ?? "{}");
const methods = ["get", "post", "put", "patch", "delete", "head", "options"];

/**
 * @param {string} tag
 * @param {Record<string, string>} attrs
 * @param {...(Node | string | null | undefined)} children
 */
function h(tag, attrs, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** The written type of a schema: "string", "Event[]", "integer or null". @param {Json | undefined} schema @returns {string} */
function typeOf(schema) {
  if (!schema) return "";
  if (schema.$ref) return String(schema.$ref).split("/").at(-1) ?? "";
  if (schema.enum) return schema.enum.map((/** @type {unknown} */ v) => JSON.stringify(v)).join(" | ");
  if (schema.oneOf ?? schema.anyOf) return (schema.oneOf ?? schema.anyOf).map(typeOf).join(" | ");
  const types = [schema.type ?? "any"].flat();
  const text = types.map((type) => (type === "array" ? `${typeOf(schema.items) || "any"}[]` : type)).join(" | ");
  return schema.format ? `${text} (${schema.format})` : text;
}

/** @param {string} caption @param {[string, string, boolean, string][]} rows name, type, needed, meaning */
function table(caption, rows) {
  if (rows.length === 0) return null;
  return h("div", {}, h("h3", {}, caption), h("table", { class: "table" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, texts["docs.name"]), h("th", { scope: "col" }, texts["docs.type"]), h("th", { scope: "col" }, texts["docs.meaning"]))),
    h("tbody", {}, ...rows.map(([name, type, needed, meaning]) =>
      h("tr", {}, h("th", { scope: "row" }, h("code", {}, name)), h("td", {}, h("code", {}, type)), h("td", {}, [needed ? texts["docs.needed"] : "", meaning].filter(Boolean).join(". ")))))));
}

/** @param {Json | undefined} schema @returns {[string, string, boolean, string][]} */
function properties(schema) {
  const needed = new Set(schema?.required ?? []);
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => [name, typeOf(property), needed.has(name), property.description ?? ""]);
}

/** @param {Json | undefined} content */
function bodyType(content) {
  const [type, body] = Object.entries(content ?? {})[0] ?? [];
  return type ? `${typeOf(/** @type {Json} */ (body).schema)} (${type})` : "";
}

/** @param {string} method @param {string} path @param {Json} op */
function operation(method, path, op) {
  const parameters = (op.parameters ?? []).map((/** @type {Json} */ p) => /** @type {[string, string, boolean, string]} */ ([p.name, `${typeOf(p.schema)}, ${p.in}`, Boolean(p.required), p.description ?? ""]));
  const answers = Object.entries(op.responses ?? {}).map(([status, r]) => /** @type {[string, string, boolean, string]} */ ([status, bodyType(r.content), false, r.description ?? ""]));
  const body = op.requestBody ? bodyType(op.requestBody.content) : "";
  const bodySchema = /** @type {Json | undefined} */ (Object.values(op.requestBody?.content ?? {})[0])?.schema;
  return h("details", { class: "docs-op", "data-search": `${method} ${path} ${op.summary ?? ""} ${op.description ?? ""}`.toLowerCase() },
    h("summary", {}, h("span", { class: "docs-method", "data-method": method.toUpperCase() }, method.toUpperCase()), h("span", { class: "docs-path" }, path), h("span", { class: "soft small" }, op.summary ?? "")),
    h("div", { class: "docs-body" }, op.description ? h("p", {}, op.description) : null,
      table(texts["docs.parameters"] ?? "", parameters),
      body ? h("div", {}, h("h3", {}, texts["docs.body"] ?? ""), h("p", {}, h("code", {}, body))) : null,
      table(texts["docs.body"] ?? "", properties(bodySchema)),
      table(texts["docs.answers"] ?? "", answers)));
}

/** @param {Json} api */
function draw(api) {
  const groups = new Map();
  let count = 0;
  for (const [path, item] of Object.entries(api.paths ?? {})) {
    for (const method of methods) {
      if (!item[method]) continue;
      count++;
      const name = item[method].tags?.[0] ?? path.split("/").filter((/** @type {string} */ s) => s && s !== "api" && !/^v\d/.test(s))[0] ?? texts["docs.other"];
      groups.set(name, [...(groups.get(name) ?? []), operation(method, path, item[method])]);
    }
  }
  const list = document.querySelector("[data-docs-list]");
  list?.replaceChildren();
  for (const [name, operations] of [...groups].sort()) list?.append(h("section", {}, h("h2", { class: "docs-group" }, name), ...operations));
  const schemas = Object.entries(api.components?.schemas ?? {});
  if (schemas.length > 0) {
    list?.append(h("section", {}, h("h2", { class: "docs-group" }, texts["docs.types"] ?? ""), ...schemas.map(([name, schema]) =>
      h("details", { class: "docs-op", "data-search": name.toLowerCase(), id: name },
        h("summary", {}, h("span", { class: "docs-path" }, name), h("span", { class: "soft small" }, schema.description ?? "")),
        h("div", { class: "docs-body" }, table("", properties(schema)) ?? h("code", {}, typeOf(schema)))))));
  }
  say((texts["docs.count"] ?? "").replace("{Count}", String(count)));
  return count;
}

/** @param {string} words */
function say(words) {
  const status = document.querySelector("[data-docs-status]");
  if (status) status.textContent = words;
}

/** @param {string} words @param {number} count */
function find(words, count) {
  let shown = 0;
  for (const op of document.querySelectorAll("[data-search]")) {
    const hit = (op.getAttribute("data-search") ?? "").includes(words.toLowerCase());
    op.toggleAttribute("hidden", !hit);
    if (hit) shown++;
  }
  for (const section of document.querySelectorAll("[data-docs-list] section")) {
    section.toggleAttribute("hidden", !section.querySelector("[data-search]:not([hidden])"));
  }
  if (words && shown === 0) say((texts["docs.none"] ?? "").replace("{Text}", words));
  else say((texts["docs.count"] ?? "").replace("{Count}", String(words ? shown : count)));
}

async function start() {
  try {
    const answer = await fetch(root?.getAttribute("data-api-docs") ?? "");
    if (!answer.ok) throw new Error(String(answer.status));
    const count = draw(await answer.json());
    document.querySelector("[data-docs-find]")?.addEventListener("input", (event) => {
      if (event.target instanceof HTMLInputElement) find(event.target.value.trim(), count);
    });
  } catch {
    say(texts["docs.failed"] ?? "");
  }
}

void start();
