/**
 * What is asked of messages that are sent later: loaded with their views. What waits is in
 * `ChatView.scheduled`.
 *
 * @module
 */

/** @import { Client } from '../client.js' */

/** @param {Client} client */
export const scheduledMessages = (client) => ({
  /**
   * @param {string} chat
   * @param {{ text: string, due: Date, replyTo: number | null }} message
   * @returns {Promise<void>}
   */
  add: (chat, { text, due, replyTo }) => client.request('schedule', chat, text, due.toISOString(), replyTo),

  /** All of a text, to be changed. @param {string} id @returns {Promise<string>} */
  text: (id) => client.request('scheduledText', id),

  /** @param {string} id @param {{ text: string, due: Date }} change @returns {Promise<void>} */
  change: (id, { text, due }) => client.request('reschedule', id, { text, due_at: due.toISOString() }),

  /** Send it never. @param {string} id @returns {Promise<void>} */
  cancel: (id) => client.request('unschedule', id),

  /** By the queue, as if it had just been written. @param {string} id @returns {Promise<void>} */
  sendNow: (id) => client.request('sendNow', id),
});
