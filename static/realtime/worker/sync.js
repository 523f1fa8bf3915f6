/**
 * Applies events to the model: who keeps a cursor for each stream, drops what is already applied
 * and notices what is missing (docs/protocol.md, "Two streams and their numbers").
 *
 * @module
 */

/**
 * @import { AnyEvent, Chat, Gap, Heartbeat, Member, Message, Mismatch, Position, Snapshot,
 *   Welcome } from '../wire.js'
 * @import { Drafts } from './drafts.js'
 * @import { Members } from './members.js'
 * @import { ChatRecord, Changes, Model } from './model.js'
 * @import { Typing } from './typing.js'
 */

import { newRecord } from './model.js';
import { OwnStream } from './own-stream.js';
import { addSpan, dropSpan, spanAt } from './spans.js';

/**
 * A revision as its stream's cursor sees it.
 *
 * @param {number} cursor
 * @param {number} rev
 * @param {number | null | undefined} prev the one it follows; absent means the one before
 * @returns {'known' | 'next' | 'missing'}
 */
export function follows(cursor, rev, prev) {
  if (rev <= cursor) return 'known';
  return (prev ?? rev - 1) <= cursor ? 'next' : 'missing';
}

/**
 * Who else takes in events.
 *
 * @typedef {{ drafts: Drafts, members: Members, typing: Typing }} SyncDeps
 *
 * @typedef {Exclude<AnyEvent, { type: 'welcome' | 'snapshot' | 'chats' | 'gap' | 'mismatch'
 *   | 'receipt'
 *   | 'typing' | 'presence' | 'synced' | 'heartbeat' | 'reset' | 'undelivered' | 'ack' | 'error' }>}
 *   Streamed
 */

export class Sync {
  /** Events not newer than their cursor. */
  dropped = 0;
  /** How often something held turned out to differ from what is stored. */
  healed = 0;
  /** Whether all that was committed before the connection began has been applied. */
  synced = false;
  /** @type {string | null} */
  #offered = null;
  /** People whose presence was known on the connection before. @type {Set<string>} */
  #present = new Set();
  /** Chats left: what is still on its way there is not missed. @type {Set<string>} */
  #left = new Set();
  #model;
  #deps;
  #missing;
  #own;

  /**
   * @param {Model} model
   * @param {SyncDeps} deps
   * @param {() => void} missing called when events were lost: resume again
   */
  constructor(model, deps, missing) {
    this.#model = model;
    this.#deps = deps;
    this.#missing = missing;
    this.#own = new OwnStream(model, deps, ({ chat }, changes) => this.applyChat(chat, changes));
  }

  /** @param {AnyEvent} event @param {Changes} changes */
  apply(event, changes) {
    switch (event.type) {
      case 'welcome':
        return this.#welcome(event, changes);
      case 'snapshot':
        return this.#snapshot(event, changes);
      case 'chats':
        return event.chats.forEach((chat) => this.applyChat(chat, changes));
      case 'gap':
        return this.#gap(event, changes);
      case 'mismatch':
        return this.#mismatch(event, changes);
      case 'receipt':
        return this.position(event.chat, event.position, changes);
      case 'typing':
        return this.#typing(event.chat, event.person);
      case 'presence':
        for (const one of event.people) {
          this.#model.presence.set(one.person, one);
          this.#own.person(one.person, changes);
        }
        return;
      case 'synced':
        return this.#caughtUp(changes);
      case 'heartbeat':
        return this.#compare(event);
      case 'undelivered':
        this.#model.undelivered = event.chats;
        changes.meta = true;
        return;
      case 'reset':
      case 'ack':
      case 'error':
        return;
      default:
        return this.#stream(event, changes);
    }
  }

  /** The connection ended: what is shown of others' presence is no longer true. */
  lost() {
    this.synced = false;
  }

  /** @param {Changes} changes */
  forgetPresence(changes) {
    const known = [...this.#model.presence.keys()];
    this.#model.presence.clear();
    for (const person of known) this.#own.person(person, changes);
  }

  /**
   * A chat as the server has it now, known or not. What is held of its timeline stays only while it
   * is as new as the chat.
   *
   * @param {Chat} chat
   * @param {Changes} changes
   */
  applyChat(chat, changes) {
    const held = this.#model.chats.get(chat.id);
    if (held && held.cursor > chat.rev) return;
    changes.grows(chat.id, held?.chat.last_seq ?? 0);
    if (held) {
      if (held.cursor < chat.rev) {
        const { cursor, spans } = newRecord(chat);
        Object.assign(held, { cursor, spans });
        this.#deps.members.stale(chat.id);
        changes.void(chat.id);
      }
      held.chat = { ...chat, read_seq: Math.max(chat.read_seq, held.chat.read_seq) };
      held.told.read = Math.max(held.told.read, chat.read_seq);
    } else {
      this.#model.chats.set(chat.id, newRecord(chat));
    }
    this.#left.delete(chat.id);
    this.#model.addPeople(chat.person, chat.sender);
    if (chat.last && !chat.last.truncated) changes.message(chat.id, chat.last);
    changes.chat(chat.id);
  }

  /**
   * Positions only move forward; an older one that arrives late changes nothing.
   *
   * @param {string} chat
   * @param {Position} position
   * @param {Changes} changes
   */
  position(chat, { person, read, delivered }, changes) {
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

  /** @param {Welcome} event @param {Changes} changes */
  #welcome({ epoch, me, limits }, changes) {
    this.#offered = epoch;
    this.#model.me = me;
    this.#model.limits = limits;
    this.#present = new Set(this.#model.presence.keys());
    this.#model.presence.clear();
    changes.meta = true;
  }

  /** @param {Snapshot} event @param {Changes} changes */
  #snapshot({ user_rev, me, contacts, notifications = null, ...lists }, changes) {
    const model = this.#model;
    const { saved = [], drafts = [], scheduled = [] } = lists;
    const presence = new Map(model.presence);
    model.clear();
    model.presence = presence;
    model.epoch = this.#offered;
    model.user = user_rev;
    model.me = me;
    model.notifications = notifications;
    for (const contact of contacts) {
      model.contacts.set(contact.person.id, contact);
      model.addPeople(contact.person);
    }
    this.#left.clear();
    model.setSaved(saved);
    model.setScheduled(scheduled);
    this.#deps.drafts.replace(drafts);
    this.#deps.members.clear();
    changes.wiped = true;
    changes.meta = true;
  }

  /** @param {Gap} event @param {Changes} changes */
  #gap({ chat: id, rev, title, last_seq, read_seq, messages }, changes) {
    const record = this.#model.chats.get(id);
    if (!record || rev <= record.cursor) return;
    const last = messages.at(-1) ?? record.chat.last;
    const active_at = last?.at ?? record.chat.active_at;
    const read = Math.max(read_seq, record.chat.read_seq);
    changes.grows(id, record.chat.last_seq);
    record.chat = { ...record.chat, rev, title, last_seq, last, active_at, read_seq: read };
    record.told.read = Math.max(record.told.read, read_seq);
    this.#deps.members.stale(id);
    record.cursor = rev;
    record.spans = messages.length ? [[messages[0].seq, messages[messages.length - 1].seq]] : [];
    for (const message of messages) changes.message(id, message);
    changes.void(id);
    changes.chat(id);
  }

  /**
   * What is held of a part is not what is stored: forget that. It is fetched again.
   *
   * @param {Mismatch} event
   * @param {Changes} changes
   */
  #mismatch({ chat, first, last }, changes) {
    const record = this.#model.chats.get(chat);
    if (!record) return;
    this.healed += 1;
    record.spans = dropSpan(record.spans, [first, last]);
    changes.void(chat, [first, last]);
    changes.chat(chat);
  }

  /**
   * Entries that were fetched again, because what was held of them was not what is stored.
   *
   * @param {ChatRecord} record
   * @param {Message[]} messages
   * @param {Changes} changes
   */
  replaceEntries(record, messages, changes) {
    const { last } = record.chat;
    const found = messages.find(({ seq }) => seq === last?.seq);
    if (last && found && found.rev > last.rev) this.#head(record, { last: found }, changes);
    for (const message of messages) changes.message(record.id, message);
  }

  /** @param {Changes} changes */
  #caughtUp(changes) {
    this.synced = true;
    changes.meta = true;
    for (const person of this.#present) {
      if (!this.#model.presence.has(person)) this.#own.person(person, changes);
    }
    this.#present.clear();
  }

  /** @param {Heartbeat} event */
  #compare({ heads, user_rev }) {
    const behind = Object.entries(heads).some(
      ([chat, rev]) => !this.#left.has(chat) && rev > (this.#model.chats.get(chat)?.cursor ?? -1),
    );
    if (behind || user_rev > this.#model.user) this.#missing();
  }

  /**
   * An event of one of the two streams, of a type that is known or not.
   *
   * @param {Streamed} event
   * @param {Changes} changes
   */
  #stream(event, changes) {
    if ('user_rev' in event) {
      const place = follows(this.#model.user, event.user_rev, event.user_prev);
      if (!this.#shouldApply(place)) return;
      this.#model.user = event.user_rev;
      changes.meta = true;
    } else if (typeof event.rev === 'number' && typeof event.chat === 'string') {
      const record = this.#model.chats.get(event.chat);
      if (!record && this.#left.has(event.chat)) return;
      if (!this.#shouldApply(record ? follows(record.cursor, event.rev, event.prev) : 'missing')) return;
      if (!record) return;
      record.cursor = event.rev;
      changes.records.add(event.chat);
      if (event.type === 'message') this.#message(record, event.message, changes);
      if (event.type === 'member') this.#member(record, event.member, changes);
      if (event.type === 'title') this.#head(record, { title: event.title }, changes);
      return;
    }
    if (event.type === 'left') this.#left.add(event.chat);
    this.#own.apply(event, changes);
  }

  /** @param {ChatRecord} record @param {Partial<Chat>} part @param {Changes} changes */
  #head(record, part, changes) {
    record.chat = { ...record.chat, ...part };
    changes.chat(record.id);
  }

  /** @param {ChatRecord} record @param {Member} member @param {Changes} changes */
  #member(record, member, changes) {
    const { person, role, left } = member;
    const joined = this.#deps.members.changed(record.id, member, changes);
    if (joined) {
      // What was said before is not unread to them.
      const { last_seq: read } = record.chat;
      this.position(record.id, { person: person.id, read, delivered: read }, changes);
    }
    if (person.id === this.#model.person && !left) this.#head(record, { role }, changes);
    if (!left) return;
    this.#deps.typing.ended(record.id, person.id);
    delete record.positions[person.id];
    changes.positions.add(record.id);
  }

  /** @param {string} chat @param {string} person */
  #typing(chat, person) {
    const record = this.#model.chats.get(chat);
    if (!record || person === this.#model.person) return;
    this.#deps.typing.heard(chat, person);
    this.#name(record, person);
  }

  /**
   * Somebody does something in a group, and their name is not known.
   *
   * @param {ChatRecord} record
   * @param {string} person
   */
  #name({ id, chat }, person) {
    if (chat.kind !== 'group' || !this.synced || this.#model.people.has(person)) return;
    void this.#deps.members.load(id).catch(() => {});
  }

  /** @param {'known' | 'next' | 'missing'} place @returns {boolean} whether to apply it */
  #shouldApply(place) {
    if (place === 'known') this.dropped += 1;
    if (place === 'missing') this.#missing();
    return place === 'next';
  }

  /**
   * An entry, new or changed. Kept when it touches what is held or is the newest; other changed
   * entries are not held, history brings them as they are.
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
    changes.grows(record.id, chat.last_seq);
    record.chat = {
      ...chat,
      rev: record.cursor,
      last_seq: Math.max(chat.last_seq, seq),
      last: newest ? message : chat.last,
      sender: newest ? (this.#model.people.get(sender) ?? null) : chat.sender,
      members: chat.members + (isNew && !this.#deps.members.counted(record.id) ? more(kind) : 0),
      active_at: isNew ? at : chat.active_at,
    };
    if (sender === this.#model.person) {
      // What was marked as unread later stays so.
      if (seq > chat.read_seq) record.chat.marked_unread = false;
      record.chat.read_seq = Math.max(chat.read_seq, seq);
      record.told.read = Math.max(record.told.read, seq);
    }
    this.position(record.id, { person: sender, read: seq, delivered: seq }, changes);
    if (isNew) this.#deps.typing.ended(record.id, sender);
    this.#name(record, sender);
    changes.message(record.id, message);
    changes.chat(record.id);
  }
}

/** How many more members an entry tells of. @param {string} kind */
const more = (kind) => (kind === 'joined' ? 1 : kind === 'left' || kind === 'removed' ? -1 : 0);
