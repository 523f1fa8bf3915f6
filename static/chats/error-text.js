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
      return t('You are offline. Nothing was changed; try again when you are online.');
    case 'rate_limited':
      return t('Too many requests. Nothing was changed; wait a moment and try again.');
    case 'new_account':
      return t('New accounts can do this only a few times. Nothing was changed; try again tomorrow.');
    case 'against_rules':
    case 'plugin_refused':
      return t('A rule of this server does not allow this text. Nothing was changed.');
    case 'not_as_edit':
      return t('Moderators read such a text before it is sent. Nothing was changed; send it as a new message.');
    case 'forbidden':
      return t('You are not allowed to do that. Nothing was changed.');
    case 'chat_closed':
      return t('Moderators have closed this group. Nothing was changed.');
    case 'full':
      return t('The limit is reached. Nothing was changed.');
    case 'not_contacts':
      return t('This person is not your contact, so you cannot do that. Nothing was changed.');
    case 'not_found':
      return t('This no longer exists. Nothing was changed.');
    case 'greeted':
      return t('You have said something to this person today. Say the rest once they have accepted.');
    case 'not_possible':
      return t('That is not possible now. Nothing was changed.');
    case 'too_long':
      return t('This is too long. Nothing was changed.');
    case 'invalid':
    case 'empty':
      return t('This is not valid. Nothing was changed.');
    default:
      return t('That did not work. Nothing was changed; try again.');
  }
}

/** An alert; nothing for an empty text. @param {string} text */
export const errorView = (text) =>
  text ? html`<p class="error" role="alert">${text}</p>` : nothing;
