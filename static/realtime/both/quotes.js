/** @import { File, Message, Quote } from '../wire.js' */

import { cut } from './platform.js';

/** Characters; the server quotes as many. */
const QUOTE_LENGTH = 200;

/**
 * The quote in a reply to a message.
 *
 * @param {Pick<Message, 'seq' | 'sender' | 'text' | 'deleted' | 'hidden'> & { files?: Pick<File, 'kind'>[] }} message
 * @returns {Quote}
 */
export const quoteOf = ({ seq, sender, text, deleted = false, hidden = false, files = [] }) => ({
  seq,
  sender,
  text: cut(text, QUOTE_LENGTH),
  deleted,
  ...(hidden && { hidden }),
  ...(files.length && !deleted && { file: files[0].kind }),
});

/**
 * A message with the present text of the one that it quotes, if that is this one.
 *
 * @template {Message | null} M
 * @param {M} reply
 * @param {Message} quoted
 * @returns {M}
 */
export const requoted = (reply, quoted) =>
  reply?.quote?.seq === quoted.seq ? { ...reply, quote: quoteOf(quoted) } : reply;

/**
 * A message without its quote, if that is of an entry before a seq.
 *
 * @template {Message | null} M
 * @param {M} reply
 * @param {number} from
 * @returns {M}
 */
export const unquoted = (reply, from) =>
  reply?.quote && reply.quote.seq < from ? { ...reply, quote: null } : reply;

/** Whether the text is no longer the first one. @param {Message} message */
export const isChanged = ({ edited_at, deleted }) => Boolean(edited_at || deleted);
