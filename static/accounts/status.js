/**
 * `<set-status>`: set the reader's status and when it ends.
 *
 * @module
 */

/** @import { Status } from '../realtime/wire.js' */

import { errorView } from '../chats/error-text.js';
import { Http } from '../realtime/both/http.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

const HOUR = 3_600_000;
const EMOJI = ['', '🌿', '💬', '🎧', '📚', '🍽️', '🚆', '🏖️', '🤒', '🌙'];

export class SetStatus extends Dialog {
  /** @type {Status | null} */
  status = null;

  heading() {
    return t('Your status');
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const text = String(form.get('text') ?? '').trim();
    void this.#set({ text, emoji: String(form.get('emoji') ?? ''), until: until(String(form.get('until'))) });
  }

  /** @param {Status} status */
  async #set(status) {
    const http = new Http(location.origin, () => {});
    http.csrf = document.body.dataset.csrf ?? '';
    if (await this.run(() => http.put('/me/status', status))) this.close();
  }

  content() {
    const { text = '', emoji = '' } = this.status ?? {};
    const all = EMOJI.includes(emoji) ? EMOJI : [...EMOJI, emoji];
    return html`<form class="dialog-form" @submit=${this.#submitted}>
      <label class="field"><b>${t('What are you doing?')}</b>
        <input class="input" name="text" maxlength="80" autocomplete="off" dir="auto" value=${text}></label>
      <fieldset class="field"><legend>${t('Icon')}</legend><div class="emoji-options">${all.map(
        (one) => html`<label class="emoji-option"><input type="radio" name="emoji" value=${one} ?checked=${one === emoji}
          aria-label=${one || t('None')}><span aria-hidden="true">${one || '∅'}</span></label>`,
      )}</div></fieldset>
      <label class="field"><b>${t('Until when')}</b>
        <select class="input" name="until">
          <option value="">${t('Until I change it')}</option>
          <option value="1">${t('For an hour')}</option>
          <option value="4">${t('For four hours')}</option>
          <option value="day">${t('For today')}</option>
        </select></label>
      ${errorView(this.error)}
      <div class="panel-buttons"><button class="btn">${t('Save')}</button>
        ${this.status ? html`<button type="button" class="btn btn-quiet" @click=${() => this.#set({ text: '', emoji: '', until: null })}>${t('Clear')}</button>` : nothing}</div>
    </form>`;
  }
}

/** @param {string} choice @returns {string | null} */
function until(choice) {
  if (!choice) return null;
  if (choice !== 'day') return new Date(Date.now() + Number(choice) * HOUR).toISOString();
  const end = new Date();
  end.setHours(24, 0, 0, 0);
  return end.toISOString();
}

customElements.define('set-status', SetStatus);

/** A status from another program is not the reader's to edit: they set one of their own.
 * @param {Status | null} status */
export const openStatus = (status) => openDialog('set-status', { status: status?.source ? null : status });
