/**
 * What is asked of groups, for the views of their settings: loaded with those.
 *
 *     await groups(connect()).rename(chat, 'Harbour');
 *
 * @module
 */

/** @import { GroupLink, Invitation, Role } from '../contract.js' */
/** @import { Client } from '../client.js' */

/** @param {Client} client */
export const groups = (client) => ({
  /** @param {string} title @param {string[]} people @returns {Promise<string>} id of the chat */
  create: (title, people) => client.ask('group.create', title, people),

  /** @param {string} chat @param {string} title @returns {Promise<void>} */
  rename: (chat, title) => client.ask('group.rename', chat, title),

  /**
   * The chat goes everywhere, with all that is cached.
   *
   * @param {string} chat
   * @returns {Promise<void>}
   */
  leave: (chat) => client.ask('group.leave', chat),

  /** @param {string} chat @param {string[]} people contacts @returns {Promise<void>} */
  add: (chat, people) => client.ask('member.add', chat, people),

  /** @param {string} chat @param {string} person @returns {Promise<void>} */
  remove: (chat, person) => client.ask('member.remove', chat, person),

  /** @param {string} chat @param {string} person @param {Role} role @returns {Promise<void>} */
  setRole: (chat, person, role) => client.ask('member.role', chat, person, role),

  /** Those that can be used now. @param {string} chat @returns {Promise<GroupLink[]>} */
  links: (chat) => client.ask('links', chat),

  /**
   * @param {string} chat
   * @param {{ hours?: number, most_uses?: number | null }} [terms]
   * @returns {Promise<{ id: string, url: string }>} the address can never be asked for again
   */
  makeLink: (chat, terms = {}) => client.ask('makeLink', chat, terms),

  /** @param {string} chat @param {string} link @returns {Promise<void>} */
  revokeLink: (chat, link) => client.ask('revokeLink', chat, link),

  /** Where a link leads. @param {string} secret @returns {Promise<Invitation>} */
  invitation: (secret) => client.ask('invitation', secret),

  /** @param {string} secret @returns {Promise<string>} id of the chat */
  join: (secret) => client.ask('join', secret),
});
