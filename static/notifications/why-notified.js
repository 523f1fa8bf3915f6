/**
 * `<why-notified>`: why the reader was, or was not, notified about a message.
 *
 * @module
 */

/** @import { NotificationRecord } from './api.js' */

import { errorView } from '../chats/error-text.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { fullDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { api } from './api.js';
import { outcomeText, reasonText, stateText } from './labels.js';

export class WhyNotified extends Dialog {
  chat = '';
  seq = 0;
  /** @type {NotificationRecord | null} */
  #record = null;

  start() {
    super.start();
    void this.run(async () => (this.#record = await api.why(this.chat, this.seq)));
  }

  heading() {
    return t('Why was I (not) notified?');
  }

  content() {
    const record = this.#record;
    if (!record) return errorView(this.error);
    const { outcome, reason, at, due_at, late, devices } = record;
    return html`<p class="why-outcome" role="status">${outcomeText(outcome)}</p>
      <p>${reasonText(reason)}</p>
      ${outcome === 'pending' && due_at ? html`<p>${t('It is due on {when}.', { when: fullDate(due_at) })}</p>` : nothing}
      ${at && outcome !== 'skipped' ? html`<p class="people-none">${fullDate(at)}</p>` : nothing}
      ${late ? html`<p>${t('You read it while it was already on its way.')}</p>` : nothing}
      ${devices.length ? html`<ul role="list">${devices.map(device)}</ul>` : nothing}
      <p class="page-buttons"><a class="link" href="/settings/notifications">${t('Change notifications')}</a></p>`;
  }
}

/** @param {NotificationRecord['devices'][number]} device */
function device({ name, host, state, status, attempts }) {
  const tries = attempts > 1 ? tn('{n} attempt', '{n} attempts', attempts) : '';
  const answer = state !== 'sent' && status ? t('answer {status}', { status }) : '';
  return html`<li class="device"><div class="device-name"><b><bdi>${name || host}</bdi></b>
    <div class="device-more">${[stateText(state), answer, tries].filter(Boolean).join(', ')}</div></div></li>`;
}

customElements.define('why-notified', WhyNotified);

/** @param {string} chat @param {number} seq */
export const openWhyNotified = (chat, seq) => openDialog('why-notified', { chat, seq });
