/**
 * Requests about notifications.
 *
 * @module
 */

/** @import { DoNotDisturb, NotificationSettings } from '../realtime/wire.js' */

import { Http } from '../realtime/both/http.js';

/**
 * @typedef {{ id: string, name: string, created_at: string, reached_at: string | null,
 *   current: boolean }} PushDevice
 * @typedef {Partial<Omit<NotificationSettings, 'push_key'>>} SettingsChange
 * @typedef {{ frequency: 'off' | 'daily' | 'weekdays' | 'weekly', by_default: boolean, day: number,
 *   at: string, texts: boolean, may_quote: boolean, zone: string, email: string,
 *   problem: '' | 'no_mail' | 'no_address' | 'refused', next_at: string | null,
 *   sent_at: string | null }} Digest
 * @typedef {Partial<Pick<Digest, 'frequency' | 'day' | 'at' | 'texts'>>} DigestChange
 * @typedef {{ chat: string, seq: number, at: string, text: string, now: string, then: string
 *   }} DryRunItem
 * @typedef {{ looked_at: number, now: number, then: number, items: DryRunItem[] }} DryRun
 * @typedef {{ name: string, host: string, state: string, status: number | null, at: string | null,
 *   attempts: number }} NotifiedDevice
 * @typedef {{ outcome: string, reason: string, at: string | null, due_at: string | null,
 *   late?: boolean, devices: NotifiedDevice[] }} NotificationRecord
 */

function http() {
  const client = new Http(location.origin, () => {});
  client.csrf = document.body.dataset.csrf ?? '';
  return client;
}

export const api = {
  /** @returns {Promise<NotificationSettings>} */
  settings: () => http().get('/notifications/settings'),

  /** @param {SettingsChange} change @returns {Promise<NotificationSettings>} */
  changeSettings: (change) => http().patch('/notifications/settings', change),

  /** @returns {Promise<Digest>} */
  digest: () => http().get('/notifications/digest'),

  /** @param {DigestChange} change @returns {Promise<Digest>} */
  changeDigest: (change) => http().patch('/notifications/digest', change),

  /** @returns {Promise<Digest>} */
  sendDigestNow: () => http().post('/notifications/digest/now'),

  /**
   * How recent messages would have been notified with these preferences.
   *
   * @param {object} preferences
   * @returns {Promise<DryRun>}
   */
  dryRun: (preferences) => http().post('/notifications/rehearsal', preferences),

  /** @param {string} chat @param {number} seq @returns {Promise<NotificationRecord>} */
  why: (chat, seq) => http().get(`/chats/${chat}/messages/${seq}/notified`),

  /** @param {DoNotDisturb } change @returns {Promise<unknown>} */
  setDoNotDisturb: (change) => http().put('/me/do-not-disturb', change),

  /** @param {string} device @returns {Promise<unknown>} */
  setDeviceTimeZone: (device) => http().put('/me/time-zone', { device }),

  /** @returns {Promise<PushDevice[]>} */
  devices: async () => (await http().get('/push/devices')).items,

  /** @param {object} device @returns {Promise<PushDevice>} */
  addDevice: (device) => http().post('/push/devices', device),

  /** @param {string} id @returns {Promise<unknown>} */
  removeDevice: (id) => http().delete(`/push/devices/${id}`),
};
