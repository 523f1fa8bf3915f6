/**
 * The range of a timeline that a tab has loaded: decides which rows the tab holds, and emits diffs.
 * It holds no rows itself, only which ones the tab has.
 *
 * @module
 */

/**
 * @import { Failure, Row } from '../contract.js'
 * @import { OpenAt, TimelineDiff, TimelineState } from '../timeline-types.js'
 * @import { Message } from '../wire.js'
 * @import { ChatRecord, Changes } from './model.js'
 * @import { Target } from './opening.js'
 * @import { Owner } from './owner.js'
 * @import { Span } from './spans.js'
 */

import { ParleyError } from '../both/failure.js';
import { firstUnread } from '../both/unread.js';
import { MIN_ROWS_AROUND, anchorOf, roomAround } from './opening.js';
import { RangeBounds } from './range-bounds.js';
import { RangeViews } from './range-views.js';
import { WHOLE, spanAt } from './spans.js';
import { PAGE_ROWS, TimelineReader } from './timeline-reader.js';
import { UnreadDivider } from './unread-divider.js';

/**
 * @typedef {object} TimelineRangeDeps
 * @property {Owner} owner
 * @property {() => boolean} isFocused whether the person is looking at this tab
 * @property {(diff: TimelineDiff) => void} emit
 */

export class TimelineRange {
  /** @type {TimelineState['status']} */
  #status = 'loading';
  /** @type {Failure | null} */
  #failure = null;
  #bounds = new RangeBounds();
  /** Everything held was replaced; the chat may not be known again yet. */
  #isStale = false;
  /** What was held was dropped: changes are shown with the `reset` that follows. */
  #isReplacing = false;
  /** Whether the `reset` that follows keeps the reader's position. */
  #keepsPosition = false;
  #isClosed = false;
  #at;
  #owner;
  #reader;
  #divider;
  #views;
  #emit;

  /**
   * @param {string} chat
   * @param {OpenAt} at
   * @param {TimelineRangeDeps} deps
   */
  constructor(chat, at, { owner, isFocused, emit }) {
    this.chat = chat;
    /** Where to open again after a failure. @type {OpenAt} */
    this.#at = at;
    this.#owner = owner;
    this.#reader = new TimelineReader(chat, owner);
    this.#divider = new UnreadDivider(owner.model.person, isFocused);
    this.#views = new RangeViews(chat, owner);
    this.#emit = (/** @type {TimelineDiff} */ diff) => {
      if (this.#isClosed) return;
      const { people } = this.#views;
      if (!diff.reset && people.hasNew) diff.people = people.byId;
      emit(diff);
    };
    void this.open(at);
  }

  close() {
    this.#isClosed = true;
  }

  /**
   * Move the range; ends with a `reset` diff, unless everything held is being replaced.
   *
   * @param {OpenAt} at
   * @param {{ stay?: boolean, part?: Span | null }} [how] stay: the same place again, for what was
   *   dropped; part: the same rows, if they are still there
   */
  open(at, { stay = false, part = null } = {}) {
    return this.#reader.enqueue(async () => {
      this.#at = at;
      this.#keepsPosition = stay;
      try {
        const record = await this.#owner.chatLoader.load(this.chat);
        const { last_seq } = record.chat;
        if (!stay) this.#divider.open(record.chat);
        const target = at === 'unread' ? (firstUnread(record.chat) ?? 'end') : at;
        const messages =
          part && part[0] <= last_seq
            ? await this.#reader.span([part[0], Math.min(part[1], last_seq)])
            : await this.#reader.around(record, target, () => this.#showLoading());
        this.#opened(record, messages, target);
      } catch (error) {
        const failure = ParleyError.plain(error);
        // The chat is not known again yet: it is opened once all is caught up.
        if (this.#isStale && failure.code === 'not_found') return;
        this.#status = 'failed';
        this.#isReplacing = false;
        this.#failure = failure;
        this.#reset([], null);
      }
    });
  }

  /** All is caught up: open what could not be opened. */
  retryFailed() {
    const isLost = this.#failure && ParleyError.from(this.#failure).passing;
    if (this.#isStale) void this.#reopen();
    else if (this.#status === 'failed' && isLost) void this.open(this.#at);
    else if (this.#status !== 'left') void this.#owner.chatLoader.load(this.chat).catch(() => {});
  }

  /** What was held was dropped. Stay where the range is. */
  #reopen() {
    this.#isStale = false;
    this.#isReplacing = true;
    // Dropped before anything was shown (a first snapshot): where it was to open still holds.
    if (!this.#bounds.last) return this.open(this.#at);
    if (this.#bounds.atEnd && this.#bounds.followsEnd) return this.open('end', { stay: true });
    const middle = Math.max(1, Math.round((this.#bounds.first + this.#bounds.last) / 2));
    // A range that reached the end gets what came since, unless it is much.
    const last = this.#bounds.atEnd ? this.#bounds.last + PAGE_ROWS : this.#bounds.last;
    return this.open(middle, { stay: true, part: [this.#bounds.first, last] });
  }

  /** @param {boolean} following whether the reader stays at the end */
  follow(following) {
    this.#bounds.followsEnd = following;
  }

  loadBefore() {
    return this.#reader.enqueue(() => this.#loadBefore());
  }

  loadAfter() {
    return this.#reader.enqueue(() => this.#loadAfter());
  }

  /**
   * Show what a frame or a local step changed.
   *
   * @param {Changes} changes
   */
  changed(changes) {
    const { chat } = this;
    const record = this.#owner.model.chats.get(chat);
    this.#isStale ||= changes.wiped;
    if (changes.left.has(chat) && !record) return this.#showLeft();
    if (this.#status === 'left') {
      if (record) this.#status = 'loading';
      return record ? void this.open('end') : undefined;
    }
    // A part with an end is fetched again by itself: its rows stand until they are replaced.
    const dropped = changes.dropped.get(chat);
    const forgets = (changes.forgotten.get(chat) ?? 0) > this.#bounds.start;
    if ((dropped?.[1] === WHOLE[1] || forgets) && !this.#isStale) return void this.#reopen();
    const messages = changes.messages.get(chat) ?? [];
    this.#reader.noteChanged(messages);
    if (!record || this.#isStale || this.#isReplacing || this.#status !== 'ready') return;
    const diff = this.#diffOf(record, messages, changes);
    this.#redraw(changes.rows.get(chat), messages);
    if (Object.keys(diff).length) this.#emit(diff);
  }

  /**
   * @param {ChatRecord} record
   * @param {Message[]} messages
   * @param {Changes} changes
   */
  #diffOf(record, messages, changes) {
    const { chat } = this;
    /** @type {TimelineDiff} */
    const diff = {};
    const shown = messages.filter(({ seq }) => this.#bounds.includes(seq));
    if (shown.length) diff.replace = this.#views.rows(shown);
    const { seq } = this.#divider;
    if (messages.length) this.#appendNew(record, messages, { diff, live: changes.live });
    if (changes.readElsewhere.has(chat)) this.#divider.readElsewhere(record.chat);
    if (this.#divider.seq !== seq) diff.unreadFrom = this.#divider.seq;
    if (messages.length || changes.pending.has(chat)) diff.pending = this.#pending();
    if (messages.length) diff.changed = this.#views.rows(messages);
    return Object.assign(diff, this.#views.around(record, changes));
  }

  #showLoading() {
    if (this.#status !== 'ready') this.#reset([], null);
  }

  /**
   * @param {ChatRecord} record
   * @param {Message[]} messages
   * @param {Target} target
   */
  #opened(record, messages, target) {
    this.#status = 'ready';
    this.#isReplacing = false;
    this.#failure = null;
    this.#views.people.add(record.chat.person);
    this.#bounds.start = record.chat.kept_from ?? 1;
    this.#bounds.open(messages);
    this.#bounds.atEnd = target === 'end' || this.#bounds.last >= record.chat.last_seq;
    if (!this.#keepsPosition) this.#bounds.followsEnd = target === 'end';
    this.#reset(this.#views.rows(messages), anchorOf(messages, target));
    if (this.#bounds.atEnd) void this.#reader.enqueue(() => this.#catchUp(false));
    const [above, below] = roomAround(messages, target);
    if (above < MIN_ROWS_AROUND && !this.#bounds.atStart) void this.loadBefore().catch(() => {});
    if (below < MIN_ROWS_AROUND && !this.#bounds.atEnd) void this.loadAfter().catch(() => {});
  }

  async #loadBefore() {
    if (this.#status !== 'ready' || this.#bounds.atStart) return;
    const first = this.#bounds.first;
    const messages = await this.#reader.before(this.#record(), first);
    if (messages.at(-1)?.seq !== first - 1) throw new ParleyError('unavailable');
    this.#bounds.first = messages[0].seq;
    /** @type {TimelineDiff} */
    const diff = { prepend: this.#views.rows(messages), atStart: this.#bounds.atStart };
    this.#bounds.trimEnd(diff);
    this.#emit(diff);
  }

  async #loadAfter() {
    if (this.#status !== 'ready' || this.#bounds.atEnd) return;
    const { record, last } = { record: this.#record(), last: this.#bounds.last };
    const messages = await this.#reader.after(record, last);
    if (messages.length && messages[0].seq !== last + 1) throw new ParleyError('unavailable');
    /** @type {TimelineDiff} */
    const diff = {};
    this.#append(messages, diff);
    this.#bounds.trimStart(diff);
    this.#bounds.atEnd = this.#bounds.last >= record.chat.last_seq;
    if (this.#bounds.atEnd) Object.assign(diff, { atEnd: true, pending: this.#pending() });
    this.#emit(diff);
  }

  /** The reader is no longer in this chat. */
  #showLeft() {
    this.#status = 'left';
    this.#failure = null;
    this.#bounds.empty();
    this.#reset([], null);
  }

  /**
   * Draw rows again that look different though their entries are the same, and those that quote
   * one of the messages: it was changed, deleted or restored.
   *
   * @param {Set<number> | undefined} touched
   * @param {Message[]} messages
   */
  #redraw(touched, messages) {
    const replies = messages.flatMap(({ seq }) => this.#views.people.repliesTo(seq));
    const seqs = new Set([...(touched ?? []), ...replies]);
    for (const seq of seqs) void this.#reader.enqueue(() => this.#redrawRow(seq));
  }

  /** @param {number} seq */
  async #redrawRow(seq) {
    const isShown = this.#bounds.includes(seq);
    const cached = await this.#reader.cached(seq, seq);
    const messages = cached ?? (isShown ? await this.#reader.span([seq, seq]).catch(() => []) : []);
    if (!messages.length || this.#status !== 'ready') return;
    const changed = this.#views.rows(messages);
    this.#emit({ ...(isShown && { replace: changed }), changed });
  }

  /**
   * Append the entries after the last row, from the frame when it has them all.
   *
   * @param {ChatRecord} record
   * @param {Message[]} messages
   * @param {{ diff: TimelineDiff, live: boolean }} out
   */
  #appendNew(record, messages, { diff, live }) {
    const end = this.#bounds.atEnd ? spanAt(record.spans, this.#bounds.last + 1)?.[1] : undefined;
    if (end === undefined) return;
    if (!this.#bounds.followsEnd && this.#bounds.isFull) return this.#bounds.leaveEnd(diff);
    const bySeq = new Map(messages.map((message) => [message.seq, message]));
    /** @type {Message[]} */
    const next = [];
    for (let seq = this.#bounds.last + 1; seq <= end; seq += 1) {
      const message = bySeq.get(seq);
      if (!message) return void this.#reader.enqueue(() => this.#catchUp(live));
      next.push(message);
    }
    this.#arrived(next, { diff, live });
  }

  /** Entries came in another order than their seqs: read the part that is whole now. @param {boolean} live */
  async #catchUp(live) {
    const span = this.#bounds.atEnd ? spanAt(this.#record().spans, this.#bounds.last + 1) : null;
    if (!span || this.#status !== 'ready') return;
    const messages = await this.#reader.cached(this.#bounds.last + 1, span[1]);
    if (!messages) return void this.#reopen();
    /** @type {TimelineDiff} */
    const diff = {};
    this.#arrived(messages, { diff, live });
    this.#emit({ ...diff, unreadFrom: this.#divider.seq, pending: this.#pending() });
  }

  /** @param {Message[]} messages @param {{ diff: TimelineDiff, live: boolean }} out */
  #arrived(messages, { diff, live }) {
    this.#append(messages, diff);
    if (this.#bounds.followsEnd) this.#bounds.trimStart(diff);
    const { person } = this.#owner.model;
    const others = messages.filter(({ sender }) => sender !== person);
    if (live && others.length) diff.fresh = this.#views.rows(others).map(({ key }) => key);
    this.#divider.arrived(this.#record().chat, messages);
  }

  /** @param {Message[]} messages @param {TimelineDiff} diff */
  #append(messages, diff) {
    if (!messages.length) return;
    diff.append = this.#views.rows(messages);
    this.#bounds.last = messages[messages.length - 1].seq;
  }

  #record() {
    const record = this.#owner.model.chats.get(this.chat);
    if (!record) throw new ParleyError('not_found');
    return record;
  }

  /**
   * Send the whole state.
   *
   * @param {Row[]} rows
   * @param {number | null} anchor
   */
  #reset(rows, anchor) {
    const state = this.#views.whole({
      status: this.#status,
      failure: this.#failure,
      rows,
      pending: this.#status === 'ready' ? this.#pending() : [],
      atStart: this.#bounds.atStart,
      atEnd: this.#bounds.atEnd,
      unreadFrom: this.#divider.seq,
      anchor,
    });
    this.#emit(this.#keepsPosition ? { reset: state, stay: true } : { reset: state });
  }

  /** Own unsent messages, without acknowledged ones that are rows already. */
  #pending() {
    return this.#views.pending(this.#bounds.last);
  }
}
