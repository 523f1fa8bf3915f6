/**
 * `<chat-thread>`: a message and its replies.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { RowPage } from '../realtime/request-types.js' */

import { connect } from '../realtime/client.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { MessageSummaryList } from './message-summary-list.js';

/** @extends {MessageSummaryList<[Row, RowPage]>} */
export class ChatThread extends MessageSummaryList {
  root = 0;
  /** @type {(row: Row) => void} */
  reply = () => {};
  /** @type {Row | null} */
  #first = null;
  /** @type {Row[]} */
  #replies = [];
  /** @type {string | null} */
  #next = null;

  fetch() {
    const { chat, root } = this;
    const client = connect();
    return Promise.all([client.request('message', chat, root), client.request('thread', chat, root)]);
  }

  /** @param {[Row, RowPage]} found */
  apply([first, page]) {
    this.#first = first;
    this.#replies = page.rows;
    this.#next = page.next;
  }

  async #more() {
    await this.requestMore(
      () => connect().request('thread', this.chat, this.root, this.#next),
      (page) => {
        this.#replies = [...this.#replies, ...page.rows];
        this.#next = page.next;
      },
    );
  }

  content() {
    const first = this.#first;
    if (!first) return nothing;
    return html`${this.list([first, ...this.#replies])}
      ${this.#next ? html`<button class="btn btn-small btn-quiet" @click=${this.#more}>${t('More')}</button>` : nothing}
      ${this.#replies.length ? nothing : html`<p class="people-none">${t('Nobody has answered yet.')}</p>`}
      ${first.deleted ? nothing : html`<button class="btn btn-small btn-quiet" @click=${() => this.reply(first)}>${t('Reply')}</button>`}`;
  }
}

customElements.define('chat-thread', ChatThread);
