/**
 * `<personal-link>`: the link with which others can be in touch with the reader.
 *
 * @module
 */

/** @import { PersonalLink } from '../realtime/request-types.js' */

import { errorView } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { focusQuestion, questionView } from '../shell/question.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { copyText, linkField, linkPicture, madeText, useText } from './link-view.js';

/** As the server's. */
const LIFETIME_HOURS = 30 * 24;

class PersonalLinkDialog extends Dialog {
  /** @type {PersonalLink | null} */
  #link = null;
  #isLoaded = false;
  #isCopied = false;
  /** Said about a new one. */
  #made = '';
  /** What the reader is asked about. @type {'' | 'replace' | 'revoke'} */
  #asking = '';

  start() {
    super.start();
    let inTouch = -1;
    this.addCleanup(
      connect().watchContacts((contacts) => {
        const { length } = contacts.filter(({ state }) => state === 'contact');
        // Somebody who comes by the link is a new contact: it was used once more.
        if (length !== inTouch) void this.#change(() => connect().request('ownLink'));
        inTouch = length;
      }),
    );
  }

  /** @param {() => Promise<PersonalLink | null>} act */
  async #change(act) {
    await this.run(async () => {
      this.#link = await act();
      this.#isLoaded = true;
    });
  }

  async #make() {
    this.#asking = '';
    await this.#change(() => connect().request('makeOwnLink'));
    if (!this.#link || this.error) return;
    await this.#copy(this.#link.url);
    this.#made = madeText(this.#isCopied, LIFETIME_HOURS);
    this.update();
  }

  /** @param {string} url */
  async #copy(url) {
    this.#isCopied = await copyText(url);
    this.update();
  }

  #revoke() {
    this.#asking = '';
    this.#made = '';
    return this.#change(async () => {
      await connect().request('revokeOwnLink');
      return null;
    });
  }

  /** @param {'' | 'replace' | 'revoke'} what */
  #ask(what) {
    this.#asking = what;
    this.draw();
    focusQuestion(this.querySelector('.panel-buttons'));
  }

  heading() {
    return t('Your link');
  }

  content() {
    return html`<p>${t('Anyone who opens it can become your contact. Give it to people you know.')}</p>
      ${this.#link ? this.#linkView(this.#link) : nothing}
      ${this.#isLoaded && !this.#link ? html`<div><button class="btn" @click=${() => this.#make()}>${t('Create link')}</button></div>` : nothing}
      ${errorView(this.error)}`;
  }

  /** @param {PersonalLink} link */
  #linkView(link) {
    return html`${linkField(link.url)}
      <div class="panel-buttons">${this.#asking ? this.#question(this.#asking) : this.#buttons(link)}</div>
      <p class="field-hint" role="status">${this.#made}</p>
      ${linkPicture('/settings/link.svg', link.url)}
      <p class="field-hint">${useText(link)}</p>`;
  }

  /** @param {PersonalLink} link */
  #buttons({ url }) {
    return html`<button class="btn" @click=${() => this.#copy(url)}>${this.#isCopied ? t('Copied') : t('Copy')}</button>
      <button class="btn btn-quiet" @click=${() => this.#ask('replace')}>${t('Replace it')}</button>
      <button class="btn btn-quiet btn-alert" @click=${() => this.#ask('revoke')}>${t('Revoke')}</button>`;
  }

  /** @param {'replace' | 'revoke'} what */
  #question(what) {
    const isReplacing = what === 'replace';
    return questionView({
      question: isReplacing
        ? t('Replace this link? The old one stops working.')
        : t('Revoke this link? It stops working.'),
      words: isReplacing ? t('Replace it') : t('Revoke'),
      yes: () => void (isReplacing ? this.#make() : this.#revoke()),
      no: () => this.#ask(''),
    });
  }
}

customElements.define('personal-link', PersonalLinkDialog);

export const openPersonalLink = () => openDialog('personal-link', {});
