/**
 * Invite links of groups: loaded with the views that show them.
 *
 * @module
 */

/** @import { GroupLink } from '../contract.js' */
/** @import { Client } from '../client.js' */

/** @param {Client} client */
export const groupLinks = (client) => ({
  /** Those that can be used now. @param {string} chat @returns {Promise<GroupLink[]>} */
  list: (chat) => client.request('links', chat),

  /**
   * @param {string} chat
   * @param {{ hours?: number, most_uses?: number | null }} [terms]
   * @returns {Promise<{ id: string, url: string }>} the address can never be asked for again
   */
  create: (chat, terms = {}) => client.request('makeLink', chat, terms),

  /** @param {string} chat @param {string} link @returns {Promise<void>} */
  revoke: (chat, link) => client.request('revokeLink', chat, link),
});
