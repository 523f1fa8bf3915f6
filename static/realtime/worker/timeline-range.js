/**
 * A tab's window on a chat, the owner's half: decides which rows the tab holds, and says in diffs
 * what changes. It keeps no rows, only from which seq to which the tab has them.
 *
 * @module
 */

/**
 * @import { ChatView, Failure, OpenAt, OutboxEntry, PositionsView, Row, TimelineDiff,
 *   TimelineState } from '../contract.js'
 * @import { Member, Message } from '../wire.js'
 * @import { ChatRecord, Changes, Model } from './model.js'
 * @import { Cache } from './store/cache.js'
 * @import { Query } from './history.js'
 * @import { Span } from './spans.js'
 * @import { PendingReactions } from './pending-reactions.js'
 * @import { Target } from './opening.js'
 */

import { TimelinePeople } from './timeline-people.js';
import { UnreadDivider } from './unread-divider.js';
import { ParleyError } from '../both/failure.js';
import { continues, newest } from './history.js';
import { MIN_ROWS_AROUND, anchorOf, fills, roomAround } from './opening.js';
import { isChanged } from '../both/quotes.js';
import { WHOLE, heldAround, spanAt } from './spans.js';
import { messageRow, pendingRow, positionsView } from './view-models.js';

/** Rows of a page, to either side of an opening, and in a window (before it is cut back). */
const PAGE_ROWS = 50;
const OPENING_REACH = 40;
const MAX_ROWS = 240;
const TRIMMED_ROWS = 200;

/**
 * @typedef {object} TimelineRangeDeps what a window needs of the owner
 * @property {Model} model
 * @property {() => Cache} cache
 * @property {(chat: string, query: Query) => Promise<Message[]>} page
 * @property {(chat: string, span: Span) => Promise<Message[]>} part
 * @property {(chat: string) => Promise<ChatRecord>} find the chat, asked for when it is not known
 * @property {(chat: string) => OutboxEntry[]} unsent
 * @property {(chat: string) => Member[] | null} members
 * @property {PendingReactions} pendingReactions
 * @property {(record: ChatRecord) => ChatView} view
 * @property {() => boolean} focused whether the person is looking at this tab
 */

export class TimelineRange {
  /** @type {TimelineState['status']} */
  #status = 'loading';
  /** @type {Failure | null} */
  #failure = null;
  #first = 1;
  #last = 0;
  /** Whether new entries belong into the window. */
  #atEnd = false;
  #followsEnd = true;
  /** Entries changed while a part is being read; null while none is. @type {Message[] | null} */
  #changedMeanwhile = null;
  /** Everything held was replaced; the chat may not be known again yet. */
  #isStale = false;
  /** What was held was dropped: what changes now shows with the `reset` that is coming. */
  #isReplacing = false;
  /** Whether the reader did not ask for the `reset` that is coming. */
  #keepsPosition = false;
  /** One step after the other. @type {Promise<unknown>} */
  #queue = Promise.resolve();
  #isClosed = false;
  #at;
  #deps;
  #divider;
  #people;
  #emit;

  /**
   * @param {string} chat
   * @param {OpenAt} at
   * @param {{ deps: TimelineRangeDeps, emit: (diff: TimelineDiff) => void }} host
   */
  constructor(chat, at, { deps, emit }) {
    this.chat = chat;
    /** Where to open again after a failure. @type {OpenAt} */
    this.#at = at;
    this.#deps = deps;
    this.#divider = new UnreadDivider(deps.model.person, deps.focused);
    this.#people = new TimelinePeople(deps.model, () => this.#members());
    this.#emit = (/** @type {TimelineDiff} */ diff) => {
      if (this.#isClosed) return;
      if (!diff.reset && this.#people.hasNew) diff.people = this.#people.byId;
      emit(diff);
    };
    void this.open(at);
  }

  close() {
    this.#isClosed = true;
  }

  /**
   * Move the window; ends with a `reset` diff in any case.
   *
   * @param {OpenAt} at
   * @param {{ stay?: boolean, part?: Span | null }} [how] stay: the same place again, for what was
   *   dropped; part: the same rows, if they are still there
   */
  open(at, { stay = false, part = null } = {}) {
    return this.#enqueue(async () => {
      this.#at = at;
      this.#keepsPosition = stay;
      try {
        const record = await this.#deps.find(this.chat);
        const { last_seq, read_seq } = record.chat;
        if (!stay) this.#divider.open(record.chat);
        const target = at === 'unread' ? (read_seq < last_seq ? read_seq + 1 : 'end') : at;
        const rows =
          part && part[0] <= last_seq
            ? await this.#fetchSpan([part[0], Math.min(part[1], last_seq)])
            : await this.#openingRows(record, target);
        this.#opened(record, rows, target);
      } catch (error) {
        this.#status = 'failed';
        this.#isReplacing = false;
        this.#failure = ParleyError.plain(error);
        this.#reset([], null);
      }
    });
  }

  /** The line is back and all is caught up: open what could not be opened. */
  retryFailed() {
    const lost = this.#failure && ParleyError.from(this.#failure).passing;
    if (this.#isStale) void this.#reopen();
    else if (this.#status === 'failed' && lost) void this.open(this.#at);
    else if (this.#status !== 'left') void this.#deps.find(this.chat).catch(() => {});
  }

  /** What was held was dropped. Stay where the window is. */
  #reopen() {
    this.#isStale = false;
    this.#isReplacing = true;
    // Dropped before anything was shown (a first snapshot): where it was to open still holds.
    if (!this.#last) return this.open(this.#at);
    if (this.#atEnd && this.#followsEnd) return this.open('end', { stay: true });
    const middle = Math.max(1, Math.round((this.#first + this.#last) / 2));
    // Who had all to the end has what came since, unless it is much.
    const last = this.#atEnd ? this.#last + PAGE_ROWS : this.#last;
    return this.open(middle, { stay: true, part: [this.#first, last] });
  }

  /** @param {boolean} following */
  follow(following) {
    this.#followsEnd = following;
  }

  loadBefore() {
    return this.#enqueue(() => this.#prependPage());
  }

  loadAfter() {
    return this.#enqueue(() => this.#appendPage());
  }

  /**
   * Show what a frame or a local step changed.
   *
   * @param {Changes} changes
   */
  changed(changes) {
    const record = this.#deps.model.chats.get(this.chat);
    this.#isStale ||= changes.wiped;
    if (changes.left.has(this.chat) && !record) return this.#showLeft();
    if (this.#status === 'left') {
      if (record) this.#status = 'loading';
      return record ? void this.open('end') : undefined;
    }
    // A part with an end is fetched again by itself: its rows stand until they are replaced.
    const gone = changes.voided.get(this.chat);
    if (gone?.[1] === WHOLE[1] && !this.#isStale) return void this.#reopen();
    const messages = changes.messages.get(this.chat) ?? [];
    this.#changedMeanwhile?.push(...messages);
    if (!record || this.#isStale || this.#isReplacing || this.#status !== 'ready') return;
    /** @type {TimelineDiff} */
    const diff = {};
    this.#addReplaced(messages, diff);
    const { seq } = this.#divider;
    if (messages.length) this.#appendNew(record, messages, { diff, live: changes.live });
    if (changes.readElsewhere.has(this.chat)) this.#divider.readElsewhere(record.chat);
    if (this.#divider.seq !== seq) diff.unreadFrom = this.#divider.seq;
    if (messages.length || changes.pending.has(this.chat)) diff.pending = this.#pending();
    if (changes.positions.has(this.chat)) diff.positions = this.#positions(record);
    if (changes.chats.has(this.chat)) diff.chat = this.#deps.view(record);
    if (changes.members.has(this.chat)) diff.people = this.#people.byId;
    if (changes.members.has(this.chat) || this.#people.includesMember(changes.contacts)) {
      diff.members = this.#people.members ?? [];
    }
    this.#redraw(changes.rows.get(this.chat), messages);
    if (Object.keys(diff).length) this.#emit(diff);
  }

  /**
   * Run a step after those before it. Entries that change while it reads are gathered for it.
   *
   * @template T
   * @param {() => Promise<T>} work
   */
  #enqueue(work) {
    const result = this.#queue.then(async () => {
      this.#changedMeanwhile = [];
      try {
        return await work();
      } finally {
        this.#changedMeanwhile = null;
      }
    });
    this.#queue = result.catch(() => {});
    return result;
  }

  /** @param {Span} span */
  async #fetchSpan(span) {
    return newest(await this.#deps.part(this.chat, span), this.#changedMeanwhile ?? []);
  }

  /** @param {ChatRecord} record @param {Target} target */
  async #openingRows(record, target) {
    const { last_seq } = record.chat;
    if (last_seq === 0) return [];
    if (typeof target === 'object') {
      const own = this.#deps.model.me?.time_zone;
      // As times are shown (`useZone`): UTC is what a profile says before anybody chose.
      const chosen = own && own !== 'UTC' ? own : null;
      const tz = chosen ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
      return this.#fetch({ on: target.date, tz, limit: PAGE_ROWS });
    }
    const seq = target === 'end' ? last_seq : Math.min(Math.max(1, target), last_seq);
    const span = heldAround(record.spans, seq, target === 'end' ? PAGE_ROWS : OPENING_REACH);
    const held = span && (await this.#read(...span));
    if (held && fills(span, { seq, last_seq })) return held;
    if (this.#status !== 'ready') this.#reset([], null);
    const query = target === 'end' ? { limit: PAGE_ROWS } : { around: seq, limit: 2 * OPENING_REACH };
    // A few rows are better than none, but none at first are better than a few that jump.
    return this.#fetch(query).catch((error) => held ?? Promise.reject(error));
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
    this.#people.add(record.chat.person);
    this.#first = messages[0]?.seq ?? 1;
    this.#last = messages.at(-1)?.seq ?? 0;
    this.#atEnd = target === 'end' || this.#last >= record.chat.last_seq;
    if (!this.#keepsPosition) this.#followsEnd = target === 'end';
    this.#reset(this.#rows(messages), anchorOf(messages, target));
    if (this.#atEnd) void this.#enqueue(() => this.#catchUp());
    const [above, below] = roomAround(messages, target);
    if (above < MIN_ROWS_AROUND && this.#first > 1) void this.loadBefore().catch(() => {});
    if (below < MIN_ROWS_AROUND && !this.#atEnd) void this.loadAfter().catch(() => {});
  }

  async #prependPage() {
    if (this.#status !== 'ready' || this.#first <= 1) return;
    const { record, first } = { record: this.#record(), first: this.#first };
    const span = spanAt(record.spans, first - 1);
    const held = span && (await this.#read(Math.max(span[0], first - PAGE_ROWS), first - 1));
    const messages = held ?? (await this.#fetch({ before: first, limit: PAGE_ROWS }));
    if (messages.at(-1)?.seq !== first - 1) throw new ParleyError('unavailable');
    this.#first = messages[0].seq;
    /** @type {TimelineDiff} */
    const diff = { prepend: this.#rows(messages), atStart: this.#first <= 1 };
    if (this.#size > MAX_ROWS) {
      diff.trimEnd = this.#size - TRIMMED_ROWS;
      this.#last -= diff.trimEnd;
      this.#leaveEnd(diff);
    }
    this.#emit(diff);
  }

  async #appendPage() {
    if (this.#status !== 'ready' || this.#atEnd) return;
    const { record, last } = { record: this.#record(), last: this.#last };
    const span = spanAt(record.spans, last + 1);
    const held = span && (await this.#read(last + 1, Math.min(span[1], last + PAGE_ROWS)));
    const messages = held ?? (await this.#fetch({ after: last, limit: PAGE_ROWS }));
    if (messages.length && messages[0].seq !== last + 1) throw new ParleyError('unavailable');
    /** @type {TimelineDiff} */
    const diff = {};
    this.#append(messages, diff);
    this.#trimStart(diff);
    this.#atEnd = this.#last >= record.chat.last_seq;
    if (this.#atEnd) Object.assign(diff, { atEnd: true, pending: this.#pending() });
    this.#emit(diff);
  }

  /** The reader is no longer in this chat. */
  #showLeft() {
    this.#status = 'left';
    this.#failure = null;
    [this.#first, this.#last, this.#atEnd] = [1, 0, false];
    this.#reset([], null);
  }

  /**
   * Rows that look different though their entries are the same, and those that quote a changed one.
   *
   * @param {Set<number> | undefined} touched
   * @param {Message[]} messages
   */
  #redraw(touched, messages) {
    const changed = messages.filter(isChanged).map(({ seq }) => seq);
    const answers = changed.flatMap((seq) => this.#people.repliesTo(seq));
    const seqs = new Set([...(touched ?? []), ...answers]);
    for (const seq of seqs) void this.#enqueue(() => this.#redrawRow(seq));
  }

  /** @param {number} seq */
  async #redrawRow(seq) {
    if (seq < this.#first || seq > this.#last) return;
    const held = (await this.#read(seq, seq)) ?? (await this.#fetchSpan([seq, seq]).catch(() => []));
    if (held.length && this.#status === 'ready') this.#emit({ replace: this.#rows(held) });
  }

  /** @param {Message[]} messages @param {TimelineDiff} diff */
  #addReplaced(messages, diff) {
    const known = messages.filter(({ seq }) => this.#first <= seq && seq <= this.#last);
    if (known.length) diff.replace = this.#rows(known);
  }

  /**
   * Take in the entries after the last row, from the frame when it has them all.
   *
   * @param {ChatRecord} record
   * @param {Message[]} messages
   * @param {{ diff: TimelineDiff, live: boolean }} out
   */
  #appendNew(record, messages, { diff, live }) {
    const end = this.#atEnd ? spanAt(record.spans, this.#last + 1)?.[1] : undefined;
    if (end === undefined) return;
    if (!this.#followsEnd && this.#size >= MAX_ROWS) return this.#leaveEnd(diff);
    const bySeq = new Map(messages.map((message) => [message.seq, message]));
    /** @type {Message[]} */
    const next = [];
    for (let seq = this.#last + 1; seq <= end; seq += 1) {
      const message = bySeq.get(seq);
      if (!message) return void this.#enqueue(() => this.#catchUp());
      next.push(message);
    }
    this.#append(next, diff);
    if (this.#followsEnd) this.#trimStart(diff);
    const { person } = this.#deps.model;
    const others = next.filter(({ sender }) => sender !== person);
    if (live && others.length) diff.fresh = this.#rows(others).map(({ key }) => key);
    this.#divider.arrived(record.chat, next);
  }

  /** Entries came in another order than their seqs: read the part that is whole now. */
  async #catchUp() {
    const span = this.#atEnd ? spanAt(this.#record().spans, this.#last + 1) : null;
    if (!span || this.#status !== 'ready') return;
    const messages = await this.#read(this.#last + 1, span[1]);
    if (!messages) return void this.#reopen();
    /** @type {TimelineDiff} */
    const diff = {};
    this.#append(messages, diff);
    if (this.#followsEnd) this.#trimStart(diff);
    this.#divider.arrived(this.#record().chat, messages);
    this.#emit({ ...diff, unreadFrom: this.#divider.seq, pending: this.#pending() });
  }

  /** @param {Message[]} messages @param {TimelineDiff} diff */
  #append(messages, diff) {
    if (!messages.length) return;
    diff.append = this.#rows(messages);
    this.#last = messages[messages.length - 1].seq;
  }

  /** @param {TimelineDiff} diff */
  #trimStart(diff) {
    if (this.#size <= MAX_ROWS) return;
    diff.trimStart = this.#size - TRIMMED_ROWS;
    diff.atStart = false;
    this.#first += diff.trimStart;
  }

  /** New entries stay out from now on. @param {TimelineDiff} diff */
  #leaveEnd(diff) {
    this.#atEnd = false;
    Object.assign(diff, { atEnd: false, pending: [] });
  }

  get #size() {
    return this.#last - this.#first + 1;
  }

  #record() {
    const record = this.#deps.model.chats.get(this.chat);
    if (!record) throw new ParleyError('not_found');
    return record;
  }

  /**
   * A part that should be held, or null when the cache does not have it after all.
   *
   * @param {number} first
   * @param {number} last
   */
  async #read(first, last) {
    const reading = this.#deps.cache().read(this.chat, first, last);
    const messages = await reading.catch(() => []);
    const whole = messages.length === last - first + 1 && continues(messages);
    return whole ? newest(messages, this.#changedMeanwhile ?? []) : null;
  }

  /** @param {Query} query */
  async #fetch(query) {
    return newest(await this.#deps.page(this.chat, query), this.#changedMeanwhile ?? []);
  }

  /** @param {Message[]} messages */
  #rows(messages) {
    const { model, pendingReactions } = this.#deps;
    this.#people.addFrom(messages);
    return messages.map((message) => messageRow(message, { chat: this.chat, model, pendingReactions }));
  }

  /** The members of a group, the other side of a direct chat. @returns {Member[] | null} */
  #members() {
    return this.#deps.members(this.chat);
  }

  /** Own messages after the last row; an acknowledged one that is a row already is not repeated. */
  #pending() {
    if (!this.#atEnd) return [];
    return this.#deps
      .unsent(this.chat)
      .filter(({ ack }) => !ack || ack.seq > this.#last)
      .map((entry) => pendingRow(entry, this.#deps.model.person));
  }

  /** @param {ChatRecord} record @returns {PositionsView} */
  #positions(record) {
    return positionsView(record, this.#deps.model);
  }

  /**
   * Say everything anew.
   *
   * @param {Row[]} rows
   * @param {number | null} anchor
   */
  #reset(rows, anchor) {
    const { model, view } = this.#deps;
    const record = model.chats.get(this.chat);
    /** @type {TimelineState} */
    const state = {
      status: this.#status,
      failure: this.#failure,
      chat: record ? view(record) : null,
      people: record ? this.#people.byId : {},
      members: record?.chat.kind === 'group' ? this.#people.members : null,
      rows,
      pending: this.#status === 'ready' ? this.#pending() : [],
      atStart: this.#first <= 1,
      atEnd: this.#atEnd,
      unreadFrom: this.#divider.seq,
      anchor,
      positions: record ? this.#positions(record) : { delivered: 0, read: 0, of: 0, members: [] },
    };
    this.#emit(this.#keepsPosition ? { reset: state, stay: true } : { reset: state });
  }
}
