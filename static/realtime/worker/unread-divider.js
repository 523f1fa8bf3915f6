/** @import { Chat, Message } from '../wire.js' */

/** The first entry that is unread, or that the reader marked so; null: there is none.
 * @param {Chat} chat */
export function firstUnread({ read_seq, last_seq, marked_unread, unread_from = null }) {
  if (marked_unread && unread_from !== null) return Math.min(unread_from, read_seq + 1);
  return read_seq < last_seq ? read_seq + 1 : null;
}

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
  arrived({ read_seq }, messages) {
    if (messages.some(({ sender }) => sender === this.#person)) this.seq = null;
    const first = messages.find(({ sender, seq }) => sender !== this.#person && seq > read_seq);
    if (!first || this.#focused()) return;
    if (this.seq === null || read_seq >= first.seq - 1) this.seq = first.seq;
  }

  /** The person has read on another device. @param {Chat} chat */
  readElsewhere(chat) {
    if (!this.#focused()) this.open(chat);
  }
}
