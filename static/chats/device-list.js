/**
 * A short list that stays on this device, of one person. It is lost where the browser stores nothing.
 *
 * @module
 */

import { connect } from '../realtime/client.js';

/**
 * @template T
 * @param {string} name of the list
 * @param {number} max the newest that are kept: those of chats that are never opened again must not
 *   fill the storage
 */
export function deviceList(name, max) {
  const key = `parley-${name}-${connect().person}`;
  return {
    /** What another tab made of it; null: nothing. @param {StorageEvent} event of the window
     * @returns {{ before: T[], after: T[] } | null} */
    changedBy: ({ key: changed, oldValue, newValue }) =>
      changed === key ? { before: JSON.parse(oldValue ?? '[]'), after: JSON.parse(newValue ?? '[]') } : null,
    /** @returns {T[]} the newest last */
    read() {
      try {
        return JSON.parse(localStorage.getItem(key) ?? '[]');
      } catch {
        return [];
      }
    },
    /** @param {T[]} items @returns {boolean} whether they are stored */
    write(items) {
      try {
        if (items.length) localStorage.setItem(key, JSON.stringify(items.slice(-max)));
        else localStorage.removeItem(key);
        return true;
      } catch {
        // Storage is unavailable or full: an item lasts until its view is left.
        return false;
      }
    },
  };
}
