/**
 * Where the text of a composer goes, and where its draft is kept.
 *
 * @module
 */

/** @import { ChatView, PendingFile } from '../realtime/contract.js' */
/** @import { DraftView } from '../realtime/stored-types.js' */
/** @import { Quote } from '../realtime/wire.js' */
/** @import { OutgoingMessage } from './draft-state.js' */

import { connect } from '../realtime/client.js';

/**
 * @typedef {object} ComposerTarget
 * @property {number | null} thread seq of the first message of a thread; null: it is the chat itself,
 *   whose draft all devices share
 * @property {() => Quote | null} quote what is replied to when the reader chose nothing else
 * @property {() => Promise<DraftView>} load
 * @property {(changed: (draft: DraftView) => void) => () => void} [watch] of what another tab writes;
 *   returns what ends it. The draft of a chat comes in `ChatView`
 * @property {(text: string, reply: Quote | null) => Promise<unknown>} save
 * @property {(message: OutgoingMessage) => Promise<unknown>} send
 */

/** @param {string} chat @returns {ComposerTarget} */
export const toChat = (chat) => ({
  thread: null,
  quote: () => null,
  load: () => connect().draft(chat),
  save: (text, reply) => connect().saveDraft(chat, text, reply),
  send: ({ text, reply, client_id, files }) => connect().send(chat, text, reply, client_id, files),
});

/** The files of a draft that the owner has. An owner of the release before has none in threads.
 * @param {ChatView | null} chat @param {Pick<ComposerTarget, 'thread'>} to @returns {PendingFile[]} */
export const filesOfDraft = (chat, { thread }) =>
  (thread === null ? chat?.files : chat?.thread_files?.[thread]) ?? [];
