/** @import { Message, Quote } from '../wire.js' */

/** The server quotes as much of a text. */
const QUOTED = 200;

/**
 * What a reply to it quotes.
 *
 * @param {Pick<Message, 'seq' | 'sender' | 'text' | 'deleted'>} message
 * @returns {Quote}
 */
export const quoteOf = ({ seq, sender, text, deleted = false }) => ({
  seq,
  sender,
  text: [...text.slice(0, 2 * QUOTED)].slice(0, QUOTED).join(''),
  deleted,
});

/** Whether its words are not those it came with. @param {Message} message */
export const isChanged = ({ edited_at, deleted }) => Boolean(edited_at || deleted);
