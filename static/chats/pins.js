/**
 * `<chat-pins>`: what is pinned in a chat.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */

import { connect } from '../realtime/client.js';
import { shelf } from '../realtime/shelf.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { briefView } from './brief.js';
import { problem } from './problem.js';

export class ChatPins extends View {
  chat = '';
  /** @type {Record<string, Person>} */
  people = {};
  #stamp = '';
  /** @type {Row[] | null} */
  #rows = null;
  #wrong = '';

  /** Changes when what is pinned has changed. @param {string} stamp */
  set stamp(stamp) {
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    if (this.isConnected) void this.#fetch();
  }

  start() {
    void this.#fetch();
  }

  async #fetch() {
    try {
      this.#rows = await shelf(connect()).pins(this.chat);
      this.#wrong = '';
    } catch (error) {
      this.#wrong = problem(error);
    }
    this.update();
  }

  view() {
    if (this.#wrong) {
      return html`<p class="wrong" role="alert">${this.#wrong} <button class="link" @click=${this.#fetch}>${t('Try again')}</button></p>`;
    }
    if (!this.#rows) return nothing;
    if (!this.#rows.length) {
      return html`<p class="people-none">${t('Nothing is pinned here. Pin a message, and everybody finds it here.')}</p>`;
    }
    const { chat, people } = this;
    return html`<ul role="list">${this.#rows.map((row) =>
      briefView(row, { chat, people, name: people[row.sender]?.name ?? '' }),
    )}</ul>`;
  }
}

customElements.define('chat-pins', ChatPins);
