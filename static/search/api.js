/**
 * The server's search. Results are shown once and not kept, so they do not pass through the owner.
 *
 * @module
 */

/** @import { Chat, Message, Person } from '../realtime/wire.js' */
/** @import { FoundPerson } from '../realtime/request-types.js' */

import { Http } from '../realtime/both/http.js';
import { timeZone } from '../shell/times.js';

const http = new Http(location.origin, () => {});

/**
 * A found message: an excerpt of its text, and the matches in it.
 *
 * @typedef {object} SearchHit
 * @property {string} chat
 * @property {Message} message
 * @property {Person | null} sender
 * @property {string} excerpt
 * @property {{ start: number, end: number }[]} highlights
 *
 * @typedef {{ people: FoundPerson[], chats: Chat[], messages: SearchHit[], next: string | null }} Found
 *
 * @param {'people' | 'chats' | 'messages'} kind
 * @param {string} q
 * @param {{ cursor?: string | null, chat?: string | null }} [more] `chat`: messages of this chat only
 * @returns {Promise<Found>}
 */
export const search = (kind, q, { cursor = null, chat = null } = {}) =>
  http.get('/search', { kind, q, cursor, tz: timeZone(), in_chat: chat });
