/**
 * `<seen-by>`, `<former-texts>`: dialogs with paged details of one message.
 *
 * @module
 */

/** @import { FormerText } from '../realtime/request-types.js' */
/** @import { Person } from '../realtime/wire.js' */

import { avatar, personColor } from '../accounts/person-color.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { fullDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { renderText } from './markup/render.js';
import { errorView } from './error-text.js';

class MessageDetails extends Dialog {
  chat = '';
  seq = 0;
  /** Cursor of the next page. @type {string | null} */
  next = null;

  start() {
    super.start();
    void this.#fetch();
  }

  async #fetch() {
    await this.run(async () => (this.next = await this.fetch()));
  }

  /** Fetch the page at `next`. @returns {Promise<string | null>} cursor of the page after it */
  async fetch() {
    return null;
  }

  more() {
    if (!this.next) return nothing;
    return html`<button class="btn btn-small btn-quiet" @click=${() => void this.#fetch()}>${t('More')}</button>`;
  }
}

export class SeenBy extends MessageDetails {
  /** @type {Person[] | null} */
  #people = null;

  heading() {
    return t('Seen by');
  }

  async fetch() {
    const page = await connect().request('seen', this.chat, this.seq, this.next);
    this.#people = [...(this.#people ?? []), ...page.people];
    return page.next;
  }

  content() {
    return html`${errorView(this.error)}
      ${this.#people && !this.#people.length
        ? html`<p class="people-none">${t('Nobody yet, or only people who do not share what they have read.')}</p>`
        : nothing}
      <ul role="list">${(this.#people ?? []).map(
        (person) => html`<li class="person ${personColor(person.id)}">${avatar(person)}
          <b class="person-name"><bdi>${person.name}</bdi></b><span class="person-more"><bdi>@${person.username}</bdi></span></li>`,
      )}</ul>
      ${this.more()}`;
  }
}

export class FormerTexts extends MessageDetails {
  /** @type {FormerText[]} */
  #texts = [];

  heading() {
    return t('Edit history');
  }

  async fetch() {
    const page = await connect().request('formerTexts', this.chat, this.seq, this.next);
    this.#texts = [...this.#texts, ...page.texts];
    return page.next;
  }

  content() {
    return html`${errorView(this.error)}<ul role="list">${this.#texts.map(
      ({ text, until }) => html`<li class="summary"><div class="summary-top"><span class="summary-time">${t('until {when}', { when: fullDate(until) })}</span></div>
        <div class="text" dir="auto">${renderText(text)}</div></li>`,
    )}</ul>
      ${this.more()}`;
  }
}

customElements.define('seen-by', SeenBy);
customElements.define('former-texts', FormerTexts);

/** @param {string} chat @param {number} seq */
export const openSeenBy = (chat, seq) => openDialog('seen-by', { chat, seq });
/** @param {string} chat @param {number} seq */
export const openFormerTexts = (chat, seq) => openDialog('former-texts', { chat, seq });
