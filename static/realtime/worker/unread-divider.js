/** @import { Chat, Message } from '../wire.js' */

import { counts, firstUnread } from '../both/unread.js';

/**
 * The entry before which the unread divider of a range stands: the first that arrived while the
 * person did not look. It stays while they read, and goes when they reply.
 */
export class UnreadDivider {
  /** @type {number | null} */
  seq = null;
  #person;
  #focused;

  /**
   * @param {string} person the reader
   * @param {() => boolean} focused whether they look at this tab
   */
  constructor(person, focused) {
    this.#person = person;
    this.#focused = focused;
  }

  /** The range opens. @param {Chat} chat */
  open(chat) {
    this.seq = firstUnread(chat);
  }

  /** Entries were appended. @param {Chat} chat @param {Message[]} messages */
  arrived(chat, messages) {
    if (messages.some(({ sender }) => sender === this.#person)) this.seq = null;
    const isUnread = (/** @type {Message} */ one) =>
      one.sender !== this.#person && one.seq > chat.read_seq && counts(one);
    const first = messages.find(isUnread);
    if (!first || this.#focused()) return;
    if (this.seq === null || firstUnread(chat) === first.seq) this.seq = first.seq;
  }

  /** The person has read on another device. @param {Chat} chat */
  readElsewhere(chat) {
    if (!this.#focused()) this.open(chat);
  }
}
