// @ts-check

/** What the server refused, in words. */
export class Problem extends Error {
  /** @param {number} status @param {any} body */
  constructor(status, body) {
    super(body?.detail || body?.title || `${status}`);
    this.status = status;
    this.body = body;
  }
}

/**
 * A call of the API as the signed-in person.
 * @param {"GET" | "POST" | "PATCH"} method @param {string} url @param {unknown} [body] @param {Record<string, string>} [headers] @returns {Promise<any>}
 * @throws {Problem} when the server says no
 */
export async function api(method, url, body, headers = {}) {
  const answer = await fetch(url, {
    method,
    headers: { Accept: "application/json", "X-Requested-With": "cutroom", ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
  });
  const data = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
  if (!answer.ok) throw new Problem(answer.status, data);
  return data;
}
