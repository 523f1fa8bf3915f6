/**
 * Why a message was not sent, and what can be done. Loaded after the first paint.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { RowContext } from './row.js' */

import { html } from '../shell/view.js';
import { t } from '../shell/words.js';

/**
 * @param {Row} row
 * @param {Pick<RowContext, 'retry' | 'discard'>} context
 */
export function refusedView(row, { retry, discard }) {
  return html`<div class="row-refused">
    <span>${refusalText(row.failure)}</span>
    <button class="link" tabindex="-1" @click=${() => retry(row)}>${t('Send again')}</button>
    <button class="link" tabindex="-1" @click=${() => discard(row)}>${t('Back to writing')}</button>
  </div>`;
}

/**
 * Why a message was refused, and that its text is not lost.
 *
 * @param {{ code: string, detail?: string } | null} failure
 */
export function refusalText(failure) {
  switch (failure?.code) {
    case 'not_contacts':
      return t('Not sent: you are no longer contacts. Your words are kept here.');
    case 'too_long':
      return t('Not sent: this is too long. Your words are kept here.');
    case 'not_found':
      return t('Not sent: this chat is not yours any more. Your words are kept here.');
    case 'chat_closed':
      return t('Not sent: moderators have closed this group. Your words are kept here.');
    case 'empty':
      return t('Not sent: there was nothing in it to read.');
    case 'rate_limited':
      return t('Not sent: too many at once. Your words are kept here.');
    case 'against_rules':
      return t('Not sent: a rule of this server does not allow this text. Your words are kept here.');
    case 'plugin_refused':
      return t('Not sent: {why} Your words are kept here.', { why: failure.detail ?? '' });
    case 'too_many_held':
      return t('Not sent: too many of your messages wait for a moderator. Your words are kept here.');
    case 'refused':
      return t('Not sent: a moderator refused it. Your words are kept here.');
    case 'undecided':
      return t('Not sent: no moderator decided in time. Your words are kept here.');
    case 'new_account':
      return t('Not sent: new accounts can send only a few links. Your words are kept here.');
    case 'file_too_large':
    case 'storage_full':
    case 'file_gone':
    case 'unreadable':
    case 'unusable':
    case 'no_picture':
    case 'too_many_pixels':
      return t('Not sent: a file could not be uploaded. Everything is kept here.');
    default:
      return t('Not sent: the server refused it. Your words are kept here.');
  }
}
