/**
 * `<send-as-file>`: the person decides whether a picture that the server refused is sent as it is.
 *
 * @module
 */

import { errorView } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { html } from '../shell/view.js';
import { t } from '../shell/words.js';

class SendAsFile extends Dialog {
  upload = '';
  name = '';
  /** Called when it is sent so. */
  done = () => {};

  heading() {
    return t('Send as a file?');
  }

  /** @param {SubmitEvent} event */
  async #submitted(event) {
    event.preventDefault();
    if (!(await this.run(() => connect().sendAsFile(this.upload)))) return;
    this.close();
    this.done();
  }

  content() {
    return html`<form class="dialog-form" @submit=${this.#submitted}>
      <p>${t('“{name}” is sent as it is, to download. Everybody who gets it can read what the camera wrote into it: often the place, the time and the device.', { name: this.name })}</p>
      ${errorView(this.error)}
      <div class="panel-buttons"><button class="btn">${t('Send as a file')}</button>
        <button type="button" class="btn btn-quiet" @click=${() => this.close()}>${t('Cancel')}</button></div>
    </form>`;
  }
}

customElements.define('send-as-file', SendAsFile);

/** @param {{ upload: string, name: string, done: () => void }} picture */
export const openSendAsFile = (picture) => openDialog('send-as-file', picture);
