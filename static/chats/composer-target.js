/**
 * Where the text of a composer goes, and where its draft is kept.
 *
 * @module
 */

/** @import { DraftView } from '../realtime/stored-types.js' */
/** @import { Quote } from '../realtime/wire.js' */
/** @import { OutgoingMessage } from './draft-state.js' */

import { connect } from '../realtime/client.js';

/**
 * @typedef {object} ComposerTarget
 * @property {boolean} isChat whether it is a chat: with files, and a draft that all devices share
 * @property {() => Quote | null} quote what is replied to when the reader chose nothing else
 * @property {() => Promise<DraftView>} load
 * @property {(text: string, reply: Quote | null) => Promise<unknown>} save
 * @property {(message: OutgoingMessage) => Promise<unknown>} send
 */

/** @param {string} chat @returns {ComposerTarget} */
export const toChat = (chat) => ({
  isChat: true,
  quote: () => null,
  load: () => connect().draft(chat),
  save: (text, reply) => connect().saveDraft(chat, text, reply),
  send: ({ text, reply, client_id, files }) => connect().send(chat, text, reply, client_id, files),
});
