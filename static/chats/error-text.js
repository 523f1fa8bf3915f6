/**
 * Tells the reader why an action failed.
 *
 * @module
 */

import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

/** Why an action failed, and that nothing was changed. @param {unknown} error */
export function errorText(error) {
  const code = error && typeof error === 'object' && 'code' in error ? error.code : '';
  switch (code) {
    case 'offline':
      return t('You are offline. Nothing was changed; try again once you are back.');
    case 'rate_limited':
      return t('That was a lot at once. Nothing was changed; wait a moment.');
    case 'forbidden':
      return t('That is not yours to do (any more). Nothing was changed.');
    case 'full':
      return t('There is no room for more. Nothing was changed.');
    case 'not_contacts':
      return t('You have to be in touch for that, and are not (any more). Nothing was changed.');
    case 'not_found':
      return t('It is not there any more. Nothing was changed.');
    case 'not_possible':
      return t('That is not possible as things stand. Nothing was changed.');
    case 'too_long':
      return t('This is too long. Nothing was changed.');
    case 'invalid':
    case 'empty':
      return t('This cannot be taken as it is. Nothing was changed.');
    default:
      return t('That did not work. Nothing was changed; try again.');
  }
}

/** An alert; nothing for an empty text. @param {string} text */
export const errorView = (text) =>
  text ? html`<p class="error" role="alert">${text}</p>` : nothing;
