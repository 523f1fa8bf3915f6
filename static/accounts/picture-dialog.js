/**
 * `<picture-dialog>`: crop a picture, upload it, and save it. For a person and for a group.
 *
 * @module
 */

import { errorView } from '../chats/error-text.js';
import { Http } from '../realtime/both/http.js';
import { icon } from '../shell/icon.js';
import { router } from '../shell/router.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import './picture-cropper.js';
import { pictureErrorText, uploadPicture } from './picture-upload.js';

/** @import { PictureCropper } from './picture-cropper.js' */

export class PictureDialog extends View {
  /** @type {ImageBitmap | null} null: the file is no picture that the browser can read */
  bitmap = null;
  /** Called with the uploaded file and its content. @type {(file: string, picture: Blob) => unknown} */
  save = () => {};
  csrf = '';
  #error = '';
  #isBusy = false;

  start() {
    this.draw();
    this.#dialog.addEventListener('close', () => this.remove());
    this.#dialog.showModal();
    this.addCleanup(router.closeOnBack(() => this.#dialog.close()));
    /** @type {HTMLElement | null} */ (this.querySelector('canvas'))?.focus();
  }

  stop() {
    this.bitmap?.close();
  }

  get #dialog() {
    return /** @type {HTMLDialogElement} */ (this.querySelector('dialog'));
  }

  async #use() {
    const cropper = /** @type {PictureCropper} */ (this.querySelector('picture-cropper'));
    const http = new Http(location.origin, () => {});
    http.csrf = this.csrf;
    this.#error = '';
    this.#isBusy = true;
    this.update();
    try {
      const picture = await cropper.blob();
      const file = await uploadPicture(http, picture);
      if (this.#dialog.open) await this.save(file, picture);
      else await http.delete(`/files/${file}`);
      this.#dialog.close();
    } catch (error) {
      this.#error = pictureErrorText(error);
    }
    this.#isBusy = false;
    this.update();
  }

  view() {
    return html`<dialog class="dialog" aria-labelledby="picture-title"><div class="dialog-in">
      <header class="dialog-top"><h2 id="picture-title">${t('Choose the part')}</h2>
        <button type="button" class="tool" aria-label=${t('Close')} @click=${() => this.#dialog.close()}>${icon('x')}</button></header>
      ${this.bitmap
        ? html`<picture-cropper .bitmap=${this.bitmap}></picture-cropper>`
        : errorView(t('This file is no picture that can be used. Choose a JPEG, PNG or WebP.'))}
      ${errorView(this.#error)}
      <p class="crop-hint" role="status">${this.#isBusy ? t('Uploading…') : nothing}</p>
      <div class="page-buttons">
        ${this.bitmap
          ? html`<button type="button" class="btn" ?disabled=${this.#isBusy} @click=${this.#use}>${t('Use this picture')}</button>`
          : nothing}
        <button type="button" class="btn btn-quiet" @click=${() => this.#dialog.close()}>${t('Cancel')}</button></div>
    </div></dialog>`;
  }
}

customElements.define('picture-dialog', PictureDialog);

/**
 * @param {File} file
 * @param {string} csrf
 * @param {(file: string, picture: Blob) => unknown} save
 */
export async function openPictureDialog(file, csrf, save) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  const dialog = Object.assign(document.createElement('picture-dialog'), { bitmap, csrf, save });
  document.body.append(dialog);
}
