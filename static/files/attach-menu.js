/**
 * The menu of the paper clip: where the files of a message come from.
 *
 * @module
 */

import { icon } from '../shell/icon.js';
import { placeBeside } from '../shell/popover.js';
import { html } from '../shell/view.js';
import { t } from '../shell/words.js';

/** @param {string} id @param {{ fromDevice: () => void, fromKept: () => void }} choose */
export function attachMenu(id, { fromDevice, fromKept }) {
  return html`<div class="menu anchored attach-menu" id=${id} popover role="group" aria-label=${t('Add files')} @toggle=${toggled}>
    <button type="button" class="menu-item" popovertarget=${id} popovertargetaction="hide" @click=${fromDevice}>${icon('paperclip')}${t('From this device')}</button>
    <button type="button" class="menu-item" popovertarget=${id} popovertargetaction="hide" @click=${fromKept}>${icon('file')}${t('Your files')}</button>
  </div>`;
}

/** @param {ToggleEvent} event */
function toggled({ newState, target }) {
  const menu = /** @type {HTMLElement} */ (target);
  const from = menu.parentElement?.querySelector(`[popovertarget=${menu.id}]`);
  if (newState !== 'open' || !from) return;
  placeBeside(menu, from);
  menu.querySelector('button')?.focus();
}
