/** @import { ConnectionView } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';
import { icon } from './icon.js';
import { html, nothing } from './view.js';
import { t, tn } from './words.js';

/**
 * One quiet line about the connection, or nothing while all is well.
 *
 * @param {ConnectionView | null} connection
 */
export function connectionLine(connection) {
  if (!connection) return nothing;
  const { state, queued, release } = connection;
  if (state === 'outdated' || release) {
    return line('arrow-clockwise', t('A newer Parley is here.'), again(t('Load it'), () => location.reload()));
  }
  if (state !== 'offline') return nothing;
  const words = queued
    ? tn(
        'Offline: {n} message is kept and sent later.',
        'Offline: {n} messages are kept and sent later.',
        queued,
      )
    : t('Offline: what you write is kept and sent later.');
  return line('cloud-slash', words, again(t('Try now'), () => void connect().reconnect().catch(() => {})));
}

/** @param {string} words @param {() => void} act */
const again = (words, act) => html`<button class="link" @click=${act}>${words}</button>`;

/** @param {string} picture @param {string} words @param {unknown} verb */
const line = (picture, words, verb) =>
  html`<div class="line-in">${icon(picture, { size: '16' })}<span>${words}</span>${verb}</div>`;
