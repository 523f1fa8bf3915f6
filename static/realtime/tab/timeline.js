/** @import { Row } from '../contract.js' */
/** @import { OpenAt, PositionsView, TimelineDiff, TimelineState } from '../timeline-types.js' */
/** @import { Person } from '../wire.js' */
/** @import { OwnerClient } from './owner-client.js' */

/** @type {TimelineState} */
const BLANK = {
  status: 'loading',
  failure: null,
  chat: null,
  people: {},
  members: null,
  rows: [],
  pending: [],
  atStart: false,
  atEnd: false,
  unreadFrom: null,
  anchor: null,
  positions: { delivered: 0, read: 0, of: 0, members: [] },
};

/**
 * The delivery status of an own row, for its ticks.
 *
 * @param {Row} row
 * @param {PositionsView} positions
 * @returns {'pending' | 'refused' | 'sent' | 'delivered' | 'read'}
 */
export function stateOf(row, positions) {
  if (row.state !== 'sent' || row.seq === null) return row.state;
  if (row.seq <= positions.read) return 'read';
  return row.seq <= positions.delivered ? 'delivered' : 'sent';
}

/**
 * How many of the other members have read a row.
 *
 * @param {Row} row
 * @param {PositionsView} positions
 * @returns {{ seen: number, of: number }}
 */
export function seenBy({ seq }, { members, of }) {
  const seen = seq === null ? [] : members.filter(({ read }) => read >= seq);
  return { seen: seen.length, of };
}

/** @param {Record<string, Person>} people @param {string} id @returns {string} may be empty */
export const nameOf = (people, id) => people[id]?.name ?? '';

/**
 * @param {TimelineState} state
 * @param {TimelineDiff} diff
 * @returns {TimelineState} a new state; untouched parts are the same objects
 */
export function applyDiff(state, diff) {
  const { reset, prepend, append, replace, trimStart, trimEnd, fresh, changed, ...parts } = diff;
  if (reset) return reset;
  let { rows } = state;
  if (prepend) rows = [...prepend, ...rows];
  if (append) rows = [...rows, ...append];
  if (replace) {
    const changed = new Map(replace.map((row) => [row.key, row]));
    rows = rows.map((row) => changed.get(row.key) ?? row);
  }
  if (trimStart) rows = rows.slice(trimStart);
  if (trimEnd) rows = rows.slice(0, -trimEnd);
  return { ...state, ...parts, rows };
}

/** @type {typeof import('../../files/local-files.js') | null} loaded with the first unsent file */
let localFiles = null;

/** A tab's copy of a range of a chat: `state` is what to render, the methods move the range. */
export class Timeline {
  #owner;
  #changed;
  #stop;
  /** @type {number} */
  #watch = 0;
  /** What the view last passed to `follow`. @type {boolean | null} */
  #sticking = null;
  /** @type {{ topic: 'timeline', chat: string, at: OpenAt }} */
  #what;

  /**
   * @param {OwnerClient} owner
   * @param {{ chat: string, at: OpenAt,
   *   changed: (diff: TimelineDiff, timeline: Timeline) => void }} opening
   */
  constructor(owner, { chat, at, changed }) {
    this.#owner = owner;
    this.#changed = changed;
    this.chat = chat;
    /** @type {TimelineState} */
    this.state = BLANK;
    this.#what = { topic: 'timeline', chat, at };
    this.#stop = owner.watch(
      this.#what,
      (diff) => this.#applyDiff(/** @type {TimelineDiff} */ (diff)),
      (id) => this.#begin(id),
    );
  }

  /** The rows to render, keyed by `row.key`: committed ones, then own pending ones at the end. */
  get rows() {
    return [...this.state.rows, ...(this.state.atEnd ? this.state.pending : [])];
  }

  /** Load older rows, about 50. Does nothing at the start. @returns {Promise<void>} */
  loadBefore() {
    return this.#owner.call('loadBefore', this.#watch);
  }

  /** Load newer rows, about 50. Does nothing at the end. @returns {Promise<void>} */
  loadAfter() {
    return this.#owner.call('loadAfter', this.#watch);
  }

  /** Move the range; a `reset` diff follows. @param {OpenAt} at @returns {Promise<void>} */
  jump(at) {
    this.#what.at = at;
    return this.#owner.call('jump', this.#watch, at);
  }

  /**
   * Tell the owner whether the view sticks to the end. While it does, new rows push old ones out of a
   * full range; while it does not, a full range stops growing and `atEnd` becomes false.
   *
   * @param {boolean} sticking
   * @returns {Promise<void>}
   */
  follow(sticking) {
    this.#sticking = sticking;
    // When the owner dies, `#begin` repeats this for the next one.
    return this.#owner.call('follow', this.#watch, sticking).catch(() => {});
  }

  /**
   * A row was visible for 500 ms in a focused tab. Cheap: the owner gathers the calls.
   *
   * @param {number} seq
   * @returns {Promise<void>}
   */
  read(seq) {
    return this.#owner.call('read', this.chat, seq).catch(() => {});
  }

  /** No diff arrives afterwards. */
  close() {
    this.#stop();
  }

  /** The watch is at an owner, the first one or the next. @param {number} id */
  #begin(id) {
    this.#watch = id;
    if (this.#sticking !== null) void this.follow(this.#sticking);
  }

  /** @param {TimelineDiff} diff */
  #applyDiff(diff) {
    this.state = applyDiff(this.state, diff);
    if (this.state.pending.some(({ files }) => files.length)) this.#addUrls();
    this.#changed(diff, this);
  }

  /** Unsent files are shown from their bytes, which each tab asks the owner for. */
  #addUrls() {
    if (localFiles) {
      const ask = (/** @type {string} */ upload) => this.#owner.call('fileBytes', upload);
      this.state.pending = localFiles.withLocalFiles(this.state.pending, ask, () => this.#applyDiff({}));
    } else {
      import('../../files/local-files.js').then(
        (module) => {
          localFiles = module;
          this.#applyDiff({});
        },
        () => {},
      );
    }
  }
}
