/**
 * The menu of the paper clip: where the files of a message come from, and what plugins write, such as
 * a poll.
 *
 * @module
 */

import { icon } from '../shell/icon.js';
import { placeBeside } from '../shell/popover.js';
import { html } from '../shell/view.js';
import { t } from '../shell/words.js';

/** Stands for the id of the chat in the addresses of the page. */
const ANY_CHAT = '00000000-0000-0000-0000-000000000000';

/**
 * @param {string} id
 * @param {{ chat: string, replyTo: number | undefined }} place where a plugin writes
 * @param {{ fromDevice: () => void, fromKept: () => void }} choose
 */
export function attachMenu(id, place, { fromDevice, fromKept }) {
  return html`<div class="menu anchored attach-menu" id=${id} popover role="group" aria-label=${t('Add files and more')} @toggle=${toggled}>
    <button type="button" class="menu-item" popovertarget=${id} popovertargetaction="hide" @click=${fromDevice}>${icon('paperclip')}${t('From this device')}</button>
    <button type="button" class="menu-item" popovertarget=${id} popovertargetaction="hide" @click=${fromKept}>${icon('file')}${t('Your files')}</button>
    ${pluginPages(place).map(([title, picture, href]) => html`<a class="menu-item" href=${href}>${icon(picture)}<bdi>${title}</bdi></a>`)}
  </div>`;
}

/** Title, icon and address of each. @param {{ chat: string, replyTo: number | undefined }} place */
function pluginPages({ chat, replyTo }) {
  /** @type {[string, string, string][]} */
  const pages = JSON.parse(document.body.dataset.pluginPages || '[]');
  const query = replyTo ? `?reply_to=${replyTo}` : '';
  return pages.map(([title, picture, address]) => [title, picture, address.replace(ANY_CHAT, chat) + query]);
}

/** @param {ToggleEvent} event */
function toggled({ newState, target }) {
  const menu = /** @type {HTMLElement} */ (target);
  const from = menu.parentElement?.querySelector(`[popovertarget=${menu.id}]`);
  if (newState !== 'open' || !from) return;
  placeBeside(menu, from);
  menu.querySelector('button')?.focus();
}
