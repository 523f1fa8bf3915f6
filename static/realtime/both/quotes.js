/** @import { Message, Quote } from '../wire.js' */

/** The server quotes as much of a text. */
const QUOTE_LENGTH = 200;

/**
 * What a reply to it quotes.
 *
 * @param {Pick<Message, 'seq' | 'sender' | 'text' | 'deleted'>} message
 * @returns {Quote}
 */
export const quoteOf = ({ seq, sender, text, deleted = false }) => ({
  seq,
  sender,
  text: [...text.slice(0, 2 * QUOTE_LENGTH)].slice(0, QUOTE_LENGTH).join(''),
  deleted,
});

/** Whether its words are not those it came with. @param {Message} message */
export const isChanged = ({ edited_at, deleted }) => Boolean(edited_at || deleted);
