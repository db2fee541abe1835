// @ts-check
/**
 * What the editor's modules share. Types alone; every module has one behaviour and gets the Editor.
 * @import {SourceTrack, State, Op} from "../timeline.js"
 * @import {Store} from "./store.js"
 * @import {Socket} from "./socket.js"
 * @import {Undo} from "./undo.js"
 * @import {View} from "./view.js"
 * @import {Mark} from "./mark.js"
 * @import {Player} from "./player.js"
 * @import {Peaks} from "./peaks.js"
 * @import {Pictures} from "./pictures.js"
 * @import {People} from "./people.js"
 * @import {Notices} from "./notices.js"
 * @import {Actions} from "./actions.js"
 * @import {Signal} from "./signal.js"
 */

/**
 * @typedef {SourceTrack & {label: string, src: string, type: string, playable: boolean, language?: string, width?: number, height?: number}} Track
 * @typedef {{asset: string, url: string, columns: number, rows: number, width: number, height: number, count: number, interval: number}} Storyboard
 * @typedef {{session: string, user?: string, name: string, node?: string, since?: string, state: string, place?: string, playhead?: number, selection?: [number, number] | null, drag?: number | null}} Person
 * @typedef {{id: string, state: string, progress: number, rev?: number, requestedBy?: string, error?: string, etaMs?: number, step?: string}} Run
 * @typedef {{session?: string, name: string, user?: string}} Author
 * @typedef {{rev: number, id: string, author: Author, op: Op, at?: string}} LoggedOp
 * @typedef {object} Data
 * @property {{id: string, title: string, series?: string, date?: string, state: string, error?: string}} event
 * @property {{duration: number, tracks: Track[]}} source
 * @property {{rev: number, state: State}} edit
 * @property {{asset: string, url: string}[]} peaks
 * @property {Storyboard[]} storyboards
 * @property {string} live
 * @property {string} opsUrl
 * @property {string} editUrl
 * @property {string} runsUrl
 * @property {string} runUrl
 * @property {string} watchUrl
 * @property {{user: string, name: string, admin?: boolean}} you
 * @property {"together" | "pen"} mode
 * @property {string} runsPolicy
 * @property {Person[]} editors
 * @property {Person | null} pen
 * @property {Run | null} run
 * @property {number} [published]
 * @property {Record<string, string>} texts
 * @property {string} language
 *
 * @typedef {object} Editor
 * @property {HTMLElement} root
 * @property {Data} data
 * @property {(id: string, values?: Record<string, string | number>) => string} t
 * @property {Store} store
 * @property {Socket} socket
 * @property {Undo} undo
 * @property {View} view
 * @property {Mark} mark
 * @property {Player} player
 * @property {Peaks} peaks
 * @property {Pictures} pictures
 * @property {People} people
 * @property {Notices} notices
 * @property {Actions} act
 * @property {number} frameRate   frames a second of the leading picture, 25 where there is none
 * @property {boolean} locked     true: somebody else has the pen, nothing may be cut
 * @property {Signal<void>} lock  when locked changes
 * @property {(text: string) => void} speak   to screen readers
 */
export {};
