/** @import { AnyEvent, ChatChanged, ChatLeft, Contact, ReadMoved } from '../wire.js' */
/** @import { Changes, Model } from './model.js' */
/** @import { SyncDeps } from './sync.js' */

/** What the events of the person's own stream do. Their order is `Sync`'s to keep. */
export class OwnStream {
  #model;
  #deps;
  #applyChat;

  /**
   * @param {Model} model
   * @param {SyncDeps} deps
   * @param {(event: ChatChanged, changes: Changes) => void} applyChat a chat that is not known yet
   */
  constructor(model, deps, applyChat) {
    this.#model = model;
    this.#deps = deps;
    this.#applyChat = applyChat;
  }

  /** @param {AnyEvent} event @param {Changes} changes */
  apply(event, changes) {
    switch (event.type) {
      case 'me':
        this.#model.me = event.me;
        return;
      case 'chat':
        return this.#chat(event, changes);
      case 'read':
        return this.#read(event, changes);
      case 'left':
        return this.#left(event, changes);
      case 'draft':
        return this.#deps.drafts.receive({ ...event, reply_to: event.reply_to ?? null });
      case 'saved':
        this.#model.markSaved(event.chat, event.seq, event.saved);
        return changes.row(event.chat, event.seq);
      case 'scheduled':
        this.#model.updateScheduled(event.scheduled);
        changes.chats.add(event.scheduled.chat);
        return;
      case 'notifications':
        this.#model.notifications = event.settings;
        return;
      case 'contact':
        return this.#contact(event.contact, changes);
    }
  }

  /**
   * A person's line in the contacts, and that of the chat with them.
   *
   * @param {string} id
   * @param {Changes} changes
   */
  person(id, changes) {
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
    this.person(person.id, changes);
  }

  /**
   * The reader's side of a chat. Its heads are left to the chat's own stream, unless new.
   *
   * @param {ChatChanged} event
   * @param {Changes} changes
   */
  #chat(event, changes) {
    const { chat } = event;
    const record = this.#model.chats.get(chat.id);
    if (!record) return this.#applyChat(event, changes);
    const { title, person, role, marked_unread, pinned, archived } = chat;
    const { muted, muted_until, notify } = chat;
    const read_seq = Math.max(record.chat.read_seq, chat.read_seq);
    const marks = { marked_unread, pinned, archived, muted, muted_until, notify };
    const own = { title, person, role, ...marks, read_seq };
    record.told.read = Math.max(record.told.read, chat.read_seq);
    record.chat = { ...record.chat, ...own };
    changes.chat(chat.id);
  }

  /** @param {ReadMoved} event @param {Changes} changes */
  #read({ chat, read_seq, marked_unread }, changes) {
    const record = this.#model.chats.get(chat);
    if (!record) return;
    if (read_seq > record.chat.read_seq) changes.readElsewhere.add(chat);
    record.told.read = Math.max(record.told.read, read_seq);
    read_seq = Math.max(read_seq, record.chat.read_seq);
    record.chat = { ...record.chat, read_seq, marked_unread };
    changes.chat(chat);
  }

  /** Nothing of it is the reader's any more. @param {ChatLeft} event @param {Changes} changes */
  #left({ chat }, changes) {
    const { drafts, members, typing } = this.#deps;
    this.#model.chats.delete(chat);
    this.#model.saved.delete(chat);
    members.forget(chat);
    typing.forget(chat);
    drafts.forget(chat);
    changes.messages.delete(chat);
    changes.left.add(chat);
    changes.drop(chat);
  }
}
