/** @import { AnyEvent, ChatChanged, ChatLeft, Contact, Me, ReadMoved } from '../wire.js' */
/** @import { Changes } from './model.js' */
/** @import { Owner } from './owner.js' */

/** Applies the events of the person's own stream to the model. `Sync` keeps them in order. */
export class PersonStream {
  #model;
  #owner;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
    this.#model = owner.model;
  }

  /** @param {Me} me */
  #me(me) {
    const wasSlow = Boolean(this.#model.me?.slowdown);
    this.#model.me = me;
    // What was refused waits for a time that may not apply any more.
    if (wasSlow && !me.slowdown) this.#owner.outbox.retryNow();
  }

  /** @param {AnyEvent} event @param {Changes} changes */
  apply(event, changes) {
    switch (event.type) {
      case 'me':
        this.#me(event.me);
        return;
      case 'chat':
        return this.#chat(event, changes);
      case 'read':
        return this.#read(event, changes);
      case 'left':
        return this.#left(event, changes);
      case 'draft':
        return this.#owner.drafts.receive({ ...event, reply_to: event.reply_to ?? null });
      case 'saved':
        this.#model.markSaved(event.chat, event.seq, event.saved);
        return changes.row(event.chat, event.seq);
      case 'scheduled':
        this.#model.updateScheduled(event.scheduled);
        changes.chats.add(event.scheduled.chat);
        return;
      case 'note': {
        const { note, gone = false } = event;
        const others = this.#model.notes.filter(({ id }) => id !== note.id);
        this.#model.notes = gone ? others : [...others, note];
        changes.chats.add(note.chat);
        return;
      }
      case 'notifications':
        this.#model.notifications = event.settings;
        return;
      case 'contact':
        return this.#contact(event.contact, changes);
    }
  }

  /**
   * Show a person again: in the contacts, and in the chat with them.
   *
   * @param {string} id
   * @param {Changes} changes
   */
  personChanged(id, changes) {
    changes.contacts.add(id);
    for (const { id: chat, chat: head } of this.#model.chats.values()) {
      if (head.person?.id === id) changes.chats.add(chat);
    }
  }

  /** @param {Contact} contact @param {Changes} changes */
  #contact(contact, changes) {
    const { person, state } = contact;
    if (state === 'none') this.#model.contacts.delete(person.id);
    else this.#model.contacts.set(person.id, contact);
    this.#model.addPeople(person);
    this.personChanged(person.id, changes);
  }

  /**
   * The reader's settings of a chat. A known chat's head is left to the chat's own stream.
   *
   * @param {ChatChanged} event
   * @param {Changes} changes
   */
  #chat(event, changes) {
    const { chat } = event;
    const record = this.#model.chats.get(chat.id);
    if (!record) return this.#owner.sync.applyChat(chat, changes);
    const { rev, last_seq, last, sender, members, active_at, read_seq, uncounted, mentioned } = record.chat;
    const isMarkedAgain = !record.chat.marked_unread || chat.unread_from !== record.chat.unread_from;
    if (chat.marked_unread && isMarkedAgain) this.#owner.receipts.marked(chat.id);
    record.told.read = Math.max(record.told.read, chat.read_seq);
    const head = { rev, last_seq, last, sender, members, active_at, uncounted, mentioned };
    record.chat = { ...chat, ...head, read_seq: Math.max(read_seq, chat.read_seq) };
    changes.chat(chat.id);
  }

  /** @param {ReadMoved} event @param {Changes} changes */
  #read({ chat, read_seq, marked_unread }, changes) {
    const record = this.#model.chats.get(chat);
    if (!record) return;
    if (read_seq > record.chat.read_seq) changes.readElsewhere.add(chat);
    record.told.read = Math.max(record.told.read, read_seq);
    read_seq = Math.max(read_seq, record.chat.read_seq);
    const unread_from = marked_unread ? record.chat.unread_from : null;
    record.chat = { ...record.chat, read_seq, marked_unread, unread_from };
    changes.chat(chat);
  }

  /** The reader left, or was removed: delete all of the chat. @param {ChatLeft} event @param {Changes} changes */
  #left({ chat }, changes) {
    const { drafts, members, typing, uploads } = this.#owner;
    this.#model.chats.delete(chat);
    this.#model.saved.delete(chat);
    this.#model.notes = this.#model.notes.filter((note) => note.chat !== chat);
    members.forget(chat);
    typing.forget(chat);
    drafts.forget(chat);
    uploads.forgetDraft(chat);
    changes.messages.delete(chat);
    changes.left.add(chat);
    changes.drop(chat);
  }
}
