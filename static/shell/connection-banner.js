/**
 * Says that there is a problem with the connection. Loaded after the first paint.
 *
 * @module
 */

/** @import { ConnectionView } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';
import { icon } from './icon.js';
import { html, nothing } from './view.js';
import { t, tn } from './words.js';

/**
 * A banner about a problem with the connection, or nothing.
 *
 * @param {ConnectionView | null} connection
 */
export function connectionBanner(connection) {
  if (!connection) return nothing;
  const { state, queued, unstored, release } = connection;
  if (unstored) {
    const words = tn(
      'This browser cannot keep {n} unsent message. Leave this page open until it is sent.',
      'This browser cannot keep {n} unsent messages. Leave this page open until they are sent.',
      unstored,
    );
    return bannerView('warning-circle', words, nothing);
  }
  if (state === 'outdated' || release) {
    return bannerView('arrow-clockwise', t('A newer Parley is here.'), linkButton(t('Load it'), () => location.reload()));
  }
  if (state !== 'offline') return nothing;
  const words = queued
    ? tn(
        'Offline: {n} message is kept and sent later.',
        'Offline: {n} messages are kept and sent later.',
        queued,
      )
    : t('Offline: what you write is kept and sent later.');
  return bannerView('cloud-slash', words, linkButton(t('Try now'), () => void connect().reconnect().catch(() => {})));
}

/** @param {string} words @param {() => void} act */
const linkButton = (words, act) => html`<button class="link" @click=${act}>${words}</button>`;

/** @param {string} picture @param {string} words @param {unknown} verb */
const bannerView = (picture, words, verb) =>
  html`<div class="banner-in">${icon(picture, { size: '16' })}<span>${words}</span>${verb}</div>`;
