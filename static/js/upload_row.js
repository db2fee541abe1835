// @ts-check
// One upload as the page shows it.

/** @type {Record<string, string>} */
const catalogue = JSON.parse(document.getElementById("upload-texts")?.textContent ?? "{}");
const lang = document.documentElement.lang || "en";
const icons = document.querySelector("[data-uploads]")?.getAttribute("data-icons") ?? "";

/**
 * A text of the catalogue with its {Places} filled.
 * @param {string} id
 * @param {Record<string, string>} values
 */
export function texts(id, values) {
  return (catalogue[id] ?? id).replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

/** "1.8 GB", or only the number when the unit stands behind another. @param {number} bytes @param {number} like */
function size(bytes, like = bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  let power = 0;
  while (like >= 999.5 && power < units.length - 1) {
    like /= 1000;
    bytes /= 1000;
    power++;
  }
  return new Intl.NumberFormat(lang, { style: "unit", unit: units[power], maximumFractionDigits: bytes < 9.95 && power > 0 ? 1 : 0 }).format(bytes);
}

/** "2 min", "40 s". @param {number} ms */
function duration(ms) {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const [value, unit] = seconds < 90 ? [seconds, "second"] : seconds < 5400 ? [Math.round(seconds / 60), "minute"] : [Math.round(seconds / 360) / 10, "hour"];
  return new Intl.NumberFormat(lang, { style: "unit", unit: String(unit), unitDisplay: "short" }).format(Number(value));
}

/** @param {number} share */
function percent(share) {
  return new Intl.NumberFormat(lang, { style: "percent" }).format(Math.floor(share * 100) / 100);
}

/** @param {string} name */
function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${icons}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {string} [text]
 */
function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** @param {string} name @param {() => void} act */
function stopButton(name, act) {
  const button = make("button", "button button-quiet button-small button-icon");
  button.setAttribute("type", "button");
  button.setAttribute("aria-label", texts("upload.stop", { Name: name }));
  button.title = texts("upload.stopTitle", {});
  button.append(icon("x"));
  button.addEventListener("click", act);
  return button;
}

export class UploadRow {
  element = make("div", "upload");
  finished = false;
  #about = make("span", "upload-about", texts("upload.checking", {}));
  #bar = document.createElement("progress");
  /** @type {() => void} */
  #stop = () => this.element.remove();

  /** @param {string} name */
  constructor(name) {
    this.#bar.max = 1;
    this.#bar.value = 0;
    this.#bar.setAttribute("aria-label", name);
    this.element.append(icon("file"), make("span", "upload-name", name), this.#about, stopButton(name, () => this.#stop()), this.#bar);
  }

  /** @param {() => void} act */
  onStop(act) {
    this.#stop = act;
  }

  /** @param {number} sent @param {number} total bytes @param {number | null} left ms */
  progress(sent, total, left) {
    this.#bar.value = total > 0 ? sent / total : 0;
    const words = [texts("upload.of", { Done: size(sent, total), Total: size(total) })];
    if (sent < total && left !== null) words.push(left < 3000 ? texts("upload.soon", {}) : texts("upload.left", { Left: duration(left) }));
    this.#about.textContent = words.join(" · ");
  }

  waits() {
    this.#about.textContent = texts("upload.waits", {});
  }

  /** @param {string} event the recording's id, empty when not told */
  done(event) {
    this.finished = true;
    this.#bar.value = 1;
    this.#about.textContent = texts("upload.done", {});
    if (event) {
      const link = make("a", "", texts("upload.open", {}));
      link.setAttribute("href", `/events/${encodeURIComponent(event)}`);
      this.#about.append(" ", link);
    }
    this.#stop = () => this.element.remove();
  }

  /** @param {string} words @param {(() => void) | null} retry */
  failed(words, retry) {
    this.finished = true;
    this.element.classList.add("upload-failed");
    this.#about.textContent = words;
    this.#about.setAttribute("role", "alert");
    if (retry) {
      const button = make("button", "button button-small", texts("upload.retry", {}));
      button.setAttribute("type", "button");
      button.addEventListener("click", retry);
      this.#about.append(" ", button);
    }
    this.#stop = () => this.element.remove();
  }
}

/**
 * The row of an upload that was cut short, with a way to choose its file again.
 * @param {string} name
 * @param {number} done 0 to 1
 * @param {string} key
 * @param {(files: FileList | null) => void} choose
 * @param {() => void} forget
 */
export function askRow(name, done, key, choose, forget) {
  const row = make("div", "upload");
  row.dataset.previous = key;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = done;
  bar.setAttribute("aria-label", name);
  const label = make("label", "button button-small upload-button", texts("upload.choose", {}));
  const input = document.createElement("input");
  input.type = "file";
  input.className = "visually-hidden";
  input.addEventListener("change", () => choose(input.files));
  label.append(input);
  const about = make("span", "upload-about", texts("upload.again", { Percent: percent(done) }));
  about.append(" ", label);
  const stop = stopButton(name, () => {
    row.remove();
    forget();
  });
  row.append(icon("file"), make("span", "upload-name", name), about, stop, bar);
  return row;
}
