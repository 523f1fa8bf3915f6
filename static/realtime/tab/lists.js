/**
 * Lists that are looked at now and then, all asked of the server: loaded with the views of them.
 *
 * @module
 */

/** @import { FormerTextPage, FoundPeople, PeoplePage, Row, RowPage, SavedRow } from '../contract.js' */
/** @import { Person } from '../wire.js' */
/** @import { Client } from '../client.js' */

/** @param {Client} client */
export const lists = (client) => ({
  /** The newest pin first. @param {string} chat @returns {Promise<Row[]>} */
  pins: (chat) => client.request('pins', chat),

  /** What the reader keeps, of all chats, the newest first. @returns {Promise<SavedRow[]>} */
  saved: () => client.request('saved'),

  /** Those of these people who are known here. @param {string[]} ids
   * @returns {Promise<Record<string, Person>>} */
  named: (ids) => client.request('named', ids),

  /**
   * One message, wherever it stands.
   *
   * @param {string} chat
   * @param {number} seq
   * @returns {Promise<Row>}
   */
  message: (chat, seq) => client.request('message', chat, seq),

  /**
   * The replies of a thread, in order, without the message it began with.
   *
   * @param {string} chat
   * @param {number} seq of the message it began with
   * @param {string | null} [cursor] `next` of the page before
   * @returns {Promise<RowPage>}
   */
  thread: (chat, seq, cursor = null) => client.request('thread', chat, seq, cursor),

  /**
   * Who has read a message.
   *
   * @param {string} chat
   * @param {number} seq
   * @param {string | null} [cursor]
   * @returns {Promise<PeoplePage>}
   */
  seen: (chat, seq, cursor = null) => client.request('seen', chat, seq, cursor),

  /**
   * @param {string} chat
   * @param {number} seq
   * @param {string} emoji
   * @param {string | null} [cursor]
   * @returns {Promise<PeoplePage>}
   */
  reactors: (chat, seq, emoji, cursor = null) => client.request('reactors', chat, seq, emoji, cursor),

  /**
   * What it said before, oldest first.
   *
   * @param {string} chat
   * @param {number} seq
   * @param {string | null} [cursor] `next` of the page before
   * @returns {Promise<FormerTextPage>}
   */
  formerTexts: (chat, seq, cursor = null) => client.request('formerTexts', chat, seq, cursor),

  /**
   * The text as the server has it now, and since when.
   *
   * @param {string} chat
   * @param {number} seq
   * @returns {Promise<{ text: string, at: string }>} rejects with `not_found` when it is deleted
   */
  currentText: (chat, seq) => client.request('currentText', chat, seq),

  /**
   * @param {string} query at least two characters
   * @param {string | null} [cursor] `next` of the page before
   * @returns {Promise<FoundPeople>}
   */
  findPeople: (query, cursor = null) => client.request('findPeople', query, cursor),
});
