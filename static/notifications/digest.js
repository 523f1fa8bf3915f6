/**
 * `<digest-settings>`: when e-mail about what stayed unread is sent, a part of the page of
 * notification settings.
 *
 * @module
 */

/** @import { Digest, DigestChange } from './api.js' */

import { errorText, errorView } from '../chats/error-text.js';
import { fullDate } from '../shell/times.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { api } from './api.js';

/** @type {[Digest['frequency'], () => string][]} */
const FREQUENCIES = [
  ['off', () => t('Never')],
  ['daily', () => t('Every day')],
  ['weekdays', () => t('Monday to Friday')],
  ['weekly', () => t('Once a week')],
];
/** A Monday. */
const MONDAY = Date.UTC(2024, 0, 1);
const DAY = 86_400_000;

class DigestSettings extends View {
  /** As stored by the server. @type {Digest | null} */
  #saved = null;
  /** Changed here and not saved yet. @type {DigestChange} */
  #changes = {};
  #status = '';
  #error = '';

  start() {
    void this.#run(() => api.digest(), '');
  }

  /** @param {() => Promise<Digest>} request @param {string} done said when it has succeeded */
  async #run(request, done) {
    this.#status = this.#error = '';
    try {
      this.#saved = await request();
      this.#changes = {};
      this.#status = done;
    } catch (error) {
      this.#error = errorText(error);
    }
    this.update();
  }

  /** @param {DigestChange} change */
  #change(change) {
    const all = { ...this.#changes, ...change };
    const saved = /** @type {Record<string, unknown>} */ (this.#saved);
    this.#changes = Object.fromEntries(Object.entries(all).filter(([name, value]) => value !== saved[name]));
    this.#status = this.#error = '';
    this.update();
  }

  draw() {
    const had = this.contains(document.activeElement) ? document.activeElement : null;
    super.draw();
    // The pressed button has disappeared: focus the heading.
    if (had && !had.isConnected) /** @type {HTMLElement | null} */ (this.querySelector('h2'))?.focus();
  }

  view() {
    return html`<section class="settings-part" aria-labelledby="settings-digest"><h2 class="people-head" id="settings-digest" tabindex="-1">${t('Digest by e-mail')}</h2>
      ${this.#saved ? this.#form({ ...this.#saved, ...this.#changes }) : nothing}
      ${errorView(this.#error)}</section>`;
  }

  /** @param {Digest} digest */
  #form(digest) {
    if (digest.problem === 'no_mail') return html`<p class="field-hint">${t('This server sends no e-mail.')}</p>`;
    if (digest.problem === 'no_address') {
      return html`<p class="field-hint">${t('You get no digest without a confirmed e-mail address.')}
        <a class="link" href=${document.body.dataset.security ?? '/'}>${t('Sign-in and security')}</a></p>`;
    }
    return html`<p class="field-hint">${t('E-mail to {email} about messages that you have not read. Only of chats that notify you.', { email: digest.email })}</p>
      ${digest.problem === 'refused'
        ? html`<p class="error">${t('The mail server of your address refused the last digest, so no more are sent. Check the address.')}</p>
            <div class="panel-buttons"><button class="btn" @click=${() => this.#save({ frequency: digest.frequency })}>${t('Send them again')}</button></div>`
        : nothing}
      <label class="field"><b>${t('How often')}</b><select class="input" .value=${digest.frequency}
        @change=${(/** @type {Event} */ event) => this.#change({ frequency: /** @type {Digest['frequency']} */ (chosen(event)) })}>${FREQUENCIES.map(
          ([value, words]) => html`<option value=${value} ?selected=${value === digest.frequency}>${words()}</option>`,
        )}</select></label>
      ${digest.frequency === 'off' ? nothing : this.#details(digest)}
      <p class="field-hint" role="status">${this.#status}</p>
      ${Object.keys(this.#changes).length
        ? html`<div class="panel-buttons"><button class="btn" @click=${() => this.#save(this.#changes)}>${t('Save')}</button>
            <button class="btn btn-quiet" @click=${() => this.#change(/** @type {Digest} */ (this.#saved))}>${t('Leave it as it was')}</button></div>`
        : html`${digest.next_at && !digest.problem ? html`<p class="field-hint">${t('The next one: {when}.', { when: fullDate(digest.next_at) })}</p>` : nothing}
            <div class="panel-buttons"><button class="btn btn-quiet" @click=${() =>
              this.#run(() => api.sendDigestNow(), t('It will be in your mailbox in a minute.'))}>${t('Send me one now')}</button></div>`}`;
  }

  /** @param {Digest} digest */
  #details(digest) {
    return html`<div class="settings-row">${digest.frequency === 'weekly'
        ? html`<label class="field"><b>${t('On')}</b><select class="input" .value=${String(digest.day)}
            @change=${(/** @type {Event} */ event) => this.#change({ day: Number(chosen(event)) })}>${weekdays().map(
              (name, index) => html`<option value=${index + 1} ?selected=${index + 1 === digest.day}>${name}</option>`,
            )}</select></label>`
        : nothing}<label class="field"><b>${t('At')}</b><input class="input" type="time" required .value=${digest.at}
          @change=${(/** @type {Event} */ event) => chosen(event) && this.#change({ at: chosen(event) })}></label></div>
      <p class="field-hint">${t('By the clock of {zone}.', { zone: digest.zone.replaceAll('_', ' ') })}</p>
      ${digest.may_quote
        ? html`<label class="check"><input type="checkbox" .checked=${digest.texts}
            @change=${(/** @type {Event} */ event) => this.#change({ texts: /** @type {HTMLInputElement} */ (event.target).checked })}>
            ${t('Quote messages, not only who wrote and how much')}</label>`
        : nothing}`;
  }

  /** @param {DigestChange} changes */
  #save(changes) {
    return this.#run(() => api.changeDigest(changes), t('Saved.'));
  }
}

/** @param {Event} event */
const chosen = (event) => /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target).value;

/** The names of the days, from Monday. */
function weekdays() {
  const name = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: 'long', timeZone: 'UTC' });
  return Array.from({ length: 7 }, (_, day) => name.format(MONDAY + day * DAY));
}

customElements.define('digest-settings', DigestSettings);
