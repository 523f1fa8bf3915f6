/** @import { TimelineDiff, TimelineState } from '../timeline-types.js' */
/** @import { Message } from '../wire.js' */
/** @import { ChatRecord, Changes } from './model.js' */
/** @import { Owner } from './owner.js' */

import { TimelinePeople } from './timeline-people.js';
import { chatView, messageRow, pendingRow, positionsView } from './view-models.js';

/** What a tab is shown of a chat whose timeline it has open: rows, people, and the chat itself. */
export class RangeViews {
  #chat;
  #owner;

  /** @param {string} chat @param {Owner} owner */
  constructor(chat, owner) {
    this.#chat = chat;
    this.#owner = owner;
    this.people = new TimelinePeople(owner.model, () => owner.members.of(chat));
  }

  /** @param {Message[]} messages */
  rows(messages) {
    this.people.addFrom(messages);
    return messages.map((message) => messageRow(this.#chat, message, this.#owner));
  }

  /** Own messages to be shown after a row, without acknowledged ones up to it. @param {number} last */
  pending(last) {
    return this.#owner.outbox
      .of(this.#chat)
      .filter(({ ack }) => !ack || ack.seq > last)
      .map((entry) => pendingRow(entry, this.#owner));
  }

  /**
   * What changed around the rows.
   *
   * @param {ChatRecord} record
   * @param {Changes} changes
   */
  around(record, changes) {
    const { chat } = record;
    /** @type {TimelineDiff} */
    const diff = {};
    const membersChanged = changes.members.has(chat.id);
    if (membersChanged || changes.positions.has(chat.id)) diff.positions = this.#positions(record);
    if (changes.chats.has(chat.id)) diff.chat = chatView(record, this.#owner);
    if (membersChanged || changes.contacts.has(chat.person?.id ?? '')) diff.people = this.people.byId;
    if (membersChanged || this.people.includesMember(changes.contacts)) {
      diff.members = this.people.members ?? [];
    }
    return diff;
  }

  /** @param {ChatRecord} record */
  #positions(record) {
    return positionsView(record, this.#owner.model, this.#owner.members.of(this.#chat));
  }

  /**
   * The state with all that is around the rows.
   *
   * @param {Omit<TimelineState, 'chat' | 'people' | 'members' | 'positions'>} range
   * @returns {TimelineState}
   */
  whole(range) {
    const { model } = this.#owner;
    const record = model.chats.get(this.#chat);
    return {
      ...range,
      chat: record ? chatView(record, this.#owner) : null,
      people: record ? this.people.byId : {},
      members: record?.chat.kind === 'group' ? this.people.members : null,
      positions: record
        ? this.#positions(record)
        : { delivered: 0, read: 0, of: 0, members: [] },
    };
  }
}
