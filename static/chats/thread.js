/**
 * `<chat-thread>`: a message with all its replies.
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

export class ChatThread extends View {
  chat = '';
  root = 0;
  /** @type {Record<string, Person>} */
  people = {};
  /** @type {(row: Row) => void} */
  reply = () => {};
  #stamp = '';
  /** @type {Row | null} */
  #first = null;
  /** @type {Row[]} */
  #replies = [];
  /** @type {string | null} */
  #next = null;
  #wrong = '';
  #asked = 0;

  /** Changes when something of the thread has changed. @param {string} stamp */
  set stamp(stamp) {
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    if (this.isConnected) void this.#fetch();
  }

  start() {
    void this.#fetch();
  }

  async #fetch() {
    const asked = ++this.#asked;
    const kept = shelf(connect());
    try {
      const [first, page] = await Promise.all([
        kept.message(this.chat, this.root),
        kept.thread(this.chat, this.root),
      ]);
      if (asked !== this.#asked) return;
      this.#first = first;
      this.#replies = page.rows;
      this.#next = page.next;
      this.#wrong = '';
    } catch (error) {
      this.#wrong = problem(error);
    }
    this.update();
  }

  async #more() {
    const asked = this.#asked;
    try {
      const page = await shelf(connect()).thread(this.chat, this.root, this.#next);
      if (asked !== this.#asked) return;
      this.#replies = [...this.#replies, ...page.rows];
      this.#next = page.next;
    } catch (error) {
      this.#wrong = problem(error);
    }
    this.update();
  }

  view() {
    if (this.#wrong) {
      return html`<p class="wrong" role="alert">${this.#wrong} <button class="link" @click=${this.#fetch}>${t('Try again')}</button></p>`;
    }
    const first = this.#first;
    if (!first) return nothing;
    const { chat, people } = this;
    return html`<ul role="list">${[first, ...this.#replies].map((row) =>
        briefView(row, { chat, people, name: people[row.sender]?.name ?? '' }),
      )}</ul>
      ${this.#next ? html`<button class="btn btn-small btn-quiet" @click=${this.#more}>${t('More')}</button>` : nothing}
      ${this.#replies.length ? nothing : html`<p class="people-none">${t('Nobody has answered yet.')}</p>`}
      ${first.deleted ? nothing : html`<button class="btn btn-small btn-quiet" @click=${() => this.reply(first)}>${t('Reply')}</button>`}`;
  }
}

customElements.define('chat-thread', ChatThread);
