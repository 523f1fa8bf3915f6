/**
 * What the owner knows, in memory: all heads, no timelines.
 *
 * @module
 */

/**
 * @import { Chat, Contact, Limits, Me, Message, NotificationSettings, Person, Position, Presence,
 *   SavedMessage, Scheduled, Undelivered } from '../wire.js'
 */
/** @import { Span } from './spans.js' */

import { WHOLE } from './spans.js';

/**
 * A chat with what only this client knows of it. `cursor`: the last rev applied to everything held;
 * `told`: how far the server knows this person to have come (`chat.read_seq` may be ahead).
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
  // What a list has only a part of is not held.
  const spans = chat.last && !chat.last.truncated ? /** @type {Span[]} */ ([[chat.last.seq, chat.last.seq]]) : [];
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
  /** @type {Map<string, ChatRecord>} */
  chats = new Map();
  /** @type {Map<string, Contact>} */
  contacts = new Map();
  /** @type {Map<string, Presence>} */
  presence = new Map();
  /** Everybody whose name is known. @type {Map<string, Person>} */
  people = new Map();
  /** What the person keeps: seqs, by chat. @type {Map<string, Set<number>>} */
  saved = new Map();
  /** What waits to be sent later, and what could not be. @type {Map<string, Scheduled>} */
  scheduled = new Map();
  /** What the person wants to be told of. @type {NotificationSettings | null} */
  notifications = null;
  /** What no device could be told of while nobody was here. @type {Undelivered[]} */
  undelivered = [];

  /** @param {string} person whose it is */
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
    this.notifications = null;
    this.undelivered = [];
  }

  /** @param {(Person | null | undefined)[]} people */
  addPeople(...people) {
    for (const person of people) if (person) this.people.set(person.id, person);
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
    if (one.state === 'waiting' || one.state === 'failed') this.scheduled.set(one.id, one);
    else this.scheduled.delete(one.id);
  }

  /** Whether the stream of a chat was applied as far as that. @param {string} chat @param {number} rev */
  hasApplied(chat, rev) {
    return (this.chats.get(chat)?.cursor ?? -1) >= rev;
  }

  /** What is held, for a resume. */
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
    let records = [...this.chats.values()];
    if (records.length > MAX_CURSORS) {
      records = records.sort((a, b) => (a.chat.active_at < b.chat.active_at ? 1 : -1)).slice(0, MAX_CURSORS);
    }
    return Object.fromEntries(records.map(({ id, cursor }) => [id, cursor]));
  }
}

/** What one frame (or one local step) changed: to be stored and to be shown. */
export class Changes {
  /** Everything held was replaced. */
  wiped = false;
  /** The person's profile, limits, cursor or epoch. */
  meta = false;
  /** Chat list lines to show anew. @type {Set<string>} */
  chats = new Set();
  /** Chat records to store. @type {Set<string>} */
  records = new Set();
  /** @type {Set<string>} */
  contacts = new Set();
  /** Entries added or changed, by chat. @type {Map<string, Message[]>} */
  messages = new Map();
  /** How far each of these chats went before. @type {Map<string, number>} */
  before = new Map();
  /** Parts of chats that are held no more: all after a gap, or some. @type {Map<string, Span>} */
  dropped = new Map();
  /** Chats with moved positions. @type {Set<string>} */
  positions = new Set();
  /** Chats whose own unsent messages changed. @type {Set<string>} */
  pending = new Set();
  /** Chats the person is no longer in. @type {Set<string>} */
  left = new Set();
  /** Groups whose members changed, or became known. @type {Set<string>} */
  members = new Set();
  /** Rows that look different, of entries that are the same. @type {Map<string, Set<number>>} */
  rows = new Map();
  /** Chats read on another device. @type {Set<string>} */
  readElsewhere = new Set();
  /** Whether new entries are news (not caught up, not history). */
  live = false;

  /** @param {string} chat @param {Message} message */
  message(chat, message) {
    const list = this.messages.get(chat);
    if (list) list.push(message);
    else this.messages.set(chat, [message]);
  }

  /** A chat is about to grow; the first time counts. @param {string} chat @param {number} seq its
   * newest until now */
  grows(chat, seq) {
    if (!this.before.has(chat)) this.before.set(chat, seq);
  }

  /** Nothing is held of this part. @param {string} chat @param {Span} [span] */
  drop(chat, [first, last] = WHOLE) {
    const [from, to] = this.dropped.get(chat) ?? [first, last];
    this.dropped.set(chat, [Math.min(first, from), Math.max(last, to)]);
  }

  /** @param {string} chat @param {number} seq */
  row(chat, seq) {
    this.rows.set(chat, (this.rows.get(chat) ?? new Set()).add(seq));
  }

  /** A chat's record and line. @param {string} chat */
  chat(chat) {
    this.chats.add(chat);
    this.records.add(chat);
  }
}
