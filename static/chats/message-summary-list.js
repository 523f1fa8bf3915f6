/**
 * What the lists of messages beside a chat share: fetched anew whenever something of them changed.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */

import { View, html } from '../shell/view.js';
import { t } from '../shell/words.js';
import { briefView } from './message-summary.js';
import { problem } from './error-text.js';

/** @template Found */
export class Briefs extends View {
  chat = '';
  /** @type {Record<string, Person>} */
  people = {};
  #stamp = '';
  #wrong = '';
  #asked = 0;
  /** Questions whose answers are on their way. */
  #waiting = 0;

  /** Changes when what is listed has changed. @param {string} stamp */
  set stamp(stamp) {
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    if (this.isConnected) void this.again();
  }

  start() {
    void this.again();
  }

  /** Ask the server for all of it. */
  async again() {
    this.#asked += 1;
    await this.ask(() => this.fetch(), (found) => this.take(found));
  }

  /**
   * Show what comes, unless all was asked for anew meanwhile; a failure is shown with a way on.
   *
   * @template Answer
   * @param {() => Promise<Answer>} question
   * @param {(answer: Answer) => void} take
   */
  async ask(question, take) {
    const asked = this.#asked;
    this.#waiting += 1;
    try {
      const answer = await question();
      if (asked !== this.#asked) return;
      take(answer);
      this.#wrong = '';
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#wrong = problem(error);
    } finally {
      this.#waiting -= 1;
    }
    this.update();
  }

  /**
   * Ask for what follows, unless an answer is on its way that may bring it, or other lines.
   *
   * @template Answer
   * @param {() => Promise<Answer>} question
   * @param {(answer: Answer) => void} take
   */
  async more(question, take) {
    if (!this.#waiting) await this.ask(question, take);
  }

  /** What is to be listed. @abstract @returns {Promise<Found>} */
  fetch() {
    throw new Error('a list fetches what it lists');
  }

  /** Keep it. @abstract @param {Found} found */
  take(found) {
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
      briefView(row, { chat, people, name: people[row.sender]?.name ?? '' }),
    )}</ul>`;
  }

  view() {
    if (this.#wrong) {
      return html`<p class="wrong" role="alert">${this.#wrong} <button class="link" @click=${this.again}>${t('Try again')}</button></p>`;
    }
    return this.content();
  }
}
