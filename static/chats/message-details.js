/**
 * `<seen-by>`, `<former-texts>`: dialogs with paged details of one message.
 *
 * @module
 */

/** @import { FormerText, SeenPage } from '../realtime/request-types.js' */

import { avatar, botMark, personColor } from '../accounts/person-color.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { fullDate, shortDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { renderText } from './markup/render.js';
import { errorView } from './error-text.js';

/** @typedef {'seen' | 'delivered' | 'waiting'} ReceiptState */

export class SeenBy extends Dialog {
  chat = '';
  seq = 0;
  /** @type {Partial<Record<ReceiptState, SeenPage>>} */
  #pages = {};

  start() {
    super.start();
    void this.run(() => Promise.all([this.#fetch('seen'), this.#fetch('delivered'), this.#fetch('waiting')]));
  }

  heading() {
    return t('Seen by');
  }

  /** @param {ReceiptState} state */
  async #fetch(state) {
    const before = this.#pages[state];
    const page = await connect().request('seen', this.chat, this.seq, state, before?.next ?? null);
    const people = [...(before?.people ?? []), ...page.people];
    this.#pages[state] = { people, next: page.next, times: { ...before?.times, ...page.times } };
  }

  content() {
    const { seen } = this.#pages;
    return html`${errorView(this.error)}
      ${seen && !seen.people.length
        ? html`<p class="people-none">${t('Nobody yet, or only people who do not share what they have read.')}</p>`
        : nothing}
      ${this.#part('seen', t('Seen'))}${this.#part('delivered', t('Delivered'))}${this.#part('waiting', t('Not yet delivered'))}`;
  }

  /** @param {ReceiptState} state @param {string} words */
  #part(state, words) {
    const { people = [], next = null, times = {} } = this.#pages[state] ?? {};
    if (!people.length) return nothing;
    return html`<section aria-label=${words}><h3 class="people-head">${words}</h3>
      <ul role="list">${people.map(
        (person) => html`<li class="person ${personColor(person.id)}">${avatar(person)}
          <b class="person-name"><bdi>${person.name}</bdi>${botMark(person.bot)}</b><span class="person-more">${
            times[person.id] ? html`<time datetime=${times[person.id]} title=${fullDate(times[person.id])}>${shortDate(times[person.id])}</time>` : html`<bdi>@${person.username}</bdi>`
          }</span></li>`,
      )}</ul>
      ${next ? html`<button class="btn btn-small btn-quiet" @click=${() => void this.run(() => this.#fetch(state))}>${t('More')}</button>` : nothing}</section>`;
  }
}

export class FormerTexts extends Dialog {
  chat = '';
  seq = 0;
  /** @type {FormerText[]} */
  #texts = [];
  /** Cursor of the next page. @type {string | null} */
  #next = null;

  start() {
    super.start();
    void this.run(() => this.#fetch());
  }

  heading() {
    return t('Edit history');
  }

  async #fetch() {
    const page = await connect().request('formerTexts', this.chat, this.seq, this.#next);
    this.#texts = [...this.#texts, ...page.texts];
    this.#next = page.next;
  }

  content() {
    return html`${errorView(this.error)}<ul role="list">${this.#texts.map(
      ({ text, until }) => html`<li class="summary"><div class="summary-top"><span class="summary-time">${t('until {when}', { when: fullDate(until) })}</span></div>
        <div class="text" dir="auto">${renderText(text)}</div></li>`,
    )}</ul>
      ${this.#next ? html`<button class="btn btn-small btn-quiet" @click=${() => void this.run(() => this.#fetch())}>${t('More')}</button>` : nothing}`;
  }
}

customElements.define('seen-by', SeenBy);
customElements.define('former-texts', FormerTexts);

/** @param {string} chat @param {number} seq */
export const openSeenBy = (chat, seq) => openDialog('seen-by', { chat, seq });
/** @param {string} chat @param {number} seq */
export const openFormerTexts = (chat, seq) => openDialog('former-texts', { chat, seq });
