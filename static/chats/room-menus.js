/**
 * What the calendar in the head of a chat opens. Loaded after the first paint.
 *
 * @module
 */

import { router } from '../shell/router.js';
import { html } from '../shell/view.js';
import { t } from '../shell/words.js';

/** Jump to a day. @param {string} chat */
export function jumpForm(chat) {
  return html`<form class="jump-form" @submit=${(/** @type {SubmitEvent} */ event) => submitted(event, chat)}>
    <label class="field"><b>${t('Go to a day')}</b>
      <input class="input" type="date" name="date" required></label>
    <button class="btn btn-small">${t('Go')}</button>
  </form>`;
}

/** @param {SubmitEvent} event @param {string} chat */
function submitted(event, chat) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const date = new FormData(form).get('date');
  /** @type {HTMLElement | null} */ (form.closest('[popover]'))?.hidePopover();
  router.go(`/c/${chat}/on/${date}`);
}
