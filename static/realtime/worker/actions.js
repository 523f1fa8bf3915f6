/**
 * What a person asks for besides sending: over the socket when it is up, else by HTTP. Both end in
 * the same action on the server and answer with the same reasons.
 *
 * @module
 */

/** @import { ContactVerb, FoundPeople, ChatSettings, OutboxEntry } from '../contract.js' */
/** @import { AnyCommand, Chat, Limits, Message } from '../wire.js' */
/** @import { WithoutRef, Commands } from './commands.js' */
/** @import { Http } from '../both/http.js' */
/** @import { AckPosition } from './outbox.js' */

import { ParleyError } from '../both/failure.js';

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
   * @returns {Promise<AckPosition>}
   */
  async send({ chat, client_id, text, quote }, limits) {
    // A frame that is too big would end the connection, again and again.
    const size = new TextEncoder().encode(JSON.stringify(text)).length + 1000;
    if (limits && size > limits.frame_bytes) throw new ParleyError('too_long');
    const message = { client_id, text, ...(quote && { reply_to: quote.seq }) };
    if (this.#overSocket()) {
      const send = /** @type {const} */ ({ type: 'send', ...message, chat });
      const { seq, rev, at } = await this.#commands.ask(send);
      if (seq && rev && at) return { seq, rev, at };
      throw new ParleyError('failed', 'An answer without a place.');
    }
    /** @type {Message} */
    const { seq, rev, at } = await this.#http.post(`/chats/${chat}/messages`, message);
    return { seq, rev, at };
  }

  /**
   * Anything else that changes a chat.
   *
   * @param {WithoutRef<AnyCommand>} command
   * @param {(http: Http) => Promise<any>} byHttp the same over HTTP
   * @returns {Promise<{ id: string }>} of the chat, where one is made
   */
  async ask(command, byHttp) {
    if (!this.#overSocket()) return (await byHttp(this.#http)) ?? { id: '' };
    const { chat } = await this.#commands.ask(command);
    return { id: chat ?? '' };
  }

  /** @param {string} chat @param {ChatSettings} marks */
  async mark(chat, marks) {
    if (this.#overSocket()) await this.#commands.ask({ type: 'chat.marks', chat, ...marks });
    else await this.#http.patch(`/chats/${chat}/marks`, marks);
  }

  /**
   * @param {string} chat
   * @param {number} seq
   * @param {{ emoji: string, on: boolean }} reaction
   */
  async react(chat, seq, { emoji, on }) {
    const type = on ? 'react' : 'unreact';
    if (this.#overSocket()) await this.#commands.ask({ type, chat, seq, emoji });
    else await this.#put(`${path(chat, seq)}/reactions/${encodeURIComponent(emoji)}`, on);
  }

  /**
   * @param {string} chat
   * @param {number} seq
   * @param {{ text: string, base_at: string | null }} change
   */
  async edit(chat, seq, change) {
    if (this.#overSocket()) await this.#commands.ask({ type: 'edit', chat, seq, ...change });
    else await this.#http.patch(path(chat, seq), change);
  }

  /** @param {string} chat @param {number} seq */
  async delete(chat, seq) {
    if (this.#overSocket()) await this.#commands.ask({ type: 'delete', chat, seq });
    else await this.#http.delete(path(chat, seq));
  }

  /** @param {string} chat @param {number} seq @param {boolean} on */
  async pin(chat, seq, on) {
    const type = on ? 'pin' : 'unpin';
    if (this.#overSocket()) await this.#commands.ask({ type, chat, seq });
    else await this.#put(`${path(chat, seq)}/pin`, on);
  }

  /** @param {string} chat @param {number} seq @param {boolean} on */
  async keep(chat, seq, on) {
    const type = on ? 'save' : 'unsave';
    if (this.#overSocket()) await this.#commands.ask({ type, chat, seq });
    else await this.#put(`${path(chat, seq)}/saved`, on);
  }

  /** @param {string} address @param {boolean} on */
  #put(address, on) {
    return on ? this.#http.put(address) : this.#http.delete(address);
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

/** @param {string} chat @param {number} seq */
const path = (chat, seq) => `/chats/${chat}/messages/${seq}`;
