/**
 * What a person asks for besides sending: over the socket when it is up, else by HTTP. Both end in
 * the same action on the server and answer with the same reasons.
 *
 * @module
 */

/** @import { ContactVerb, FoundPeople, Marks, OutboxEntry } from './contract.js' */
/** @import { Chat, Limits, Message } from './wire.js' */
/** @import { Commands } from './commands.js' */
/** @import { Http } from './http.js' */
/** @import { Place } from './outbox.js' */

import { ParleyError } from './failure.js';

export class Actions {
  #commands;
  #http;
  #overSocket;

  /**
   * @param {Commands} commands
   * @param {Http} http
   * @param {() => boolean} overSocket
   */
  constructor(commands, http, overSocket) {
    this.#commands = commands;
    this.#http = http;
    this.#overSocket = overSocket;
  }

  /**
   * @param {OutboxEntry} entry
   * @param {Limits | null} limits
   * @returns {Promise<Place>}
   */
  async send({ chat, client_id, text }, limits) {
    // A frame that is too big would end the connection, again and again.
    const size = new TextEncoder().encode(JSON.stringify(text)).length + 1000;
    if (limits && size > limits.frame_bytes) throw new ParleyError('too_long');
    if (this.#overSocket()) {
      const { seq, rev, at } = await this.#commands.ask({ type: 'send', chat, client_id, text });
      if (seq && rev && at) return { seq, rev, at };
      throw new ParleyError('failed', 'An answer without a place.');
    }
    /** @type {Message} */
    const { seq, rev, at } = await this.#http.post(`/chats/${chat}/messages`, { client_id, text });
    return { seq, rev, at };
  }

  /** @param {string} chat @param {Marks} marks */
  async mark(chat, marks) {
    if (this.#overSocket()) await this.#commands.ask({ type: 'chat.marks', chat, ...marks });
    else await this.#http.patch(`/chats/${chat}/marks`, marks);
  }

  /** @param {ContactVerb} verb @param {string} person */
  async contact(verb, person) {
    if (this.#overSocket()) await this.#commands.ask({ type: `contact.${verb}`, person });
    else await this.#http.post(`/contacts/${person}/${verb}`);
  }

  /** @param {string} person @returns {Promise<string>} id of the chat */
  async openDirect(person) {
    if (this.#overSocket()) {
      const { chat } = await this.#commands.ask({ type: 'chat.direct', person });
      return chat ?? '';
    }
    /** @type {Chat} */
    const { id } = await this.#http.post('/chats/direct', { person });
    return id;
  }

  /**
   * @param {string} q
   * @param {string | null} cursor
   * @returns {Promise<FoundPeople>}
   */
  findPeople(q, cursor) {
    return this.#http.get('/people', { q, cursor });
  }
}
