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
 * @import { Wishes } from './pending-reactions.js'
 * @import { Target } from './opening.js'
 */

import { Cast } from './timeline-people.js';
import { Divider } from './unread-divider.js';
import { ParleyError } from '../both/failure.js';
import { continues, newest } from './history.js';
import { FEW, anchorOf, fills, roomAround } from './opening.js';
import { isChanged } from '../both/quotes.js';
import { WHOLE, heldAround, spanAt } from './spans.js';
import { messageRow, pendingRow, positionsView } from './view-models.js';

/** Rows of a page, to either side of an opening, and in a window (before it is cut back). */
const PAGE = 50;
const REACH = 40;
const FULL = 240;
const KEPT = 200;

/**
 * @typedef {object} Around what a window needs of the owner
 * @property {Model} model
 * @property {() => Cache} cache
 * @property {(chat: string, query: Query) => Promise<Message[]>} page
 * @property {(chat: string, span: Span) => Promise<Message[]>} part
 * @property {(chat: string) => Promise<ChatRecord>} find the chat, asked for when it is not known
 * @property {(chat: string) => OutboxEntry[]} unsent
 * @property {(chat: string) => Member[] | null} members
 * @property {Wishes} wishes
 * @property {(record: ChatRecord) => ChatView} view
 * @property {() => boolean} focused whether the person is looking at this tab
 */

export class Window {
  /** @type {TimelineState['status']} */
  #status = 'loading';
  /** @type {Failure | null} */
  #failure = null;
  #first = 1;
  #last = 0;
  /** Whether new entries belong into the window. */
  #attached = false;
  #following = true;
  /** Entries changed while a part is being read; null while none is. @type {Message[] | null} */
  #meanwhile = null;
  /** Everything held was replaced; the chat may not be known again yet. */
  #stale = false;
  /** What was held was dropped: what changes now shows with the `reset` that is coming. */
  #replacing = false;
  /** Whether the reader did not ask for the `reset` that is coming. */
  #staying = false;
  /** One step after the other. @type {Promise<unknown>} */
  #queue = Promise.resolve();
  #closed = false;
  #at;
  #around;
  #divider;
  #cast;
  #emit;

  /**
   * @param {string} chat
   * @param {OpenAt} at
   * @param {{ around: Around, emit: (diff: TimelineDiff) => void }} host
   */
  constructor(chat, at, { around, emit }) {
    this.chat = chat;
    /** Where to open again after a failure. @type {OpenAt} */
    this.#at = at;
    this.#around = around;
    this.#divider = new Divider(around.model.person, around.focused);
    this.#cast = new Cast(around.model, () => this.#members());
    this.#emit = (/** @type {TimelineDiff} */ diff) => {
      if (this.#closed) return;
      if (!diff.reset && this.#cast.grown) diff.people = this.#cast.people;
      emit(diff);
    };
    void this.open(at);
  }

  close() {
    this.#closed = true;
  }

  /**
   * Move the window; ends with a `reset` diff in any case.
   *
   * @param {OpenAt} at
   * @param {{ stay?: boolean, part?: Span | null }} [how] stay: the same place again, for what was
   *   dropped; part: the same rows, if they are still there
   */
  open(at, { stay = false, part = null } = {}) {
    return this.#step(async () => {
      this.#at = at;
      this.#staying = stay;
      try {
        const record = await this.#around.find(this.chat);
        const { last_seq, read_seq } = record.chat;
        if (!stay) this.#divider.open(record.chat);
        const target = at === 'unread' ? (read_seq < last_seq ? read_seq + 1 : 'end') : at;
        const rows =
          part && part[0] <= last_seq
            ? await this.#same([part[0], Math.min(part[1], last_seq)])
            : await this.#openingRows(record, target);
        this.#opened(record, rows, target);
      } catch (error) {
        this.#status = 'failed';
        this.#replacing = false;
        this.#failure = ParleyError.plain(error);
        this.#show([], null);
      }
    });
  }

  /** The line is back and all is caught up: open what could not be opened. */
  revive() {
    const lost = this.#failure && ParleyError.from(this.#failure).passing;
    if (this.#stale) void this.#reopen();
    else if (this.#status === 'failed' && lost) void this.open(this.#at);
    else if (this.#status !== 'left') void this.#around.find(this.chat).catch(() => {});
  }

  /** What was held was dropped. Stay where the window is. */
  #reopen() {
    this.#stale = false;
    this.#replacing = true;
    // Dropped before anything was shown (a first snapshot): where it was to open still holds.
    if (!this.#last) return this.open(this.#at);
    if (this.#attached && this.#following) return this.open('end', { stay: true });
    const middle = Math.max(1, Math.round((this.#first + this.#last) / 2));
    // Who had all to the end has what came since, unless it is much.
    const last = this.#attached ? this.#last + PAGE : this.#last;
    return this.open(middle, { stay: true, part: [this.#first, last] });
  }

  /** @param {boolean} following */
  follow(following) {
    this.#following = following;
  }

  loadBefore() {
    return this.#step(() => this.#before());
  }

  loadAfter() {
    return this.#step(() => this.#after());
  }

  /**
   * Show what a frame or a local step changed.
   *
   * @param {Changes} changes
   */
  changed(changes) {
    const record = this.#around.model.chats.get(this.chat);
    this.#stale ||= changes.wiped;
    if (changes.left.has(this.chat) && !record) return this.#gone();
    if (this.#status === 'left') {
      if (record) this.#status = 'loading';
      return record ? void this.open('end') : undefined;
    }
    // A part with an end is fetched again by itself: its rows stand until they are replaced.
    const gone = changes.voided.get(this.chat);
    if (gone?.[1] === WHOLE[1] && !this.#stale) return void this.#reopen();
    const messages = changes.messages.get(this.chat) ?? [];
    this.#meanwhile?.push(...messages);
    if (!record || this.#stale || this.#replacing || this.#status !== 'ready') return;
    /** @type {TimelineDiff} */
    const diff = {};
    this.#replaced(messages, diff);
    const { seq } = this.#divider;
    if (messages.length) this.#grow(record, messages, { diff, live: changes.live });
    if (changes.readElsewhere.has(this.chat)) this.#divider.readElsewhere(record.chat);
    if (this.#divider.seq !== seq) diff.unreadFrom = this.#divider.seq;
    if (messages.length || changes.pending.has(this.chat)) diff.pending = this.#pending();
    if (changes.positions.has(this.chat)) diff.positions = this.#positions(record);
    if (changes.chats.has(this.chat)) diff.chat = this.#around.view(record);
    if (changes.members.has(this.chat)) diff.people = this.#cast.people;
    if (changes.members.has(this.chat) || this.#cast.has(changes.contacts)) {
      diff.members = this.#cast.members ?? [];
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
  #step(work) {
    const result = this.#queue.then(async () => {
      this.#meanwhile = [];
      try {
        return await work();
      } finally {
        this.#meanwhile = null;
      }
    });
    this.#queue = result.catch(() => {});
    return result;
  }

  /** @param {Span} span */
  async #same(span) {
    return newest(await this.#around.part(this.chat, span), this.#meanwhile ?? []);
  }

  /** @param {ChatRecord} record @param {Target} target */
  async #openingRows(record, target) {
    const { last_seq } = record.chat;
    if (last_seq === 0) return [];
    if (typeof target === 'object') {
      const own = this.#around.model.me?.time_zone;
      // As times are shown (`useZone`): UTC is what a profile says before anybody chose.
      const chosen = own && own !== 'UTC' ? own : null;
      const tz = chosen ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
      return this.#fetch({ on: target.date, tz, limit: PAGE });
    }
    const seq = target === 'end' ? last_seq : Math.min(Math.max(1, target), last_seq);
    const span = heldAround(record.spans, seq, target === 'end' ? PAGE : REACH);
    const held = span && (await this.#read(...span));
    if (held && fills(span, { seq, last_seq })) return held;
    if (this.#status !== 'ready') this.#show([], null);
    const query = target === 'end' ? { limit: PAGE } : { around: seq, limit: 2 * REACH };
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
    this.#replacing = false;
    this.#failure = null;
    this.#cast.meet(record.chat.person);
    this.#first = messages[0]?.seq ?? 1;
    this.#last = messages.at(-1)?.seq ?? 0;
    this.#attached = target === 'end' || this.#last >= record.chat.last_seq;
    if (!this.#staying) this.#following = target === 'end';
    this.#show(this.#rows(messages), anchorOf(messages, target));
    if (this.#attached) void this.#step(() => this.#catchUp());
    const [above, below] = roomAround(messages, target);
    if (above < FEW && this.#first > 1) void this.loadBefore().catch(() => {});
    if (below < FEW && !this.#attached) void this.loadAfter().catch(() => {});
  }

  async #before() {
    if (this.#status !== 'ready' || this.#first <= 1) return;
    const { record, first } = { record: this.#record(), first: this.#first };
    const span = spanAt(record.spans, first - 1);
    const held = span && (await this.#read(Math.max(span[0], first - PAGE), first - 1));
    const messages = held ?? (await this.#fetch({ before: first, limit: PAGE }));
    if (messages.at(-1)?.seq !== first - 1) throw new ParleyError('unavailable');
    this.#first = messages[0].seq;
    /** @type {TimelineDiff} */
    const diff = { prepend: this.#rows(messages), atStart: this.#first <= 1 };
    if (this.#size > FULL) {
      diff.trimEnd = this.#size - KEPT;
      this.#last -= diff.trimEnd;
      this.#detach(diff);
    }
    this.#emit(diff);
  }

  async #after() {
    if (this.#status !== 'ready' || this.#attached) return;
    const { record, last } = { record: this.#record(), last: this.#last };
    const span = spanAt(record.spans, last + 1);
    const held = span && (await this.#read(last + 1, Math.min(span[1], last + PAGE)));
    const messages = held ?? (await this.#fetch({ after: last, limit: PAGE }));
    if (messages.length && messages[0].seq !== last + 1) throw new ParleyError('unavailable');
    /** @type {TimelineDiff} */
    const diff = {};
    this.#append(messages, diff);
    this.#trimStart(diff);
    this.#attached = this.#last >= record.chat.last_seq;
    if (this.#attached) Object.assign(diff, { atEnd: true, pending: this.#pending() });
    this.#emit(diff);
  }

  /** The reader is no longer in this chat. */
  #gone() {
    this.#status = 'left';
    this.#failure = null;
    [this.#first, this.#last, this.#attached] = [1, 0, false];
    this.#show([], null);
  }

  /**
   * Rows that look different though their entries are the same, and those that quote a changed one.
   *
   * @param {Set<number> | undefined} touched
   * @param {Message[]} messages
   */
  #redraw(touched, messages) {
    const changed = messages.filter(isChanged).map(({ seq }) => seq);
    const answers = changed.flatMap((seq) => this.#cast.answers(seq));
    const seqs = new Set([...(touched ?? []), ...answers]);
    for (const seq of seqs) void this.#step(() => this.#again(seq));
  }

  /** @param {number} seq */
  async #again(seq) {
    if (seq < this.#first || seq > this.#last) return;
    const held = (await this.#read(seq, seq)) ?? (await this.#same([seq, seq]).catch(() => []));
    if (held.length && this.#status === 'ready') this.#emit({ replace: this.#rows(held) });
  }

  /** @param {Message[]} messages @param {TimelineDiff} diff */
  #replaced(messages, diff) {
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
  #grow(record, messages, { diff, live }) {
    const end = this.#attached ? spanAt(record.spans, this.#last + 1)?.[1] : undefined;
    if (end === undefined) return;
    if (!this.#following && this.#size >= FULL) return this.#detach(diff);
    const bySeq = new Map(messages.map((message) => [message.seq, message]));
    /** @type {Message[]} */
    const next = [];
    for (let seq = this.#last + 1; seq <= end; seq += 1) {
      const message = bySeq.get(seq);
      if (!message) return void this.#step(() => this.#catchUp());
      next.push(message);
    }
    this.#append(next, diff);
    if (this.#following) this.#trimStart(diff);
    const { person } = this.#around.model;
    const others = next.filter(({ sender }) => sender !== person);
    if (live && others.length) diff.fresh = this.#rows(others).map(({ key }) => key);
    this.#divider.arrived(record.chat, next);
  }

  /** Entries came in another order than their seqs: read the part that is whole now. */
  async #catchUp() {
    const span = this.#attached ? spanAt(this.#record().spans, this.#last + 1) : null;
    if (!span || this.#status !== 'ready') return;
    const messages = await this.#read(this.#last + 1, span[1]);
    if (!messages) return void this.#reopen();
    /** @type {TimelineDiff} */
    const diff = {};
    this.#append(messages, diff);
    if (this.#following) this.#trimStart(diff);
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
    if (this.#size <= FULL) return;
    diff.trimStart = this.#size - KEPT;
    diff.atStart = false;
    this.#first += diff.trimStart;
  }

  /** New entries stay out from now on. @param {TimelineDiff} diff */
  #detach(diff) {
    this.#attached = false;
    Object.assign(diff, { atEnd: false, pending: [] });
  }

  get #size() {
    return this.#last - this.#first + 1;
  }

  #record() {
    const record = this.#around.model.chats.get(this.chat);
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
    const reading = this.#around.cache().read(this.chat, first, last);
    const messages = await reading.catch(() => []);
    const whole = messages.length === last - first + 1 && continues(messages);
    return whole ? newest(messages, this.#meanwhile ?? []) : null;
  }

  /** @param {Query} query */
  async #fetch(query) {
    return newest(await this.#around.page(this.chat, query), this.#meanwhile ?? []);
  }

  /** @param {Message[]} messages */
  #rows(messages) {
    const { model, wishes } = this.#around;
    this.#cast.see(messages);
    return messages.map((message) => messageRow(message, { chat: this.chat, model, wishes }));
  }

  /** The members of a group, the other side of a direct chat. @returns {Member[] | null} */
  #members() {
    return this.#around.members(this.chat);
  }

  /** Own messages after the last row; an acknowledged one that is a row already is not repeated. */
  #pending() {
    if (!this.#attached) return [];
    return this.#around
      .unsent(this.chat)
      .filter(({ ack }) => !ack || ack.seq > this.#last)
      .map((entry) => pendingRow(entry, this.#around.model.person));
  }

  /** @param {ChatRecord} record @returns {PositionsView} */
  #positions(record) {
    return positionsView(record, this.#around.model);
  }

  /**
   * Say everything anew.
   *
   * @param {Row[]} rows
   * @param {number | null} anchor
   */
  #show(rows, anchor) {
    const { model, view } = this.#around;
    const record = model.chats.get(this.chat);
    /** @type {TimelineState} */
    const state = {
      status: this.#status,
      failure: this.#failure,
      chat: record ? view(record) : null,
      people: record ? this.#cast.people : {},
      members: record?.chat.kind === 'group' ? this.#cast.members : null,
      rows,
      pending: this.#status === 'ready' ? this.#pending() : [],
      atStart: this.#first <= 1,
      atEnd: this.#attached,
      unreadFrom: this.#divider.seq,
      anchor,
      positions: record ? this.#positions(record) : { delivered: 0, read: 0, of: 0, members: [] },
    };
    this.#emit(this.#staying ? { reset: state, stay: true } : { reset: state });
  }
}
