/**
 * The calls of a tab, by name. Commands go to the command layer untouched; only messages, drafts,
 * typing, reactions and reading have logic in the owner.
 *
 * @module
 */

/** @import { Owner } from './owner.js' */
/** @import { TimelineRange } from './timeline-range.js' */

import { debugView } from './debug-view.js';

/**
 * @typedef {object} CallContext
 * @property {Owner} owner
 * @property {(id: number) => TimelineRange} range the range behind a watch of this tab
 * @property {boolean} again an owner before this one may have carried out the call
 */

/** @type {Record<string, (context: CallContext, ...args: any[]) => unknown>} */
export const CALLS = {
  command: ({ owner }, command) => owner.commands.send(command),
  react: ({ owner }, command) => owner.react(command),

  send: ({ owner, again }, chat, message) => owner.messageSender.queue(chat, message, again),
  retry: ({ owner }, clientId) => owner.outbox.retry(clientId),
  discard: ({ owner }, clientId) => owner.outbox.discard(clientId),
  draft: ({ owner }, chat) => owner.restored.then(() => owner.drafts.of(chat)),
  saveDraft: ({ owner }, chat, text, reply) =>
    owner.restored.then(() => owner.drafts.save(chat, { text, reply })),
  typing: ({ owner }, chat) => owner.typing.writing(chat),

  read: ({ owner }, chat, seq) => owner.receipts.seen(chat, seq),
  loadBefore: ({ range }, watch) => range(watch).loadBefore(),
  loadAfter: ({ range }, watch) => range(watch).loadAfter(),
  jump: ({ range }, watch, at) => range(watch).open(at),
  follow: ({ range }, watch, sticking) => range(watch).follow(sticking),

  reconnect: ({ owner }) => owner.connection.hurry(),
  forget: ({ owner }) => owner.lifecycle.forget(),
  debug: ({ owner }) => debugView(owner),
};
