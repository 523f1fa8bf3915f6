/**
 * `<saved-messages>`: the messages that the reader saved, from all chats.
 *
 * @module
 */

/** @import { SavedRow } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';
import { shelf } from '../realtime/shelf.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { messageSummaryView } from './message-summary.js';
import { chatTitle } from './list.js';
import { errorText, errorView } from './error-text.js';

export class SavedMessages extends Dialog {
  /** @type {SavedRow[] | null} */
  #saved = null;
  #error = '';

  start() {
    super.start();
    void this.#fetch();
  }

  heading() {
    return t('Kept messages');
  }

  async #fetch() {
    try {
      this.#saved = await shelf(connect()).saved();
    } catch (error) {
      this.#error = errorText(error);
    }
    this.update();
  }

  content() {
    if (this.#error) return errorView(this.#error);
    if (!this.#saved) return nothing;
    if (!this.#saved.length) {
      return html`<p class="people-none">${t('You keep nothing yet. “Keep for me” in the menu of a message puts it here.')}</p>`;
    }
    const chats = connect().chats.value ?? [];
    return html`<ul role="list">${this.#saved.map(({ chat, row, name, people }) => {
      const about = chats.find(({ id }) => id === chat);
      return messageSummaryView(row, { chat, name, people, where: about ? chatTitle(about) : '' });
    })}</ul>`;
  }
}

customElements.define('saved-messages', SavedMessages);

export const openSaved = () => openDialog('saved-messages', {});
