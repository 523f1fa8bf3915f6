/**
 * What the lists of messages beside a chat share: fetched anew whenever something of them changed.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */

import { View, html } from '../shell/view.js';
import { t } from '../shell/words.js';
import { messageSummaryView } from './message-summary.js';
import { errorText } from './error-text.js';

/** @template Found */
export class MessageSummaryList extends View {
  chat = '';
  /** @type {Record<string, Person>} */
  people = {};
  #stamp = '';
  #error = '';
  #refreshes = 0;
  /** Questions whose answers are on their way. */
  #pending = 0;

  /** Changes when what is listed has changed. @param {string} stamp */
  set stamp(stamp) {
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    if (this.isConnected) void this.refresh();
  }

  start() {
    void this.refresh();
  }

  /** Ask the server for all of it. */
  async refresh() {
    this.#refreshes += 1;
    await this.request(() => this.fetch(), (found) => this.apply(found));
  }

  /**
   * Show what comes, unless all was refresh for anew meanwhile; a failure is shown with a way on.
   *
   * @template Response
   * @param {() => Promise<Response>} fetch
   * @param {(response: Response) => void} apply
   */
  async request(fetch, apply) {
    const refresh = this.#refreshes;
    this.#pending += 1;
    try {
      const response = await fetch();
      if (refresh !== this.#refreshes) return;
      apply(response);
      this.#error = '';
    } catch (error) {
      if (refresh !== this.#refreshes) return;
      this.#error = errorText(error);
    } finally {
      this.#pending -= 1;
    }
    this.update();
  }

  /**
   * Ask for what follows, unless an response is on its way that may bring it, or other lines.
   *
   * @template Response
   * @param {() => Promise<Response>} fetch
   * @param {(response: Response) => void} apply
   */
  async requestMore(fetch, apply) {
    if (!this.#pending) await this.request(fetch, apply);
  }

  /** What is to be listed. @abstract @returns {Promise<Found>} */
  fetch() {
    throw new Error('a list fetches what it lists');
  }

  /** Keep it. @abstract @param {Found} found */
  apply(found) {
    throw new Error(`a list keeps ${found}`);
  }

  /** The list, once it is there. @abstract @returns {unknown} */
  content() {
    throw new Error('a list shows what it lists');
  }

  /** @param {Row[]} rows */
  list(rows) {
    const { chat, people } = this;
    return html`<ul role="list">${rows.map((row) =>
      messageSummaryView(row, { chat, people, name: people[row.sender]?.name ?? '' }),
    )}</ul>`;
  }

  view() {
    if (this.#error) {
      return html`<p class="error" role="alert">${this.#error} <button class="link" @click=${this.refresh}>${t('Try again')}</button></p>`;
    }
    return this.content();
  }
}
