// @ts-check
/**
 * The pure timeline: what an op does to the state of an edit. The same semantic as edit.Apply in Go; both are held against
 * internal/edit/testdata/timeline.json. No clock, no page, no network here. Times are whole milliseconds, ranges half open.
 *
 * @typedef {{start: number, end: number}} Range
 * @typedef {{id: string, at: number, title: string}} Chapter
 * @typedef {{id: string, start: number, end: number, text: string}} Cue
 * @typedef {{asset: string, video: boolean, audio: boolean}} TrackUse
 * @typedef {{asset: string, flavor: string, video: boolean, audio: boolean, text: boolean, duration: number, frameRate?: number, cues?: Cue[]}} SourceTrack
 * @typedef {{duration: number, tracks: SourceTrack[]}} Source
 * @typedef {{removed: Range[], borders: number[], tracks: TrackUse[], thumbnail?: {asset: string, at?: number}, chapters: Chapter[], cues: {track: string, cues: Cue[]}[]}} State
 * @typedef {{kind: string, start?: number, end?: number, keep?: boolean, at?: number, asset?: string, video?: boolean, audio?: boolean, id?: string, title?: string, track?: string, text?: string}} Op
 */

/** An op that does not fit the state. Its code is the same as the server's. */
export class Refusal extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** The state that keeps everything. @returns {State} */
export const untouched = () => ({ removed: [], borders: [], tracks: [], chapters: [], cues: [] });

/**
 * The state after one op; the given state is not changed.
 * @param {Source} source @param {State} state @param {Op} op @returns {State}
 * @throws {Refusal}
 */
export function apply(source, state, op) {
  if (!op || typeof op !== "object" || Array.isArray(op)) throw new Refusal("bad-op");
  const act = Object.hasOwn(kinds, op.kind ?? "") ? kinds[op.kind] : null;
  if (!act) throw new Refusal("unknown-kind");
  return act(source, state, op);
}

/** @type {Record<string, (source: Source, state: State, op: Op) => State>} */
const kinds = {
  cut(source, state, op) {
    const range = checkRange(source, op.start, op.end);
    if (typeof op.keep !== "boolean") throw new Refusal("bad-op");
    const removed = op.keep ? without(state.removed, range) : merge([...state.removed, range]);
    if (length(removed) >= source.duration) throw new Refusal("nothing-left");
    return { ...state, removed };
  },
  split(source, state, op) {
    const at = checkTime(op.at);
    if (at === 0) throw new Refusal("bad-range");
    if (at >= source.duration) throw new Refusal("beyond-end");
    if (state.borders.includes(at)) return state;
    return { ...state, borders: [...state.borders, at].sort((a, b) => a - b) };
  },
  join(source, state, op) {
    const at = checkTime(op.at);
    if (at > source.duration) throw new Refusal("beyond-end");
    return { ...state, borders: state.borders.filter((b) => b !== at) };
  },
  track(source, state, op) {
    if (typeof op.asset !== "string" || typeof op.video !== "boolean" || typeof op.audio !== "boolean") throw new Refusal("bad-op");
    if (!source.tracks.some((t) => t.asset === op.asset && !t.text)) throw new Refusal("unknown-asset");
    const use = { asset: op.asset, video: op.video, audio: op.audio };
    const tracks = [...state.tracks.filter((t) => t.asset !== use.asset), use].sort(by("asset"));
    const pictures = source.tracks.filter((t) => t.video);
    if (pictures.length && !pictures.some((t) => useOf(tracks, t.asset).video)) throw new Refusal("last-picture");
    return { ...state, tracks };
  },
  thumbnail(source, state, op) {
    if (typeof op.asset !== "string") throw new Refusal("bad-op");
    if (!op.asset) return { ...state, thumbnail: undefined };
    if (op.at === undefined || op.at === null) return { ...state, thumbnail: { asset: op.asset } };
    const at = checkTime(op.at);
    if (!source.tracks.some((t) => t.asset === op.asset && t.video)) throw new Refusal("unknown-asset");
    if (at >= source.duration) throw new Refusal("beyond-end");
    return { ...state, thumbnail: { asset: op.asset, at } };
  },
  chapter(source, state, op) {
    const id = checkID(op.id);
    const at = checkTime(op.at);
    if (at >= source.duration) throw new Refusal("beyond-end");
    if (typeof op.title !== "string") throw new Refusal("bad-op");
    if (!op.title.trim()) throw new Refusal("blank-title");
    const chapters = [...state.chapters.filter((c) => c.id !== id), { id, at, title: op.title }];
    return { ...state, chapters: chapters.sort((a, b) => a.at - b.at || order(a.id, b.id)) };
  },
  "chapter-remove"(source, state, op) {
    const id = checkID(op.id);
    if (!state.chapters.some((c) => c.id === id)) throw new Refusal("unknown-chapter");
    return { ...state, chapters: state.chapters.filter((c) => c.id !== id) };
  },
  cue(source, state, op) {
    const id = checkID(op.id);
    const range = checkRange(source, op.start, op.end);
    if (typeof op.text !== "string" || typeof op.track !== "string") throw new Refusal("bad-op");
    const cue = { id, ...range, text: op.text };
    return withCues(source, state, op.track, (cues) => [...cues.filter((c) => c.id !== id), cue]);
  },
  "cue-remove"(source, state, op) {
    const id = checkID(op.id);
    if (typeof op.track !== "string") throw new Refusal("bad-op");
    return withCues(source, state, op.track, (cues) => {
      if (!cues.some((c) => c.id === id)) throw new Refusal("unknown-cue");
      return cues.filter((c) => c.id !== id);
    });
  },
};

/** @param {unknown} at */
function checkTime(at) {
  if (typeof at !== "number" || !Number.isSafeInteger(at)) throw new Refusal("bad-op");
  if (at < 0) throw new Refusal("bad-range");
  return at;
}

/** @param {Source} source @param {unknown} start @param {unknown} end @returns {Range} */
function checkRange(source, start, end) {
  if (![start, end].every((t) => typeof t === "number" && Number.isSafeInteger(t))) throw new Refusal("bad-op");
  const range = { start: /** @type {number} */ (start), end: /** @type {number} */ (end) };
  if (range.start < 0 || range.end <= range.start) throw new Refusal("bad-range");
  if (range.end > source.duration) throw new Refusal("beyond-end");
  return range;
}

/** @param {unknown} id */
function checkID(id) {
  if (typeof id !== "string" || !id || id.length > 128) throw new Refusal("bad-id");
  return id;
}

/** @param {Source} source @param {State} state @param {string} track @param {(cues: Cue[]) => Cue[]} change @returns {State} */
function withCues(source, state, track, change) {
  if (!source.tracks.some((t) => t.asset === track && t.text)) throw new Refusal("unknown-asset");
  const cues = change(cuesOf(source, state, track)).sort((a, b) => a.start - b.start || order(a.id, b.id));
  return { ...state, cues: [...state.cues.filter((t) => t.track !== track), { track, cues }].sort(by("track")) };
}

/** The lines of a text track as they are now: the edit's, else the file's. @param {Source} source @param {State} state @param {string} track */
export function cuesOf(source, state, track) {
  return state.cues.find((t) => t.track === track)?.cues ?? source.tracks.find((t) => t.asset === track)?.cues ?? [];
}

/** Which streams of an asset go in: all, unless a track op said otherwise. @param {TrackUse[]} tracks @param {string} asset @returns {TrackUse} */
export const useOf = (tracks, asset) => tracks.find((t) => t.asset === asset) ?? { asset, video: true, audio: true };

/** @param {string} a @param {string} b */
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** @param {string} key @returns {(a: any, b: any) => number} */
const by = (key) => (a, b) => order(a[key], b[key]);

/** Sorted, disjoint, touching ones merged. @param {Range[]} ranges @returns {Range[]} */
export function merge(ranges) {
  /** @type {Range[]} */
  const out = [];
  for (const r of [...ranges].sort((a, b) => a.start - b.start)) {
    const last = out.at(-1);
    if (last && r.start <= last.end) last.end = Math.max(last.end, r.end);
    else out.push({ start: r.start, end: r.end });
  }
  return out;
}

/** What is left of ranges outside of one range. @param {Range[]} ranges @param {Range} hole @returns {Range[]} */
export function without(ranges, hole) {
  return ranges.flatMap((r) => [
    { start: r.start, end: Math.min(r.end, hole.start) },
    { start: Math.max(r.start, hole.end), end: r.end },
  ]).filter((r) => r.start < r.end);
}

/** What of ranges lies inside one range. @param {Range[]} ranges @param {Range} frame @returns {Range[]} */
export function within(ranges, frame) {
  return ranges
    .map((r) => ({ start: Math.max(r.start, frame.start), end: Math.min(r.end, frame.end) }))
    .filter((r) => r.start < r.end);
}

/** The summed length of disjoint ranges, ms. @param {Range[]} ranges */
export const length = (ranges) => ranges.reduce((sum, r) => sum + r.end - r.start, 0);

/** The kept ranges without regard to splits. @param {Source} source @param {State} state */
export function keptRanges(source, state) {
  /** @type {Range[]} */
  const out = [];
  let at = 0;
  for (const r of state.removed) {
    if (r.start >= source.duration) break;
    if (r.start > at) out.push({ start: at, end: r.start });
    at = r.end;
  }
  if (at < source.duration) out.push({ start: at, end: source.duration });
  return out;
}

/** The parts that stay, in order: the complement of what is removed, split at borders. @param {Source} source @param {State} state @returns {Range[]} */
export function kept(source, state) {
  return keptRanges(source, state).flatMap((r) => {
    const edges = [r.start, ...state.borders.filter((b) => b > r.start && b < r.end), r.end];
    return edges.slice(1).map((end, i) => ({ start: edges[i], end }));
  });
}

/**
 * The ops that take one op back: what they restore is the state before it, where it changed anything, and nothing else.
 * Empty when the op changed nothing.
 * @param {Source} source @param {State} before @param {Op} op @returns {Op[]}
 */
export function invert(source, before, op) {
  const at = /** @type {number} */ (op.at);
  switch (op.kind) {
    case "cut": {
      const range = { start: /** @type {number} */ (op.start), end: /** @type {number} */ (op.end) };
      const changed = within(op.keep ? before.removed : keptRanges(source, before), range);
      return changed.map((r) => ({ kind: "cut", ...r, keep: !op.keep }));
    }
    case "split":
      return before.borders.includes(at) ? [] : [{ kind: "join", at }];
    case "join":
      return before.borders.includes(at) ? [{ kind: "split", at }] : [];
    case "track":
      return [{ kind: "track", ...useOf(before.tracks, op.asset ?? "") }];
    case "thumbnail":
      return [{ kind: "thumbnail", asset: "", ...before.thumbnail }];
    case "chapter":
    case "chapter-remove": {
      const old = before.chapters.find((c) => c.id === op.id);
      return [old ? { kind: "chapter", ...old } : { kind: "chapter-remove", id: op.id }];
    }
    case "cue":
    case "cue-remove": {
      const old = cuesOf(source, before, op.track ?? "").find((c) => c.id === op.id);
      return [old ? { kind: "cue", track: op.track, ...old } : { kind: "cue-remove", track: op.track, id: op.id }];
    }
    default:
      return [];
  }
}

/** Whether two ops change the same thing, so that the later one undoes work of the earlier. @param {Op} a @param {Op} b */
export function collide(a, b) {
  const family = (/** @type {string} */ kind) => kind.split("-")[0];
  if (a.kind === "cut" && b.kind === "cut") {
    return a.keep !== b.keep && Math.max(a.start ?? 0, b.start ?? 0) < Math.min(a.end ?? 0, b.end ?? 0);
  }
  if ([a.kind, b.kind].sort().join() === "join,split") return a.at === b.at;
  if (family(a.kind) !== family(b.kind) || a.kind === "cut" || a.kind === "split" || a.kind === "join") return false;
  if (a.kind === "track") return a.asset === b.asset && (a.video !== b.video || a.audio !== b.audio);
  if (a.kind === "thumbnail") return a.asset !== b.asset || a.at !== b.at;
  return a.id === b.id && a.track === b.track;
}
