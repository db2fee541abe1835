// @ts-check
// Uploads: choose files or drop them anywhere on the page. They resume after a lost connection by themselves, and after a
// reload when the same file is chosen again (the browser may not read it unasked). The protocol is tus 1.0.

import { UploadRow, askRow, texts } from "./upload_row.js";
import { Pace } from "./pace.js";

/**
 * @typedef {{ size: number | null, metadata: Record<string, string>, uploadUrl: string | null, urlStorageKey: string, creationTime: string }} Previous
 * @typedef {{ getStatus(): number, getHeader(name: string): string | undefined, getBody(): string }} Answer
 * @typedef {Error & { originalResponse?: Answer | null }} TusError
 * @typedef {{ start(): void, abort(terminate?: boolean): Promise<void>, findPreviousUploads(): Promise<Previous[]>, resumeFromPreviousUpload(p: Previous): void, url: string | null }} TusUpload
 * @typedef {{ Upload: { new (file: File, options: object): TusUpload, terminate(url: string, options?: object): Promise<void> }, defaultOptions: { urlStorage: { findAllUploads(): Promise<Previous[]>, removeUpload(key: string): Promise<void> } } }} Tus
 */

const retryDelays = [0, 1000, 2000, 4000, 8000];
const again = 5000; // ms until the next try after all of these failed
const chunk = 32 * 1024 * 1024; // bytes a request: what a broken one loses at most
const headers = { "X-Requested-With": "cutroom" };

const region = /** @type {HTMLElement | null} */ (document.querySelector("[data-uploads]"));
let running = 0;

/** @returns {Promise<Tus>} */
const loadTus = once(
  () =>
    new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = region?.dataset.tus ?? "";
      script.onload = () => done(/** @type {{ tus: Tus }} */ (/** @type {unknown} */ (window)).tus);
      script.onerror = () => fail(new Error("tus"));
      document.head.append(script);
    }),
);

/** @template T @param {() => T} make @returns {() => T} */
function once(make) {
  /** @type {T | undefined} */
  let made;
  return () => (made ??= make());
}

/** @param {string} words */
function say(words) {
  const place = document.querySelector("[data-upload-status]");
  if (place) place.textContent = words;
}

/** @param {File} file */
async function upload(file) {
  if (!region) return;
  const row = new UploadRow(file.name);
  region.append(row.element);
  row.element.scrollIntoView({ block: "nearest" });
  say(texts("upload.started", { Name: file.name }));
  let tus;
  try {
    tus = await loadTus();
  } catch {
    row.failed(texts("upload.failed", { Name: file.name }), () => {
      row.element.remove();
      void upload(file);
    });
    return;
  }
  running++;
  const pace = new Pace();
  let stopped = false;
  let event = "";
  const { series, launch } = region.dataset;
  const one = new tus.Upload(file, {
    endpoint: region.dataset.endpoint,
    headers,
    retryDelays,
    chunkSize: chunk,
    removeFingerprintOnSuccess: true,
    metadata: { filename: file.name, filetype: file.type, ...(series ? { series } : {}), ...(launch ? { launch } : {}) },
    /** A lost connection is told at the first try. @param {TusError} error */
    onShouldRetry: (error) => {
      const status = error.originalResponse?.getStatus() ?? 0;
      if (!mayReturn(status)) return false;
      row.waits();
      return navigator.onLine;
    },
    /** @param {number} sent @param {number} total */
    onProgress: (sent, total) => row.progress(sent, total, pace.left(sent, total)),
    /** @param {unknown} _ @param {Answer} answer */
    onAfterResponse: (_, answer) => {
      event = answer.getHeader("Cutroom-Event") ?? event;
    },
    onSuccess: () => {
      running--;
      row.done(launch ? "" : event); // who chooses for a course stays on the page
      say(texts("upload.done", {}));
      refresh();
    },
    /** @param {TusError} error */
    onError: (error) => {
      const answer = error.originalResponse;
      if (!answer || mayReturn(answer.getStatus())) {
        row.waits();
        setTimeout(go, again);
        return;
      }
      running--;
      row.failed(texts("upload.refused", { Name: file.name, Error: reason(answer) }), null);
    },
  });

  function go() {
    if (stopped || !row.element.isConnected) return;
    if (navigator.onLine) one.start();
  }

  row.onStop(() => {
    stopped = true;
    running--;
    row.element.remove();
    one.abort(true).catch(() => undefined);
  });
  addEventListener("offline", () => {
    if (stopped || row.finished) return;
    row.waits();
    one.abort().catch(() => undefined);
  });
  addEventListener("online", () => {
    if (!row.finished) go();
  });

  const before = await one.findPreviousUploads().catch(() => []);
  const last = before.at(-1);
  if (last) {
    one.resumeFromPreviousUpload(last);
    document.querySelector(`[data-previous="${CSS.escape(last.urlStorageKey)}"]`)?.remove();
  }
  if (navigator.onLine) one.start();
  else row.waits();
}

/** Whether a failure passes by itself: no connection, a server that is down, a place that is taken or too busy. @param {number} status */
function mayReturn(status) {
  return status === 0 || status >= 500 || status === 409 || status === 423 || status === 429;
}

/** The sentence of a refusal. @param {Answer} answer */
function reason(answer) {
  try {
    const problem = JSON.parse(answer.getBody());
    return String(problem.detail ?? problem.title ?? answer.getStatus());
  } catch {
    return answer.getBody().trim() || String(answer.getStatus());
  }
}

/** Shows the new recording in the list once nothing is under way. */
function refresh() {
  if (running > 0) return;
  const list = /** @type {HTMLElement | null} */ (document.querySelector("ul.recordings"));
  const htmx = /** @type {{ htmx?: { ajax(verb: string, url: string, to: object): Promise<void> } }} */ (/** @type {unknown} */ (window)).htmx;
  if (!list || !htmx) return location.reload();
  void htmx.ajax("GET", list.dataset.progress ?? "/events/list", { target: list, swap: "innerHTML" });
}

/** Uploads that a reload or a closed browser cut short: the file has to be chosen again. */
async function unfinished() {
  if (!region || !hasStored()) return;
  const tus = await loadTus().catch(() => null);
  if (!tus) return;
  const storage = tus.defaultOptions.urlStorage;
  for (const previous of await storage.findAllUploads()) {
    if (!previous.uploadUrl) continue;
    const answer = await fetch(previous.uploadUrl, { method: "HEAD", headers: { ...headers, "Tus-Resumable": "1.0.0" } }).catch(() => null);
    if (!answer) continue;
    const offset = Number(answer.headers.get("Upload-Offset") ?? 0);
    if (!answer.ok || (previous.size !== null && offset >= previous.size)) {
      await storage.removeUpload(previous.urlStorageKey);
      continue;
    }
    const url = previous.uploadUrl;
    region.append(
      askRow(previous.metadata.filename ?? "", previous.size ? offset / previous.size : 0, previous.urlStorageKey, choose, () => {
        void storage.removeUpload(previous.urlStorageKey);
        tus.Upload.terminate(url, { headers }).catch(() => undefined);
      }),
    );
  }
}

function hasStored() {
  try {
    return Object.keys(localStorage).some((key) => key.startsWith("tus::"));
  } catch {
    return false;
  }
}

/** @param {FileList | null | undefined} files */
function choose(files) {
  for (const file of files ?? []) void upload(file);
}

/** @param {EventTarget | null} input */
function take(input) {
  if (!(input instanceof HTMLInputElement) || !input.matches("[data-upload-files]")) return;
  choose(input.files);
  input.value = "";
}

document.addEventListener("change", (event) => take(event.target));
// Files that were chosen before this script was there.
for (const input of document.querySelectorAll("[data-upload-files]")) take(input);

const drop = document.querySelector("[data-drop]");
const hint = document.querySelector("[data-drop-hint]");

/** @param {DragEvent} event */
const hasFiles = (event) => drop !== null && (event.dataTransfer?.types.includes("Files") ?? false);

/** @param {boolean} on */
function showHint(on) {
  if (hint instanceof HTMLElement) hint.hidden = !on;
}

addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  showHint(true);
});
addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) showHint(false);
});
addEventListener("drop", (event) => {
  showHint(false);
  if (!hasFiles(event)) return;
  event.preventDefault();
  choose(event.dataTransfer?.files);
});

void unfinished();
