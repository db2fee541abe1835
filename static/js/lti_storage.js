// @ts-check
// Keeps the secret of a login in the learning platform around this frame, and gets it back, where the browser takes no cookies
// (1EdTech LTI Client Side postMessages and LTI PostMessage Storage). Only the platform's own origin is asked and heard.

/** How long the platform has for an answer, in milliseconds. */
const patience = 3000;

/**
 * The window that keeps things: a named frame of the platform's page, else that page.
 * @param {string} name
 * @returns {Window | null}
 */
function keeper(name) {
  const above = window.parent !== window ? window.parent : window.opener;
  if (!above) return null;
  if (name === "" || name === "_parent") return above;
  try {
    return /** @type {any} */ (above.frames)[name] ?? above;
  } catch {
    return above; // a page of another site tells of no frame that is not there
  }
}

/**
 * Sends a message and waits for the platform's answer.
 * @param {HTMLElement} at where the page says whom to ask
 * @param {string} subject
 * @param {Record<string, string>} fields
 * @returns {Promise<string>} the value that is kept
 */
function ask(at, subject, fields) {
  const { frame = "", origin = "" } = at.dataset;
  const to = keeper(frame);
  return new Promise((resolve, reject) => {
    if (!to || origin === "") {
      reject(new Error("nobody to ask"));
      return;
    }
    const id = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("");
    const late = setTimeout(() => end(() => reject(new Error("no answer"))), patience);
    /** @param {() => void} then */
    function end(then) {
      clearTimeout(late);
      window.removeEventListener("message", hear);
      then();
    }
    /** @param {MessageEvent} e */
    function hear(e) {
      if (e.origin !== origin || e.data?.subject !== `${subject}.response` || e.data.message_id !== id) return;
      end(() => (e.data.error ? reject(new Error(String(e.data.error.code ?? e.data.error))) : resolve(String(e.data.value ?? ""))));
    }
    window.addEventListener("message", hear);
    to.postMessage({ subject, message_id: id, ...fields }, origin);
  });
}

const put = document.querySelector("[data-lti-put]");
if (put instanceof HTMLElement) {
  const next = put.querySelector("[data-lti-next]");
  const { key = "", value = "" } = put.dataset;
  ask(put, "lti.put_data", { key, value })
    .catch(() => "") // a cookie may do
    .then(() => next instanceof HTMLAnchorElement && window.location.replace(next.href));
}

const get = document.querySelector("[data-lti-get]");
if (get instanceof HTMLFormElement) {
  const storage = get.elements.namedItem("storage");
  const wait = get.querySelector("[data-lti-wait]");
  const blocked = document.querySelector("[data-lti-blocked]");
  /** @param {boolean} waits */
  const show = (waits) => {
    wait?.toggleAttribute("hidden", !waits);
    blocked?.toggleAttribute("hidden", waits);
  };
  show(true);
  ask(get, "lti.get_data", { key: get.dataset.key ?? "" })
    .then((value) => {
      if (!(storage instanceof HTMLInputElement) || value === "") throw new Error("nothing is kept");
      storage.value = value;
      get.submit();
    })
    .catch(() => show(false));
}
export {};
