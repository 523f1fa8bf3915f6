/**
 * `<saved-messages>`: the messages that the reader saved, from all chats.
 *
 * @module
 */

/** @import { SavedRow } from '../realtime/request-types.js' */

import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { messageSummaryView } from './message-summary.js';
import { chatTitle } from './list.js';
import { errorView } from './error-text.js';

export class SavedMessages extends Dialog {
  /** @type {SavedRow[] | null} */
  #saved = null;

  start() {
    super.start();
    void this.run(async () => (this.#saved = await connect().request('saved')));
  }

  heading() {
    return t('Saved messages');
  }

  content() {
    if (!this.#saved) return errorView(this.error);
    if (!this.#saved.length) {
      return html`<p class="people-none">${t('Nothing is saved yet. “Save” in the menu of a message puts it here.')}</p>`;
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
