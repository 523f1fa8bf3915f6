/**
 * `<report-dialog>`: report a message, a person or a group to the moderators.
 *
 * @module
 */

/** @import { ReportedThing, SentReport } from '../realtime/request-types.js' */

import { errorView } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { REASONS, stateText } from './labels.js';

/** As the server's. */
const MAX_WORDS = 2000;
const CONTEXTS = [0, 5, 20];

export class ReportDialog extends Dialog {
  /** @type {ReportedThing} */
  thing = { kind: 'chat' };
  /** Id of the person who can be blocked afterwards; empty for a group. */
  person = '';
  #name = '';
  /** @type {SentReport | null} */
  #sent = null;
  #isSending = false;
  #isBlocked = false;

  start() {
    super.start();
    this.addCleanup(
      connect().watchContacts((contacts) => {
        this.#isBlocked = contacts.some(({ person, state }) => person.id === this.person && state === 'blocked');
        this.update();
      }),
    );
    if (this.person) void this.#loadName();
  }

  async #loadName() {
    const people = await connect().request('named', [this.person]).catch(() => ({}));
    this.#name = /** @type {Record<string, { name: string }>} */ (people)[this.person]?.name ?? '';
    this.update();
  }

  heading() {
    if (this.#sent) return this.#sent.isNew ? t('Your report was sent') : t('You have reported this already');
    if (this.thing.kind === 'entry') return t('Report this message');
    if (this.thing.kind === 'chat') return t('Report this group');
    return this.#name ? t('Report {name}', { name: this.#name }) : t('Report this person');
  }

  /** @param {SubmitEvent} event */
  async #submitted(event) {
    event.preventDefault();
    if (this.#isSending) return;
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const report = {
      ...this.thing,
      reason: String(form.get('reason')),
      text: String(form.get('text')),
      context: Number(form.get('context') ?? 0),
    };
    this.#isSending = true;
    const succeeded = await this.run(async () => {
      this.#sent = await connect().request('report', report);
    });
    this.#isSending = false;
    if (!succeeded) return;
    // The pressed button has disappeared.
    this.draw();
    /** @type {HTMLElement | null} */ (this.querySelector('.report-sent'))?.focus();
  }

  async #block() {
    const done = await this.run(() => connect().command({ type: 'contact.block', person: this.person }));
    if (!done) return;
    this.#isBlocked = true;
    this.draw();
    /** @type {HTMLElement | null} */ (this.querySelector('.report-sent'))?.focus();
  }

  content() {
    return this.#sent ? this.#sentView(this.#sent) : this.#form();
  }

  #form() {
    return html`<form class="dialog-form" @submit=${this.#submitted}>
      <fieldset class="field"><legend>${t('What is wrong?')}</legend>
        ${Object.entries(REASONS).map(
          ([reason, words]) => html`<label class="check"><input type="radio" name="reason" value=${reason} required>${words()}</label>`,
        )}</fieldset>
      <label class="field"><b>${t('In your own words')}</b>
        <textarea class="input" name="text" rows="3" maxlength=${MAX_WORDS} dir="auto" aria-describedby="report-hint"></textarea>
        <span class="field-hint" id="report-hint">${t('You can leave this empty.')}</span></label>
      ${this.thing.kind === 'person' ? nothing : this.#context()}
      <p class="field-hint">${copiedText(this.thing.kind)} ${t('They also see your name and your words. Other people do not learn who reported.')}</p>
      ${errorView(this.error)}
      <div class="panel-buttons"><button class="btn">${t('Send report')}</button>
        <button type="button" class="btn btn-quiet" @click=${() => this.close()}>${t('Cancel')}</button></div>
    </form>`;
  }

  #context() {
    const isEntry = this.thing.kind === 'entry';
    return html`<fieldset class="field"><legend>${isEntry ? t('Messages around it') : t('Messages of the group')}</legend>
      ${CONTEXTS.map(
        (count) => html`<label class="check"><input type="radio" name="context" value=${count} ?checked=${count === 5}>${
          isEntry ? aroundText(count) : newestText(count)
        }</label>`,
      )}</fieldset>`;
  }

  /** @param {SentReport} sent */
  #sentView({ report, isNew }) {
    return html`<div class="dialog-form"><div class="report-sent" role="status" tabindex="-1">${
        isNew
          ? html`<p>${t('Moderators will read it and decide. You find their answer under “My reports” in your menu.')}</p>`
          : html`<p>${t('Your first report stands, so nothing was sent again. {state}', { state: stateText(report) })}</p>`
      }${this.#isBlocked ? html`<p>${t('You have blocked {name}.', { name: this.#name || t('this person') })}</p>` : nothing}</div>
      ${this.person && !this.#isBlocked
        ? html`<p class="field-hint">${t('Blocked people cannot find you or write to you. They are not told that you blocked them.')}</p>`
        : nothing}
      ${errorView(this.error)}
      <div class="panel-buttons"><button class="btn" @click=${() => this.close()}>${t('Done')}</button>
        ${this.person && !this.#isBlocked
          ? html`<button class="btn btn-quiet btn-alert" @click=${this.#block}>${
              this.#name ? t('Block {name}', { name: this.#name }) : t('Block')
            }</button>`
          : nothing}</div></div>`;
  }
}

/** @param {ReportedThing['kind']} kind */
function copiedText(kind) {
  if (kind === 'entry') {
    return t('Moderators get a copy of this message, with its files, and of those around it that you choose. The copy stays when the author edits or deletes.');
  }
  if (kind === 'chat') {
    return t('Moderators get the name of the group and a copy of the messages that you choose, with their files. The copy stays when somebody edits or deletes.');
  }
  return t('Moderators get a copy of this profile, but no messages. To show them a message, report it from its own menu.');
}

/** @param {number} count */
const aroundText = (count) =>
  count ? t('{n} before and {n} after it', { n: String(count) }) : t('Only this message');

/** @param {number} count */
const newestText = (count) => (count ? t('The newest {n}', { n: String(count) }) : t('None'));

customElements.define('report-dialog', ReportDialog);

/**
 * @param {ReportedThing} thing
 * @param {string} [person] id of who can be blocked afterwards
 */
export const openReport = (thing, person = '') => openDialog('report-dialog', { thing, person });
