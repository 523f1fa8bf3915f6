/**
 * What is asked of the server about notifications.
 *
 * @module
 */

/** @import { DoNotDisturb, NotificationSettings } from '../realtime/wire.js' */

import { Http } from '../realtime/http.js';

/**
 * @typedef {{ id: string, name: string, created_at: string, reached_at: string | null,
 *   current: boolean }} PushDevice
 * @typedef {Partial<Omit<NotificationSettings, 'push_key'>>} Wanted
 * @typedef {{ chat: string, seq: number, at: string, text: string, now: string, then: string
 *   }} Rehearsed
 * @typedef {{ looked_at: number, now: number, then: number, items: Rehearsed[] }} Rehearsal
 * @typedef {{ name: string, host: string, state: string, status: number | null, at: string | null,
 *   attempts: number }} NotifiedDevice
 * @typedef {{ outcome: string, reason: string, at: string | null, due_at: string | null,
 *   late?: boolean, devices: NotifiedDevice[] }} NotificationRecord
 */

function http() {
  const asked = new Http(location.origin, () => {});
  asked.csrf = document.body.dataset.csrf ?? '';
  return asked;
}

export const api = {
  /** @returns {Promise<NotificationSettings>} */
  settings: () => http().get('/notifications/settings'),

  /** @param {Wanted} wanted @returns {Promise<NotificationSettings>} */
  change: (wanted) => http().patch('/notifications/settings', wanted),

  /** What these wishes would have made of what came lately. @param {object} wishes
   * @returns {Promise<Rehearsal>} */
  rehearse: (wishes) => http().post('/notifications/rehearsal', wishes),

  /** @param {string} chat @param {number} seq @returns {Promise<NotificationRecord>} */
  why: (chat, seq) => http().get(`/chats/${chat}/messages/${seq}/notified`),

  /** @param {DoNotDisturb} quiet @returns {Promise<unknown>} */
  quiet: (quiet) => http().put('/me/do-not-disturb', quiet),

  /** @returns {Promise<PushDevice[]>} */
  devices: async () => (await http().get('/push/devices')).items,

  /** @param {object} device @returns {Promise<PushDevice>} */
  addDevice: (device) => http().post('/push/devices', device),

  /** @param {string} id @returns {Promise<unknown>} */
  removeDevice: (id) => http().delete(`/push/devices/${id}`),
};
