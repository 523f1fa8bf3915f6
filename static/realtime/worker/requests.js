/**
 * HTTP requests that views need now and then (`Requests` in contract.js): loaded with the first.
 *
 * @module
 */

/**
 * @import { FileRequests } from '../../files/types.js'
 * @import { FormerText, Requests } from '../request-types.js'
 * @import { File, Message, Person } from '../wire.js'
 * @import { Owner } from './owner.js'
 */

import { existingFile } from '../both/existing-file.js';
import { ParleyError } from '../both/failure.js';
import { uuid } from '../both/platform.js';
import { quoteOf } from '../both/quotes.js';
import { messageRow } from './view-models.js';

const REPORT_TIMEOUT_MS = 15_000;

/**
 * @param {Owner} owner
 * @param {string} name
 * @param {any[]} args
 * @returns {Promise<unknown>}
 * @throws {ParleyError} `invalid` for an unknown name
 */
export function request(owner, name, args) {
  if (!Object.hasOwn(REQUESTS, name)) throw new ParleyError('invalid', name);
  const handler = /** @type {any} */ (REQUESTS)[name];
  return handler(owner, ...args);
}

/** @param {string} chat @param {number} seq */
const at = (chat, seq) => `/chats/${chat}/messages/${seq}`;

/** @param {Owner['model']} model @param {string} id */
function scheduledOf(model, id) {
  const found = model.scheduled.get(id);
  if (!found) throw new ParleyError('not_found');
  return found;
}

/** Those of these people who are known. @param {Owner} owner @param {string[]} ids */
function named({ model }, ids) {
  const people = ids.flatMap(
    (id) => (id === model.person && model.me) || model.people.get(id) || [],
  );
  const bodies = people.map(({ id, username, name, about }) => ({ id, username, name, about }));
  return Object.fromEntries(bodies.map((body) => [body.id, body]));
}

/** @typedef {Requests & FileRequests} AllRequests */

/**
 * @type {{ [Name in keyof AllRequests]:
 *   (owner: Owner, ...args: Parameters<AllRequests[Name]>) => ReturnType<AllRequests[Name]> }}
 */
const REQUESTS = {
  file: ({ files }, key) => files.content(key),

  async chatFiles(owner, chat, of, cursor = null) {
    /** @type {{ items: Message[], next: string | null }} */
    const { items, next } = await owner.http.get(`/chats/${chat}/files`, { of, cursor });
    return { rows: items.map((message) => messageRow(chat, message, owner)), next };
  },

  chatLinks: ({ http }, chat, cursor = null) => http.get(`/chats/${chat}/message-links`, { cursor }),

  async keptFiles({ http }, cursor = null) {
    /** @type {{ items: { file: File | null }[], next: string | null }} */
    const { items, next } = await http.get('/files', { kept: 'true', cursor });
    return { files: items.flatMap(({ file }) => file ?? []), next };
  },

  commands: async ({ http }, chat) => (await http.get(`/chats/${chat}/commands`)).items,

  links: async ({ http }, chat) => (await http.get(`/chats/${chat}/links`)).items,

  makeLink: ({ http }, chat, terms = {}) => http.post(`/chats/${chat}/links`, terms),

  revokeLink: ({ http }, chat, link) => http.delete(`/chats/${chat}/links/${link}`),

  async schedule({ http, outbox, uploads }, { uploads: ids, ...message }) {
    const files = uploads.fileIds(ids);
    await http.post('/scheduled', { client_id: uuid(), ...message, ...(ids.length && { files }) });
    // The person may have sent them meanwhile, too.
    await uploads.taken(ids.filter((/** @type {string} */ id) => !outbox.withFile(id)));
  },

  scheduledText: async ({ model }, id) => scheduledOf(model, id).text,

  reschedule: ({ http }, id, change) => http.patch(`/scheduled/${id}`, change),

  unschedule: ({ http }, id) => http.delete(`/scheduled/${id}`),

  withdraw: ({ http }, id) => http.post(`/scheduled/${id}/withdraw`, {}),

  async sendNow(owner, id) {
    const { chat, client_id, text, reply_to, files = [] } = scheduledOf(owner.model, id);
    const quote = reply_to ? quoteOf(await owner.chatLoader.message(chat, reply_to)) : null;
    // Queued first, so that the text is always somewhere. Both send the same client id, so it does
    // not matter whether the scheduled one can be deleted.
    await owner.messageSender.queueApart(chat, { client_id, text, quote, existing: files.map(existingFile) });
    await owner.http.delete(`/scheduled/${id}`).catch(() => {});
  },

  async updateMe({ http }, change) {
    const { version } = await http.get('/me');
    await http.patch('/me', { version, ...change });
  },

  reportSaved: ({ http }, sum) => http.put('/files/bytes-saved', sum),

  findPeople: ({ http }, q, cursor = null) => http.get('/people', { q, cursor }),

  ownLink: ({ http }) =>
    http.get('/me/link').catch((/** @type {ParleyError} */ error) => {
      if (error.code === 'not_found') return null;
      throw error;
    }),

  makeOwnLink: ({ http }) => http.put('/me/link', {}),

  revokeOwnLink: ({ http }) => http.delete('/me/link'),

  person: ({ http }, person) => http.get(`/people/${person}`),

  async currentText({ http }, chat, seq) {
    /** @type {Message} */
    const { text, at: sent, edited_at, deleted } = await http.get(at(chat, seq));
    if (deleted) throw new ParleyError('not_found');
    return { text, at: edited_at ?? sent };
  },

  async pins(owner, chat) {
    /** @type {{ items: Message[] }} */
    const { items } = await owner.http.get(`/chats/${chat}/pins`);
    return items.map((message) => messageRow(chat, message, owner));
  },

  async saved(owner) {
    /** @type {{ items: { chat: string, message: Message }[] }} */
    const { items } = await owner.http.get('/saved');
    return items.map(({ chat, message }) => {
      const name = owner.model.people.get(message.sender)?.name ?? '';
      const people = named(owner, message.mentions ?? []);
      return { chat, row: messageRow(chat, message, owner), name, people };
    });
  },

  named: async (owner, ids) => named(owner, ids),

  message: async (owner, chat, seq) =>
    messageRow(chat, await owner.chatLoader.message(chat, seq), owner),

  async thread(owner, chat, seq, cursor = null) {
    /** @type {{ items: Message[], next: string | null }} */
    const { items, next } = await owner.http.get(`${at(chat, seq)}/thread`, { cursor });
    return { rows: items.map((message) => messageRow(chat, message, owner)), next };
  },

  async heldThread(owner, chat, seq) {
    const { restored, model, cacheWriter } = owner;
    await restored;
    // Only of chats that are still the person's.
    const messages = model.chats.has(chat) ? await cacheWriter.cache.thread(chat, seq).catch(() => []) : [];
    return messages.map((message) => messageRow(chat, message, owner));
  },

  async seen({ http, model }, chat, seq, state, cursor = null) {
    /** @type {{ items: Person[], next: string | null, times: Record<string, string> }} */
    const { items, next, times } = await http.get(`${at(chat, seq)}/seen`, { state, cursor });
    model.addPeople(...items);
    return { people: items, next, times };
  },

  async formerTexts({ http }, chat, seq, cursor = null) {
    /** @type {{ items: FormerText[], next: string | null }} */
    const { items, next } = await http.get(`${at(chat, seq)}/edits`, { cursor });
    return { texts: items, next };
  },

  async report({ http }, report) {
    const response = await http.listen('/reports', report, AbortSignal.timeout(REPORT_TIMEOUT_MS));
    return { report: await response.json(), isNew: response.status === 201 };
  },

  reports: ({ http }, cursor = null) => http.get('/reports', { cursor }),

  reportsSeen: ({ http }) => http.post('/reports/seen', {}),

  waiting: ({ http }) => http.get('/moderation/waiting', {}),

  warnings: ({ http }) => http.get('/warnings', {}),

  acknowledge: ({ http }, id) => http.post(`/warnings/${id}/acknowledge`, {}),

  async act({ http }, chat, seq, name, data) {
    return (await http.post(`${at(chat, seq)}/acts`, { name, data })).result;
  },
};
