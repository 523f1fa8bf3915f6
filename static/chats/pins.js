/**
 * `<chat-pins>`: the pinned messages of a chat.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { MessageSummaryList } from './message-summary-list.js';
import { changesPins } from './pins-line.js';

/** @extends {MessageSummaryList<Row[]>} */
export class ChatPins extends MessageSummaryList {
  /** @type {Row[] | null} */
  #rows = null;

  fetch() {
    return connect().request('pins', this.chat);
  }

  /** @param {Row[]} rows */
  apply(rows) {
    this.#rows = rows;
  }

  /** @param {Row[]} rows */
  follow(rows) {
    if (this.isFetching || changesPins(this.#rows ?? [], rows)) void this.refresh();
  }

  content() {
    if (!this.#rows) return nothing;
    if (!this.#rows.length) {
      return html`<p class="people-none">${t('Nothing is pinned here. Pin a message, and everyone finds it here.')}</p>`;
    }
    return this.list(this.#rows);
  }
}

customElements.define('chat-pins', ChatPins);
