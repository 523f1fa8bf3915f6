/**
 * HTTP requests that views need now and then, the owner's side of `tab/lists.js`,
 * `tab/group-links.js` and `tab/scheduled-messages.js`: loaded with the first of them.
 *
 * @module
 */

/**
 * @import { FormerText, FormerTextPage, GroupLink, PeoplePage, Row, RowPage, SavedRow
 *   } from '../contract.js'
 * @import { Message, Person } from '../wire.js'
 * @import { Owner } from './owner.js'
 */

import { ParleyError } from '../both/failure.js';
import { uuid } from '../both/ids.js';
import { quoteOf } from '../both/quotes.js';
import { messageRow } from './view-models.js';

/** @typedef {(owner: Owner, ...args: any[]) => Promise<unknown>} Request */

/**
 * @param {Owner} owner
 * @param {string} name
 * @param {unknown[]} args
 */
export function request(owner, name, args) {
  const handler = Object.hasOwn(REQUESTS, name) ? REQUESTS[name] : null;
  if (!handler) throw new ParleyError('invalid', name);
  return handler(owner, ...args);
}

/** @param {string} chat @param {number} seq */
const at = (chat, seq) => `/chats/${chat}/messages/${seq}`;

/** @param {Owner} owner @param {string} chat @param {Message} message @returns {Row} */
const rowOf = ({ model, pendingReactions }, chat, message) => messageRow(message, { chat, model, pendingReactions });

/** @param {Owner} owner @param {string} path @param {Record<string, string | null>} query */
async function peoplePage({ http, model }, path, query) {
  /** @type {{ items: Person[], next: string | null }} */
  const { items, next } = await http.get(path, query);
  model.addPeople(...items);
  return /** @type {PeoplePage} */ ({ people: items, next });
}

/** @param {Owner['model']} model @param {string} id */
function waiting(model, id) {
  const found = model.scheduled.get(id);
  if (!found) throw new ParleyError('not_found');
  return found;
}

/** Those of them who are known. @param {Owner} owner @param {string[]} ids */
function named({ model }, ids) {
  const people = ids.flatMap((id) => (id === model.person && model.me) || model.people.get(id) || []);
  return Object.fromEntries(people.map(({ id, username, name, about }) => [id, { id, username, name, about }]));
}

/** @type {Record<string, Request>} */
const REQUESTS = {
  async links({ http }, /** @type {string} */ chat) {
    /** @type {{ items: GroupLink[] }} */
    const { items } = await http.get(`/chats/${chat}/links`);
    return items;
  },

  makeLink: ({ http }, chat, terms) => http.post(`/chats/${chat}/links`, terms),

  revokeLink: ({ http }, chat, link) => http.delete(`/chats/${chat}/links/${link}`),

  async schedule({ http }, chat, text, due_at, reply_to) {
    await http.post('/scheduled', { chat, client_id: uuid(), text, due_at, reply_to });
  },

  async scheduledText({ model }, /** @type {string} */ id) {
    return waiting(model, id).text;
  },

  async reschedule({ http }, id, change) {
    await http.patch(`/scheduled/${id}`, change);
  },

  unschedule: ({ http }, id) => http.delete(`/scheduled/${id}`),

  async sendNow(owner, /** @type {string} */ id) {
    const { chat, client_id, text, reply_to } = waiting(owner.model, id);
    const quote = reply_to ? quoteOf(await owner.chatLoader.message(chat, reply_to)) : null;
    // First, so that the words are always somewhere. Both ways send the same message, so it is of no
    // matter whether it can be taken back.
    await owner.outbox.add(chat, { client_id, text, quote, rest: owner.drafts.stored(chat) });
    await owner.http.delete(`/scheduled/${id}`).catch(() => {});
  },

  findPeople: ({ http }, q, cursor) => http.get('/people', { q, cursor }),

  async currentText({ http }, /** @type {string} */ chat, /** @type {number} */ seq) {
    /** @type {Message} */
    const { text, at: sent, edited_at, deleted } = await http.get(at(chat, seq));
    if (deleted) throw new ParleyError('not_found');
    return { text, at: edited_at ?? sent };
  },

  async pins(owner, /** @type {string} */ chat) {
    /** @type {{ items: Message[] }} */
    const { items } = await owner.http.get(`/chats/${chat}/pins`);
    return items.map((message) => rowOf(owner, chat, message));
  },

  async saved(owner) {
    /** @type {{ items: { chat: string, message: Message }[] }} */
    const { items } = await owner.http.get('/saved');
    return items.map(({ chat, message }) => {
      const name = owner.model.people.get(message.sender)?.name ?? '';
      const people = named(owner, message.mentions ?? []);
      return /** @type {SavedRow} */ ({ chat, row: rowOf(owner, chat, message), name, people });
    });
  },

  named: async (owner, ids) => named(owner, ids),

  async message(owner, /** @type {string} */ chat, /** @type {number} */ seq) {
    return rowOf(owner, chat, await owner.chatLoader.message(chat, seq));
  },

  async thread(
    owner,
    /** @type {string} */ chat,
    /** @type {number} */ seq,
    /** @type {string | null} */ cursor,
  ) {
    /** @type {{ items: Message[], next: string | null }} */
    const { items, next } = await owner.http.get(`${at(chat, seq)}/thread`, { cursor });
    const rows = items.map((message) => rowOf(owner, chat, message));
    return /** @type {RowPage} */ ({ rows, next });
  },

  seen: (owner, chat, seq, cursor) => peoplePage(owner, `${at(chat, seq)}/seen`, { cursor }),

  reactors: (owner, chat, seq, emoji, cursor) =>
    peoplePage(owner, `${at(chat, seq)}/reactions`, { emoji, cursor }),

  async formerTexts(
    { http },
    /** @type {string} */ chat,
    /** @type {number} */ seq,
    /** @type {string | null} */ cursor,
  ) {
    /** @type {{ items: FormerText[], next: string | null }} */
    const { items, next } = await http.get(`${at(chat, seq)}/edits`, { cursor });
    return /** @type {FormerTextPage} */ ({ texts: items, next });
  },
};
