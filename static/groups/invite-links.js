/**
 * `<invite-links>`: the invite links of a group.
 *
 * @module
 */

/** @import { GroupLink } from '../realtime/request-types.js' */

import { errorText, errorView } from '../chats/error-text.js';
import { copyText, linkField, linkPicture, madeText, useText } from '../contacts/link-view.js';
import { connect } from '../realtime/client.js';
import { focusQuestion, questionView } from '../shell/question.js';
import { View, html, nothing } from '../shell/view.js';
import { count, t, tn } from '../shell/words.js';

const HOURS_OF_DAY = 24;
const DAYS = [1, 7, 30, 365];
const USES = [1, 5, 25, 100];

export class InviteLinks extends View {
  chat = '';
  /** @type {number | null} how many are in the group */
  #members = null;
  /** @type {GroupLink[]} */
  #links = [];
  #hours = 7 * HOURS_OF_DAY;
  /** @type {number | null} null: any number */
  #mostUses = null;
  /** Said about the link made last. */
  #made = '';
  /** Id of the link that was copied last, of the one whose QR code is shown, and of the one that the
   * reader is asked about. */
  #copied = '';
  #pictured = '';
  #asking = '';
  #error = '';
  /** How often something was asked of the server. */
  #asked = 0;

  start() {
    this.draw();
    void this.#list();
    // Others make and revoke links, too, which no event tells.
    this.listen(window, 'focus', () => void this.#renew());
    this.listen(document, 'visibilitychange', () => void (document.visibilityState === 'visible' && this.#renew()));
    this.listen(this, 'focusin', ({ relatedTarget }) => void (this.contains(/** @type {Node?} */ (relatedTarget)) || this.#renew()));
  }

  /** List them again, unless something else is asked meanwhile, which may change them. */
  async #renew() {
    const asked = ++this.#asked;
    const links = await connect().request('links', this.chat).catch(() => null);
    if (!links || asked !== this.#asked) return;
    this.#links = links;
    this.update();
  }

  /** Somebody who comes by a link changes it: it was used once more. @param {number | null} members */
  set members(members) {
    const isKnown = this.#members !== null;
    const changed = members !== this.#members;
    this.#members = members;
    if (isKnown && changed) void this.#list();
  }

  async #list() {
    await this.#ask(async () => {
      this.#links = await connect().request('links', this.chat);
    });
  }

  /** @param {() => Promise<unknown>} act */
  async #ask(act) {
    this.#error = '';
    this.#asked++;
    try {
      await act();
    } catch (error) {
      this.#error = errorText(error);
    }
    this.update();
  }

  async #make() {
    await this.#ask(async () => {
      const terms = { hours: this.#hours, most_uses: this.#mostUses };
      const link = await connect().request('makeLink', this.chat, terms);
      this.#links = [link, ...this.#links];
      const isCopied = await copyText(link.url ?? '');
      this.#copied = isCopied ? link.id : '';
      this.#made = madeText(isCopied, terms.hours);
    });
  }

  /** @param {GroupLink} link */
  async #copy({ id, url }) {
    this.#copied = (await copyText(url ?? '')) ? id : '';
    this.update();
  }

  /** @param {string} link */
  #revoke(link) {
    return this.#ask(async () => {
      await connect().request('revokeLink', this.chat, link);
      this.#made = '';
      this.#asking = '';
      this.#links = this.#links.filter(({ id }) => id !== link);
    });
  }

  /** Ask before a link is revoked. @param {string} link */
  #askFor(link) {
    const around = this.querySelector(`[data-link="${link || this.#asking}"]`);
    this.#asking = link;
    this.draw();
    focusQuestion(around);
  }

  view() {
    return html`<section aria-labelledby="panel-links"><h3 class="people-head" id="panel-links">${t('Invite links')}</h3>
      <div class="invite-terms">
        <label class="field"><b>${t('Valid for')}</b>${this.#select(
          DAYS.map((days) => [String(days * HOURS_OF_DAY), tn('{n} day', '{n} days', days)]),
          String(this.#hours),
          (value) => (this.#hours = Number(value)),
        )}</label>
        <label class="field"><b>${t('For how many people')}</b>${this.#select(
          [['', t('Any number')], ...USES.map((uses) => [String(uses), count(uses)])],
          String(this.#mostUses ?? ''),
          (value) => (this.#mostUses = Number(value) || null),
        )}</label>
      </div>
      <button class="btn btn-small btn-quiet" @click=${this.#make}>${t('Create link')}</button>
      <p class="field-hint" role="status">${this.#made}</p>
      ${errorView(this.#error)}
      <ul role="list">${this.#links.map((link) => this.#linkView(link))}</ul>
    </section>`;
  }

  /** @param {string[][]} options values with their words @param {string} chosen
   * @param {(value: string) => void} choose */
  #select(options, chosen, choose) {
    return html`<select class="input" @change=${(/** @type {Event} */ { target }) => {
      choose(/** @type {HTMLSelectElement} */ (target).value);
    }}>${options.map(([value, words]) => html`<option value=${value} ?selected=${value === chosen}>${words}</option>`)}</select>`;
  }

  /** @param {GroupLink} link */
  #linkView(link) {
    const { id, url } = link;
    return html`<li class="invite" data-link=${id}>
      ${url ? linkField(url) : nothing}
      <p>${useText(link)}${url ? nothing : html`. ${t('It was made by an older release and cannot be shown again, or with a former key of the server and no longer works.')}`}</p>
      <div class="panel-buttons">${this.#asking === id
        ? questionView({
            question: t('Revoke this link? Nobody can join with it any more.'),
            words: t('Revoke'),
            yes: () => void this.#revoke(id),
            no: () => this.#askFor(''),
          })
        : this.#buttons(link)}</div>
      ${url && this.#pictured === id ? linkPicture(`/c/${this.chat}/links/${id}.svg`, url) : nothing}
    </li>`;
  }

  /** @param {GroupLink} link */
  #buttons(link) {
    const isPictured = this.#pictured === link.id;
    const picture = () => {
      this.#pictured = isPictured ? '' : link.id;
      this.update();
    };
    return html`${link.url
        ? html`<button class="btn btn-small btn-quiet" @click=${() => this.#copy(link)}>${this.#copied === link.id ? t('Copied') : t('Copy')}</button>
            <button class="btn btn-small btn-quiet" aria-expanded=${isPictured ? 'true' : 'false'} @click=${picture}>${t('QR code')}</button>`
        : nothing}
      <button class="btn btn-small btn-quiet btn-alert" @click=${() => this.#askFor(link.id)}>${t('Revoke')}</button>`;
  }
}

customElements.define('invite-links', InviteLinks);
