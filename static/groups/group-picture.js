/**
 * `<group-picture>`: change or remove the picture of a group, for those who may.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */

import { avatar } from '../accounts/person-color.js';
import { errorText, errorView } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

export class GroupPicture extends View {
  /** @type {ChatView | null} */
  #chat = null;
  #error = '';

  /** @param {ChatView} chat */
  set chat(chat) {
    this.#chat = chat;
    this.update();
  }

  /** @param {string | null} file */
  #set(file) {
    return connect().command({ type: 'group.picture', chat: this.#chat?.id ?? '', file });
  }

  async #remove() {
    this.#error = await this.#set(null).then(() => '', errorText);
    this.update();
    this.querySelector('button')?.focus();
  }

  /** @param {Event} event */
  async #chosen(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const [file] = input.files ?? [];
    input.value = '';
    if (!file) return;
    const { openPictureDialog } = await import('../accounts/picture-dialog.js');
    await openPictureDialog(file, document.body.dataset.csrf ?? '', (id) => this.#set(id));
  }

  view() {
    const chat = this.#chat;
    if (!chat) return nothing;
    const { id, title, picture } = chat;
    return html`<div class="group-picture">${avatar({ id, name: title, picture }, id, 'avatar-big')}
        <div class="panel-buttons">
        <button class="btn btn-small btn-quiet" @click=${() => this.querySelector('input')?.click()}>${t('Choose a picture')}</button>
        ${picture ? html`<button class="btn btn-small btn-quiet" @click=${this.#remove}>${t('Remove the picture')}</button>` : nothing}
        <input type="file" accept="image/*" hidden @change=${this.#chosen}>
      </div></div>${errorView(this.#error)}`;
  }
}

customElements.define('group-picture', GroupPicture);
