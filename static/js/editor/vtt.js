// @ts-check
/** Subtitle lines as a WebVTT file. */

/** @import {Cue} from "../timeline.js" */

/** @param {number} ms */
const stamp = (ms) => new Date(ms).toISOString().slice(11, 23);

/** @param {Cue[]} cues */
export function vtt(cues) {
  const plain = (/** @type {string} */ text) => text.replace(/-->/g, "→").replace(/\n{2,}/g, "\n").trim();
  return `WEBVTT\n\n${cues.map((c) => `${stamp(c.start)} --> ${stamp(c.end)}\n${plain(c.text)}\n`).join("\n")}`;
}

/** @param {string} name @param {string} language @param {Cue[]} cues */
export function download(name, language, cues) {
  const url = URL.createObjectURL(new Blob([vtt(cues)], { type: "text/vtt" }));
  Object.assign(document.createElement("a"), { href: url, download: `${name.replace(/[\\/:*?"<>|]/g, " ")}${language ? `.${language}` : ""}.vtt` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
