/**
 * Commits changes, in this order: history and outbox learn of them, they are stored, and every tab
 * is shown what it watches of them.
 *
 * @module
 */

/** @import { Member } from '../wire.js' */
/** @import { Owner } from './owner.js' */

import { Changes } from './model.js';
import { chatView, contactView } from './view-models.js';

export class ChangePipeline {
  /** Local changes of this turn, not committed yet. @type {Changes | null} */
  #local = null;
  /** The changes being committed: what they cause belongs to them. @type {Changes | null} */
  #committing = null;
  #owner;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /** Where to note local changes; they are committed together at the end of this turn. */
  local() {
    if (this.#committing) return this.#committing;
    if (!this.#local) {
      const local = new Changes();
      this.#local = local;
      queueMicrotask(() => {
        this.#local = null;
        this.commit(local);
      });
    }
    return this.#local;
  }

  /** Store and show. @param {Changes} changes */
  commit(changes) {
    const { history, cacheWriter, receipts } = this.#owner;
    this.#committing = changes;
    this.#settle(changes);
    this.#committing = null;
    const stored = cacheWriter.save(changes, this.storedMembers(changes.members));
    void stored.then(() => receipts.stored([...changes.messages.keys()]));
    void this.#owner.files.changed(changes);
    this.show(changes);
    void history.heal(changes.dropped);
  }

  /** @param {Changes} changes */
  #settle(changes) {
    const { history, outbox, model } = this.#owner;
    if (changes.wiped) history.markDropped(null);
    for (const chat of [...changes.dropped.keys(), ...changes.forgotten.keys(), ...changes.left]) {
      history.markDropped(chat);
    }
    for (const [chat, messages] of changes.messages) {
      history.noteChanged(chat, messages);
      const own = messages.filter(({ sender }) => sender === model.person);
      outbox.confirm(own.map(({ client_id }) => client_id));
    }
    for (const chat of changes.records) outbox.advance(chat);
  }

  /**
   * @param {Iterable<string>} chats
   * @returns {[string, Member[]][]} the members to store; none of a chat that was left
   */
  storedMembers(chats) {
    const { model, members } = this.#owner;
    return [...chats].flatMap((chat) => {
      const list = model.chats.has(chat) ? members.all(chat) : null;
      return list ? [/** @type {[string, Member[]]} */ ([chat, list])] : [];
    });
  }

  /** Show every tab what it watches. @param {Changes} changes */
  show(changes) {
    const owner = this.#owner;
    const { model, sessions } = owner;
    const chats = [...changes.chats].flatMap((id) => model.chats.get(id) ?? []);
    const people = [...changes.contacts];
    const contacts = people.flatMap((id) => model.contacts.get(id) ?? []);
    const shown = {
      chats: {
        put: chats.map((record) => chatView(record, owner)),
        remove: [...changes.left].filter((id) => !model.chats.has(id)),
      },
      contacts: {
        put: contacts.map((contact) => contactView(contact, model)),
        remove: people.filter((id) => !model.contacts.has(id)),
      },
    };
    for (const session of sessions) session.show(changes, shown);
  }
}
