/**
 * What is asked of groups, for the views of their settings: loaded with those.
 *
 *     await groups(connect()).rename(chat, 'Harbour');
 *
 * @module
 */

/** @import { GroupLink, Invitation, Role } from './contract.js' */
/** @import { Client } from './client.js' */

/** @param {Client} client */
export const groups = (client) => new Groups(client);

class Groups {
  #client;

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
  }

  /** @param {string} title @param {string[]} people @returns {Promise<string>} id of the chat */
  create(title, people) {
    return this.#client.ask('group.create', title, people);
  }

  /** @param {string} chat @param {string} title @returns {Promise<void>} */
  rename(chat, title) {
    return this.#client.ask('group.rename', chat, title);
  }

  /**
   * The chat goes everywhere, with all that is cached.
   *
   * @param {string} chat
   * @returns {Promise<void>}
   */
  leave(chat) {
    return this.#client.ask('group.leave', chat);
  }

  /** @param {string} chat @param {string[]} people contacts @returns {Promise<void>} */
  add(chat, people) {
    return this.#client.ask('member.add', chat, people);
  }

  /** @param {string} chat @param {string} person @returns {Promise<void>} */
  remove(chat, person) {
    return this.#client.ask('member.remove', chat, person);
  }

  /** @param {string} chat @param {string} person @param {Role} role @returns {Promise<void>} */
  setRole(chat, person, role) {
    return this.#client.ask('member.role', chat, person, role);
  }

  /** Those that can be used now. @param {string} chat @returns {Promise<GroupLink[]>} */
  links(chat) {
    return this.#client.ask('links', chat);
  }

  /**
   * @param {string} chat
   * @param {{ hours?: number, most_uses?: number | null }} [terms]
   * @returns {Promise<{ id: string, url: string }>} the address can never be asked for again
   */
  makeLink(chat, terms = {}) {
    return this.#client.ask('makeLink', chat, terms);
  }

  /** @param {string} chat @param {string} link @returns {Promise<void>} */
  revokeLink(chat, link) {
    return this.#client.ask('revokeLink', chat, link);
  }

  /** Where a link leads. @param {string} secret @returns {Promise<Invitation>} */
  invitation(secret) {
    return this.#client.ask('invitation', secret);
  }

  /** @param {string} secret @returns {Promise<string>} id of the chat */
  join(secret) {
    return this.#client.ask('join', secret);
  }
}
