/**
 * `<suspension-notice>`: says on the signed-out screen that, why and until when the account is
 * suspended. Empty for everybody else.
 *
 * @module
 */

import { fullDate } from '../shell/times.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

export class SuspensionNotice extends View {
  /** @type {{ reason: string, until: string | null } | null} */
  #suspension = null;

  start() {
    void this.#load();
  }

  async #load() {
    try {
      const response = await fetch('/suspended/state', { credentials: 'same-origin', cache: 'no-store' });
      if (response.status === 200) this.#suspension = await response.json();
    } catch {
      // Offline: the page after the sign-in says it, too.
    }
    this.update();
  }

  view() {
    if (!this.#suspension) return nothing;
    const { reason, until } = this.#suspension;
    return html`<div class="suspension" role="status">
      <h2>${until ? t('Your account is suspended until {when}', { when: fullDate(until) }) : t('Your account is banned')}</h2>
      <p class="said" dir="auto">${reason}</p>
      <a href="/suspended">${t('Answer the moderators')}</a>
    </div>`;
  }
}

customElements.define('suspension-notice', SuspensionNotice);
