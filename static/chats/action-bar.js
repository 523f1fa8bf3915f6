/**
 * The bar of buttons beside a message, and which actions the reader may take.
 *
 * @module
 */

/** @import { ChatView, Row } from '../realtime/contract.js' */

import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

/**
 * @typedef {object} BarActions
 * @property {(row: Row, from: Element) => void} react opens the emoji picker
 * @property {(row: Row) => void} reply
 * @property {(row: Row, from: Element) => void} openMenu
 */

/** @param {Row} row @param {ChatView | null} chat */
export const canDelete = (row, chat) =>
  row.mine || (chat?.kind === 'group' && chat.role !== 'member');

/** @param {Row} row @param {BarActions} actions @param {{ writable: boolean }} chat */
export function actionBarView(row, { react, reply, openMenu }, { writable }) {
  /** @param {string} name @param {string} words @param {(from: Element) => void} act */
  const tool = (name, words, act) => html`<button class="tool" tabindex="-1" aria-label=${words} title=${words}
    @click=${(/** @type {Event} */ event) => act(/** @type {Element} */ (event.currentTarget))}>${icon(name, { flip: name === 'arrow-bend-up-left' })}</button>`;
  return html`<div class="action-bar" role="group" aria-label=${t('What to do with this message')}>
    ${writable ? tool('smiley', t('React'), (from) => react(row, from)) : nothing}
    ${writable ? tool('arrow-bend-up-left', t('Reply'), () => reply(row)) : nothing}
    ${tool('dots-three', t('More'), (from) => openMenu(row, from))}
  </div>`;
}
