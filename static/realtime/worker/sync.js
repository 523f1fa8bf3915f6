/**
 * Applies events to the model: keeps a cursor for each stream, drops events that were applied
 * before, and notices missing ones (docs/protocol.md, "Two streams and their numbers").
 *
 * @module
 */

/**
 * @import { AnyEvent, Chat, Heartbeat, Snapshot, Welcome } from '../wire.js'
 * @import { Changes } from './model.js'
 * @import { Owner } from './owner.js'
 */

import { ChatStream } from './chat-stream.js';
import { PersonStream } from './person-stream.js';

/**
 * How a revision stands to its stream's cursor.
 *
 * @param {number} cursor
 * @param {number} rev
 * @param {number | null | undefined} prev the revision it follows; absent means the one before
 * @returns {'known' | 'next' | 'missing'}
 */
export function follows(cursor, rev, prev) {
  if (rev <= cursor) return 'known';
  return (prev ?? rev - 1) <= cursor ? 'next' : 'missing';
}

/**
 * Events that are numbered in a stream.
 *
 * @typedef {Exclude<AnyEvent, { type: 'welcome' | 'snapshot' | 'chats' | 'gap' | 'mismatch'
 *   | 'receipt' | 'server'
 *   | 'typing' | 'presence' | 'synced' | 'heartbeat' | 'reset' | 'undelivered' | 'report' | 'waiting'
 *   | 'reconnect' | 'ack' | 'error' }>}
 *   Streamed
 */

export class Sync {
  /** How many events were applied before. */
  dropped = 0;
  /** Whether all that was committed before the connection began has been applied. */
  synced = false;
  /** @type {string | null} */
  #offered = null;
  /** People whose presence was known on the connection before. @type {Set<string>} */
  #present = new Set();
  /** Chats left: their events that are still on the way are not missed. @type {Set<string>} */
  #left = new Set();
  #model;
  #owner;
  #personStream;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
    this.#model = owner.model;
    this.chats = new ChatStream(owner);
    this.#personStream = new PersonStream(owner);
  }

  /** @param {AnyEvent} event @param {Changes} changes */
  apply(event, changes) {
    switch (event.type) {
      case 'welcome':
        return this.#welcome(event, changes);
      case 'server':
        return this.#serverChanged(event, changes);
      case 'snapshot':
        return this.#snapshot(event, changes);
      case 'chats':
        return event.chats.forEach((chat) => this.applyChat(chat, changes));
      case 'gap':
        return this.chats.gap(event, changes);
      case 'mismatch':
        return this.chats.mismatch(event, changes);
      case 'receipt':
        return this.chats.movePosition(event.chat, event.position, changes);
      case 'typing':
        return this.chats.typing(event.chat, event.person);
      case 'presence':
        for (const one of event.people) {
          this.#model.presence.set(one.person, one);
          this.#personStream.personChanged(one.person, changes);
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
      case 'report':
        this.#model.report = event.report;
        changes.meta = true;
        return;
      case 'waiting':
        this.#model.waiting += 1;
        changes.meta = true;
        return;
      case 'reset':
      case 'reconnect':
      case 'ack':
      case 'error':
        return;
      default:
        return this.#stream(event, changes);
    }
  }

  disconnected() {
    this.synced = false;
  }

  /** A chat as the server has it now, known or not. @param {Chat} chat @param {Changes} changes */
  applyChat(chat, changes) {
    this.#left.delete(chat.id);
    this.chats.setChat(chat, changes);
  }

  /** @param {Changes} changes */
  forgetPresence(changes) {
    const known = [...this.#model.presence.keys()];
    this.#model.presence.clear();
    for (const person of known) this.#personStream.personChanged(person, changes);
  }

  /** @param {Welcome} event @param {Changes} changes */
  #welcome({ epoch, me, limits, motd, emoji }, changes) {
    this.#offered = epoch;
    this.#model.me = me;
    this.#serverChanged({ limits, motd, emoji }, changes);
    this.#present = new Set(this.#model.presence.keys());
    this.#model.presence.clear();
  }

  /** @param {Pick<Welcome, 'limits' | 'motd' | 'emoji'>} event @param {Changes} changes */
  #serverChanged({ limits, motd = '', emoji }, changes) {
    this.#model.limits = limits;
    this.#model.motd = motd;
    this.#model.emoji = emoji;
    changes.meta = true;
  }

  /** @param {Snapshot} event @param {Changes} changes */
  #snapshot({ user_rev, me, contacts, notifications = null, ...lists }, changes) {
    const model = this.#model;
    const { saved = [], drafts = [], scheduled = [], notes = [] } = lists;
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
    model.notes = notes;
    this.#owner.drafts.replace(drafts);
    this.#owner.members.clear();
    changes.wiped = true;
    changes.meta = true;
  }

  /** @param {Changes} changes */
  #caughtUp(changes) {
    this.synced = true;
    changes.meta = true;
    for (const person of this.#present) {
      if (!this.#model.presence.has(person)) this.#personStream.personChanged(person, changes);
    }
    this.#present.clear();
  }

  /** @param {Heartbeat} event */
  #compare({ heads, user_rev }) {
    const behind = Object.entries(heads).some(
      ([chat, rev]) => !this.#left.has(chat) && rev > (this.#model.chats.get(chat)?.cursor ?? -1),
    );
    if (behind || user_rev > this.#model.user) this.#owner.resumer.missing();
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
      return this.chats.apply(record, event, changes);
    }
    if (event.type === 'left') this.#left.add(event.chat);
    this.#personStream.apply(event, changes);
  }

  /** @param {'known' | 'next' | 'missing'} place */
  #shouldApply(place) {
    if (place === 'known') this.dropped += 1;
    if (place === 'missing') this.#owner.resumer.missing();
    return place === 'next';
  }
}
