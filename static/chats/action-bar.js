/**
 * The bar of buttons beside a message, and which actions the reader may take.
 *
 * @module
 */

/** @import { ChatView, Row } from '../realtime/contract.js' */
/** @import { Act, RoomAction } from './room-actions.js' */

import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

/** @param {Row} row @param {ChatView | null} chat */
export const canDelete = (row, chat) =>
  row.mine || (chat?.kind === 'group' && chat.role !== 'member');

/** @param {Row} row @param {Act} act @param {{ writable: boolean }} chat */
export function actionBarView(row, act, { writable }) {
  /** @param {string} name @param {string} words @param {RoomAction} action */
  const tool = (name, words, action) => html`<button class="tool" tabindex="-1" aria-label=${words} title=${words}
    @click=${(/** @type {Event} */ event) => act(action, row, /** @type {Element} */ (event.currentTarget))}>${icon(name, { flip: name === 'arrow-bend-up-left' })}</button>`;
  return html`<div class="action-bar" role="group" aria-label=${t('What to do with this message')}>
    ${writable ? tool('smiley', t('React'), 'react') : nothing}
    ${writable ? tool('arrow-bend-up-left', t('Reply'), 'reply') : nothing}
    ${tool('dots-three', t('More'), 'openMenu')}
  </div>`;
}
