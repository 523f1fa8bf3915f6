/**
 * `<personal-link>`: the link with which others can be in touch with the reader.
 *
 * @module
 */

/** @import { PersonalLink } from '../realtime/request-types.js' */

import { errorView } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { fullDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';

class PersonalLinkDialog extends Dialog {
  /** @type {PersonalLink | null} */
  #link = null;
  #isLoaded = false;
  #isCopied = false;

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
    this.#isCopied = false;
    await this.run(async () => {
      this.#link = await act();
      this.#isLoaded = true;
    });
  }

  async #make() {
    await this.#change(() => connect().request('makeOwnLink'));
    if (this.#link) await this.#copy(this.#link.url);
  }

  /** @param {string} url */
  async #copy(url) {
    // Some browsers allow it only right after a press. The address can be copied by hand.
    this.#isCopied = await navigator.clipboard.writeText(url).then(
      () => true,
      () => false,
    );
    this.update();
  }

  #revoke() {
    return this.#change(async () => {
      await connect().request('revokeOwnLink');
      return null;
    });
  }

  heading() {
    return t('Your link');
  }

  content() {
    return html`<p>${t('Whoever opens it can become your contact. Give it to people you know.')}</p>
      ${this.#link ? this.#linkView(this.#link) : nothing}
      ${this.#isLoaded && !this.#link ? html`<div><button class="btn" @click=${() => this.#make()}>${t('Create link')}</button></div>` : nothing}
      ${errorView(this.error)}`;
  }

  /** @param {PersonalLink} link */
  #linkView({ url, expires_at, uses }) {
    return html`<input class="input" readonly dir="ltr" aria-label=${t('The link')} .value=${url}>
      <div class="panel-buttons">
        <button class="btn" @click=${() => this.#copy(url)}>${this.#isCopied ? t('Copied') : t('Copy')}</button>
        <button class="btn btn-quiet" @click=${() => this.#make()}>${t('Replace it')}</button>
        <button class="btn btn-quiet btn-alert" @click=${() => this.#revoke()}>${t('Revoke')}</button>
      </div>
      <img class="qr" src="/settings/link.svg?${encodeURIComponent(url.slice(-8))}" alt=${t('The same link, for a camera')}>
      <p class="field-hint">${t('until {when}', { when: fullDate(expires_at) })}, ${tn('used {n} time', 'used {n} times', uses)}</p>`;
  }
}

customElements.define('personal-link', PersonalLinkDialog);

export const openPersonalLink = () => openDialog('personal-link', {});
