/**
 * A link to give to others: copied, shown, and as a QR code.
 *
 * @module
 */

import { fullDate } from '../shell/times.js';
import { html } from '../shell/view.js';
import { count, t, tn } from '../shell/words.js';

const HOURS_OF_DAY = 24;

/**
 * Some browsers allow it only right after a press. The address can be copied by hand.
 *
 * @param {string} text
 * @returns {Promise<boolean>} whether it was copied
 */
export const copyText = (text) =>
  navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );

/** Said right after a link was made. @param {boolean} isCopied @param {number} hours */
export function madeText(isCopied, hours) {
  const days = hours / HOURS_OF_DAY;
  return isCopied
    ? tn('Link copied, valid {n} day', 'Link copied, valid {n} days', days)
    : tn('Link created, valid {n} day. Copy it here.', 'Link created, valid {n} days. Copy it here.', days);
}

/** @param {string} url */
export const linkField = (url) =>
  html`<input class="input" readonly dir="ltr" aria-label=${t('The link')} .value=${url}
    @focus=${(/** @type {Event} */ { target }) => /** @type {HTMLInputElement} */ (target).select()}>`;

/** @param {string} path of its picture @param {string} url */
export const linkPicture = (path, url) =>
  html`<img class="qr" src="${path}?${encodeURIComponent(url.slice(-8))}" alt=${t('The same link, for a camera')}>`;

/** @param {{ expires_at: string, uses: number, most_uses?: number | null }} link */
export function useText({ expires_at, uses, most_uses = null }) {
  const used =
    most_uses === null
      ? tn('used {n} time', 'used {n} times', uses)
      : t('used {n} of {most} times', { n: count(uses), most: count(most_uses) });
  return `${t('until {when}', { when: fullDate(expires_at) })}, ${used}`;
}
