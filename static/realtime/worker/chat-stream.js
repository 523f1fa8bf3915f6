/**
 * Applies the events of chats to the model. `Sync` keeps them in order.
 *
 * @module
 */

/**
 * @import { AnyEvent, Chat, Gap, Member, Message, Mismatch, Position } from '../wire.js'
 * @import { ChatRecord, Changes } from './model.js'
 * @import { Owner } from './owner.js'
 */

import { requoted, unquoted } from '../both/quotes.js';
import { withEntry } from '../both/unread.js';
import { newRecord } from './model.js';
import { addSpan, dropSpan, spanAt } from './spans.js';

export class ChatStream {
  /** How often something held turned out to differ from what is stored on the server. */
  healed = 0;
  #model;
  #owner;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
    this.#model = owner.model;
  }

  /**
   * An event of the chat's stream, of a known type or not.
   *
   * @param {ChatRecord} record
   * @param {AnyEvent} event
   * @param {Changes} changes
   */
  apply(record, event, changes) {
    if (event.type === 'message') this.#message(record, event.message, changes);
    if (event.type === 'member') this.#member(record, event.member, changes);
    if (event.type === 'title') {
      const { title, picture = null, closed_reason = '', kept_from = 1, kept_days = 0 } = event;
      const before = record.chat.picture ?? null;
      if (picture !== before) this.#model.pictureReplaced(record.id, before);
      this.#setHead(record, { title, picture, closed_reason, kept_days }, changes);
      this.#forget(record, kept_from, changes);
    }
  }

  /**
   * A chat as the server has it now, known or not. The held parts of its timeline stay only if they
   * are as new as the chat.
   *
   * @param {Chat} chat
   * @param {Changes} changes
   */
  setChat(chat, changes) {
    const held = this.#model.chats.get(chat.id);
    if (held && held.cursor > chat.rev) return;
    changes.noteNewest(chat.id, held?.chat.last_seq ?? 0);
    if (held) {
      if (held.cursor < chat.rev) {
        const { cursor, spans } = newRecord(chat);
        Object.assign(held, { cursor, spans });
        this.#owner.members.stale(chat.id);
        changes.drop(chat.id);
      }
      const { kept_from = 1 } = chat;
      if (kept_from > (held.chat.kept_from ?? 1)) changes.forgotten.set(chat.id, kept_from);
      held.chat = { ...chat, read_seq: Math.max(chat.read_seq, held.chat.read_seq) };
      held.told.read = Math.max(held.told.read, chat.read_seq);
    } else {
      this.#model.chats.set(chat.id, newRecord(chat));
    }
    this.#model.addPeople(chat.person, chat.sender);
    if (chat.last && !chat.last.truncated) changes.message(chat.id, chat.last);
    changes.chat(chat.id);
  }

  /**
   * Positions only move forward: an older one that arrives late changes nothing.
   *
   * @param {string} chat
   * @param {Position} position
   * @param {Changes} changes
   */
  movePosition(chat, { person, read, delivered }, changes) {
    const record = this.#model.chats.get(chat);
    if (!record) return;
    const known = record.positions[person];
    const now = known ?? { person, read: 0, delivered: 0 };
    const next = {
      person,
      read: Math.max(now.read, read),
      delivered: Math.max(now.delivered, delivered, read),
    };
    if (known && next.read === now.read && next.delivered === now.delivered) return;
    record.positions[person] = next;
    changes.positions.add(chat);
    changes.records.add(chat);
  }

  /** @param {Gap} event @param {Changes} changes */
  gap({ chat: id, rev, title, picture = null, closed_reason = '', last_seq, read_seq, messages, ...unread }, changes) {
    const record = this.#model.chats.get(id);
    if (!record || rev <= record.cursor) return;
    const last = messages.at(-1) ?? record.chat.last;
    const active_at = last?.at ?? record.chat.active_at;
    const read = Math.max(read_seq, record.chat.read_seq);
    changes.noteNewest(id, record.chat.last_seq);
    const head = { rev, title, picture, closed_reason, last_seq, last, active_at, read_seq: read };
    const { uncounted = [], mentioned = [], kept_from = 1, kept_days = 0 } = unread;
    record.chat = { ...record.chat, ...head, uncounted, mentioned, kept_days };
    this.#forget(record, kept_from, changes);
    record.told.read = Math.max(record.told.read, read_seq);
    this.#owner.members.stale(id);
    record.cursor = rev;
    record.spans = messages.length ? [[messages[0].seq, messages[messages.length - 1].seq]] : [];
    for (const message of messages) changes.message(id, message);
    changes.drop(id);
    changes.chat(id);
  }

  /**
   * A held part is not what the server has: drop it. History fetches it again.
   *
   * @param {Mismatch} event
   * @param {Changes} changes
   */
  mismatch({ chat, first, last }, changes) {
    const record = this.#model.chats.get(chat);
    if (!record) return;
    this.healed += 1;
    record.spans = dropSpan(record.spans, [first, last]);
    changes.drop(chat, [first, last]);
    changes.chat(chat);
  }

  /**
   * Entries that were fetched again after a mismatch.
   *
   * @param {ChatRecord} record
   * @param {Message[]} messages
   * @param {Changes} changes
   */
  replaceEntries(record, messages, changes) {
    const { last } = record.chat;
    const found = messages.find(({ seq }) => seq === last?.seq);
    if (last && found && found.rev > last.rev) this.#setHead(record, { last: found }, changes);
    for (const message of messages) changes.message(record.id, message);
  }

  /** @param {ChatRecord} record @param {Partial<Chat>} part @param {Changes} changes */
  #setHead(record, part, changes) {
    record.chat = { ...record.chat, ...part };
    changes.chat(record.id);
  }

  /**
   * Retention deleted the entries before a seq: drop them, and what quotes them.
   *
   * @param {ChatRecord} record
   * @param {number} from
   * @param {Changes} changes
   */
  #forget(record, from, changes) {
    const { chat, id } = record;
    if (from <= (chat.kept_from ?? 1)) return;
    const last = (chat.last?.seq ?? 0) < from ? null : unquoted(chat.last, from);
    record.chat = { ...chat, kept_from: from, last, read_seq: Math.max(chat.read_seq, from - 1) };
    record.told.read = Math.max(record.told.read, from - 1);
    record.spans = dropSpan(record.spans, [0, from - 1]);
    changes.forgotten.set(id, from);
    changes.chat(id);
    const { drafts } = this.#owner;
    const { text, reply } = drafts.of(id);
    if (reply && reply.seq < from) void drafts.save(id, { text, reply: null });
  }

  /** @param {ChatRecord} record @param {Member} member @param {Changes} changes */
  #member(record, member, changes) {
    const { person, role, left } = member;
    const joined = this.#owner.members.changed(record.id, member, changes);
    if (joined) {
      // Earlier messages are not unread for them.
      const { last_seq: read } = record.chat;
      this.movePosition(record.id, { person: person.id, read, delivered: read }, changes);
    }
    if (person.id === this.#model.person && !left) this.#setHead(record, { role }, changes);
    if (!left) return;
    this.#owner.typing.ended(record.id, person.id);
    delete record.positions[person.id];
    changes.positions.add(record.id);
  }

  /** @param {string} chat @param {string} person */
  typing(chat, person) {
    const record = this.#model.chats.get(chat);
    if (!record || person === this.#model.person) return;
    this.#owner.typing.heard(chat, person);
    this.#loadName(record, person);
  }

  /**
   * Load the members of a group in which a person without a known name acts.
   *
   * @param {ChatRecord} record
   * @param {string} person
   */
  #loadName({ id, chat }, person) {
    if (chat.kind !== 'group' || !this.#owner.sync.synced || this.#model.people.has(person)) return;
    void this.#owner.members.load(id).catch(() => {});
  }

  /**
   * An entry, new or changed. It is held when it is the newest or touches a held part; history
   * brings other changed entries when they are shown.
   *
   * @param {ChatRecord} record
   * @param {Message} message
   * @param {Changes} changes
   */
  #message(record, message, changes) {
    const { seq, sender, at, kind } = message;
    const { chat } = record;
    const isNew = seq > chat.last_seq;
    const touches = [seq - 1, seq, seq + 1].some((one) => spanAt(record.spans, one));
    if (isNew || touches) record.spans = addSpan(record.spans, [seq, seq]);
    const newest = !chat.last || seq >= chat.last.seq;
    changes.noteNewest(record.id, chat.last_seq);
    record.chat = {
      ...chat,
      rev: record.cursor,
      last_seq: Math.max(chat.last_seq, seq),
      // A deleted text is not kept in the quote of the newest entry either.
      last: newest ? message : requoted(chat.last, message),
      sender: newest ? (this.#model.people.get(sender) ?? null) : chat.sender,
      members: chat.members + (isNew && !this.#owner.members.counted(record.id) ? memberChange(kind) : 0),
      active_at: isNew ? at : chat.active_at,
      ...withEntry(chat, message, this.#model.person, this.#model.notifications?.keywords),
    };
    if (sender === this.#model.person) {
      // A chat that was marked unread after this message stays marked.
      if (seq > chat.read_seq) Object.assign(record.chat, { marked_unread: false, unread_from: null });
      record.chat.read_seq = Math.max(chat.read_seq, seq);
      record.told.read = Math.max(record.told.read, seq);
    }
    this.movePosition(record.id, { person: sender, read: seq, delivered: seq }, changes);
    if (isNew) this.#owner.typing.ended(record.id, sender);
    for (const id of [sender, ...(message.mentions ?? [])]) this.#loadName(record, id);
    this.#owner.drafts.requote(record.id, message);
    changes.message(record.id, message);
    changes.chat(record.id);
  }
}

/** By how many an entry changes the number of members. @param {string} kind */
const memberChange = (kind) => (kind === 'joined' ? 1 : kind === 'left' || kind === 'removed' ? -1 : 0);
