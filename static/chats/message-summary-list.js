/**
 * Base of the message lists in the side panel, which follow what changes in their chat.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */
/** @import { RoomChange } from './side-panel.js' */

import { View, html, nothing } from '../shell/view.js';
import { connect } from '../realtime/client.js';
import { t } from '../shell/words.js';
import { messageSummaryView } from './message-summary.js';
import { errorText } from './error-text.js';

/** @template Found */
export class MessageSummaryList extends View {
  chat = '';
  /** @type {Record<string, Person>} */
  people = {};
  /** Tells of entries that came or changed. @type {EventTarget | null} */
  changes = null;
  #error = '';
  #refreshes = 0;
  /** Requests in flight. */
  #pending = 0;

  start() {
    if (this.changes) {
      this.listen(this.changes, 'changed', (/** @type {RoomChange} */ { detail: rows }) =>
        rows ? this.follow(rows) : void this.refresh());
    }
    void this.refresh();
    // What could not be fetched comes once the server can be reached.
    this.addCleanup(connect().watchConnection(({ state }) => void (state === 'online' && this.#error && this.refresh())));
  }

  /** Entries of the chat came or changed. @param {Row[]} _ */
  follow(_) {}

  /** Whether a response may be older than a change. */
  get isFetching() {
    return this.#pending > 0;
  }

  /** Fetch the whole list. */
  async refresh() {
    this.#refreshes += 1;
    await this.request(() => this.fetch(), (found) => this.apply(found));
  }

  /**
   * Apply the response, unless a refresh started after the request. An error is shown with a retry.
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
   * Fetch the next page, unless a request in flight may bring it or replace the list.
   *
   * @template Response
   * @param {() => Promise<Response>} fetch
   * @param {(response: Response) => void} apply
   */
  async requestMore(fetch, apply) {
    if (!this.#pending) await this.request(fetch, apply);
  }

  /** Fetch the content of the list. @abstract @returns {Promise<Found>} */
  fetch() {
    throw new Error('fetch() is not implemented');
  }

  /** Store what was fetched. @abstract @param {Found} found */
  apply(found) {
    throw new Error(`apply() is not implemented: ${found}`);
  }

  /** The list as a template. @abstract @returns {unknown} */
  content() {
    throw new Error('content() is not implemented');
  }

  /** @param {Row[]} rows */
  list(rows) {
    const { chat, people } = this;
    return html`<ul role="list">${rows.map((row) =>
      messageSummaryView(row, { chat, people, name: people[row.sender]?.name ?? '' }),
    )}</ul>`;
  }

  /** Why it could not be fetched. */
  problem() {
    if (!this.#error) return nothing;
    return html`<p class="error" role="alert">${this.#error} <button class="link" @click=${this.refresh}>${t('Try again')}</button></p>`;
  }

  view() {
    return this.#error ? this.problem() : this.content();
  }
}
