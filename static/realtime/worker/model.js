/**
 * The owner's state in memory: the heads of all chats, but no timelines.
 *
 * @module
 */

/**
 * @import { Chat, Contact, Limits, Me, Message, Note, NotificationSettings, Person, Position, Presence,
 *   Report, SavedMessage, Scheduled, Undelivered } from '../wire.js'
 */
/** @import { Span } from './spans.js' */

import { PEOPLE } from '../both/cache-databases.js';
import { WHOLE } from './spans.js';

/**
 * A chat with this client's own state of it, as the cache stores it. `cursor`: the last rev applied
 * to everything held; `told`: the own positions that the server has (`chat.read_seq` may be ahead).
 *
 * @typedef {object} ChatRecord
 * @property {string} id
 * @property {Chat} chat
 * @property {number} cursor
 * @property {Span[]} spans
 * @property {Record<string, Position>} positions
 * @property {{ read: number, delivered: number }} told
 */

/** How many chats a resume may name (apps/wire/commands.py): more would not fit into a frame. */
const MAX_CURSORS = 20_000;

/** @param {Chat} chat @returns {ChatRecord} */
export function newRecord(chat) {
  const { last } = chat;
  // A message that the list has only a part of is not held.
  const spans = last && !last.truncated ? [/** @type {Span} */ ([last.seq, last.seq])] : [];
  const told = { read: chat.read_seq, delivered: 0 };
  return { id: chat.id, chat, cursor: chat.rev, spans, positions: {}, told };
}

export class Model {
  /** @type {string | null} */
  epoch = null;
  /** Cursor of the person's own stream. */
  user = 0;
  /** @type {Me | null} */
  me = null;
  /** @type {Limits | null} */
  limits = null;
  /** The server's message of the day. */
  motd = '';
  /** Revision of the list of custom emoji. @type {number | undefined} */
  emoji;
  /** @type {Map<string, ChatRecord>} */
  chats = new Map();
  /** @type {Map<string, Contact>} */
  contacts = new Map();
  /** @type {Map<string, Presence>} */
  presence = new Map();
  /** Everyone whose name is known. @type {Map<string, Person>} */
  people = new Map();
  /** Seqs of saved messages, by chat. @type {Map<string, Set<number>>} */
  saved = new Map();
  /** Messages to be sent later, those that wait for a moderator, and those that failed. @type {Map<string, Scheduled>} */
  scheduled = new Map();
  /** Answers of commands that only the person sees. @type {Note[]} */
  notes = [];
  /** @type {NotificationSettings | null} */
  notifications = null;
  /** Notifications that reached no device. @type {Undelivered[]} */
  undelivered = [];
  /** The person's report that changed last on this connection. @type {Report | null} */
  report = null;
  /** How often the number of what waits for this moderator may have changed. */
  waiting = 0;

  /** Pictures that people and groups had before. @type {{ chat: string, file: string }[]} */
  #formerPictures = [];

  /** The name of people whose account was deleted. */
  former = '';

  /** @param {string} person id of the owner's person */
  constructor(person) {
    this.person = person;
  }

  /** Forget everything but who the person is. */
  clear() {
    this.epoch = null;
    this.user = 0;
    this.chats.clear();
    this.contacts.clear();
    this.presence.clear();
    this.saved.clear();
    this.scheduled.clear();
    this.notes = [];
    this.notifications = null;
    this.undelivered = [];
    this.report = null;
  }

  /** @param {(Person | null | undefined)[]} people */
  addPeople(...people) {
    for (const person of people) {
      if (!person) continue;
      const before = this.people.get(person.id)?.picture ?? null;
      if (before !== (person.picture ?? null)) this.pictureReplaced(PEOPLE, before);
      // Of a deleted account the server knows no username, and an English name.
      this.people.set(person.id, person.username ? person : { ...person, name: this.former });
    }
  }

  /** @param {string} chat that of a group, or `PEOPLE` @param {string | null} file the former one */
  pictureReplaced(chat, file) {
    if (file) this.#formerPictures.push({ chat, file });
  }

  /** Pictures that were replaced since the last call, and are not used now. */
  takeFormerPictures() {
    const former = this.#formerPictures;
    if (!former.length) return [];
    this.#formerPictures = [];
    const heads = [...this.chats.values()].map(({ chat }) => chat);
    const used = new Set([...this.people.values(), ...heads].map(({ picture }) => picture));
    return former.filter(({ file }) => !used.has(file));
  }

  /** @param {SavedMessage[]} saved all of them */
  setSaved(saved) {
    this.saved.clear();
    for (const { chat, seq } of saved) this.markSaved(chat, seq, true);
  }

  /** @param {string} chat @param {number} seq @param {boolean} on */
  markSaved(chat, seq, on) {
    const seqs = this.saved.get(chat) ?? new Set();
    this.saved.set(chat, seqs);
    if (on) seqs.add(seq);
    else seqs.delete(seq);
  }

  /** @returns {SavedMessage[]} */
  savedMessages() {
    return [...this.saved].flatMap(([chat, seqs]) => [...seqs].map((seq) => ({ chat, seq })));
  }

  /** @param {Scheduled[]} all */
  setScheduled(all) {
    this.scheduled = new Map(all.map((one) => [one.id, one]));
  }

  /** @param {Scheduled} one as it is now */
  updateScheduled(one) {
    if (['waiting', 'held', 'failed'].includes(one.state)) this.scheduled.set(one.id, one);
    else this.scheduled.delete(one.id);
  }

  /** Whether the stream of a chat was applied as far as that. @param {string} chat @param {number} rev */
  hasApplied(chat, rev) {
    return (this.chats.get(chat)?.cursor ?? -1) >= rev;
  }

  /** The cursors of all that is held, for a resume. */
  cursor() {
    const chats = this.epoch === null ? {} : this.cursors();
    return { epoch: this.epoch, chats, user: this.user };
  }

  /**
   * Of the chats with the newest activity, as many as a resume may name; the others are sent as
   * they are now.
   *
   * @returns {Record<string, number>}
   */
  cursors() {
    const records = [...this.chats.values()];
    if (records.length > MAX_CURSORS) {
      records.sort((a, b) => (a.chat.active_at < b.chat.active_at ? 1 : -1));
      records.length = MAX_CURSORS;
    }
    return Object.fromEntries(records.map(({ id, cursor }) => [id, cursor]));
  }
}

/** What one frame, or one local step, changed: to be stored and shown. */
export class Changes {
  /** Everything held was replaced. */
  wiped = false;
  /** The person's profile, limits, cursor or epoch. */
  meta = false;
  /** Chats to show again in the list. @type {Set<string>} */
  chats = new Set();
  /** Chat records to store. @type {Set<string>} */
  records = new Set();
  /** @type {Set<string>} */
  contacts = new Set();
  /** Entries added or changed, by chat. @type {Map<string, Message[]>} */
  messages = new Map();
  /** The newest seq of each of these chats before. @type {Map<string, number>} */
  before = new Map();
  /** Parts of chats that are no longer held, by chat. @type {Map<string, Span>} */
  dropped = new Map();
  /** Chats whose entries before a seq are gone for good. @type {Map<string, number>} */
  forgotten = new Map();
  /** Chats with moved positions. @type {Set<string>} */
  positions = new Set();
  /** Chats whose own unsent messages changed. @type {Set<string>} */
  pending = new Set();
  /** Chats the person is no longer in. @type {Set<string>} */
  left = new Set();
  /** Groups whose members changed, or became known. @type {Set<string>} */
  members = new Set();
  /** Rows that look different although their entries did not change. @type {Map<string, Set<number>>} */
  rows = new Map();
  /** Chats read on another device. @type {Set<string>} */
  readElsewhere = new Set();
  /** Whether new entries were just sent (neither caught up nor history). */
  live = false;

  /** @param {string} chat @param {Message} message */
  message(chat, message) {
    const list = this.messages.get(chat);
    if (list) list.push(message);
    else this.messages.set(chat, [message]);
  }

  /** Entries are about to be added to a chat. @param {string} chat @param {number} seq its newest
   * until now; the first call counts */
  noteNewest(chat, seq) {
    if (!this.before.has(chat)) this.before.set(chat, seq);
  }

  /** A part is no longer held. @param {string} chat @param {Span} [span] */
  drop(chat, [first, last] = WHOLE) {
    const [from, to] = this.dropped.get(chat) ?? [first, last];
    this.dropped.set(chat, [Math.min(first, from), Math.max(last, to)]);
  }

  /** @param {string} chat @param {number} seq */
  row(chat, seq) {
    this.rows.set(chat, (this.rows.get(chat) ?? new Set()).add(seq));
  }

  /** A chat's record, and its line in the list. @param {string} chat */
  chat(chat) {
    this.chats.add(chat);
    this.records.add(chat);
  }
}
