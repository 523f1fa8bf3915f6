/**
 * `<kept-files>`: choose among the files that the person keeps, to send them again.
 *
 * @module
 */

/** @import { File } from '../realtime/wire.js' */

import { errorText, errorView } from '../chats/error-text.js';
import { ChooseList } from '../groups/choose-list.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { formatText, iconOf, sizeText } from './file-texts.js';
import { downloadSize } from './variants.js';

/** @extends {ChooseList<File>} */
export class ChooseFiles extends ChooseList {
  /** @type {File[] | null} */
  #files = null;

  /** @param {File[] | null} files */
  set files(files) {
    this.#files = files;
    this.update();
  }

  words() {
    return {
      placeholder: t('Name of a file'),
      label: t('Find among your files'),
      none: html`<p class="people-none">${t('You keep no files yet. What you upload there is kept until you delete it.')} <a href=${document.body.dataset.ownFiles ?? '/'}>${t('Your files')}</a></p>`,
    };
  }

  choices() {
    return this.#files?.map((file) => ({
      id: file.id,
      value: file,
      name: file.name,
      found: file.name,
      color: '',
      picture: html`<span class="choose-icon">${icon(iconOf(file))}</span>`,
      after: nothing,
      more: [formatText(file), sizeText(downloadSize(file))].filter(Boolean).join(', '),
    })) ?? null;
  }
}

customElements.define('choose-files', ChooseFiles);

class KeptFiles extends Dialog {
  /** @type {(files: File[]) => void} */
  chosen = () => {};
  /** @type {File[] | null} */
  #files = null;
  /** @type {string | null} */
  #next = null;
  /** @type {File[]} */
  #picked = [];

  start() {
    super.start();
    void this.#more();
  }

  heading() {
    return t('Your files');
  }

  async #more() {
    this.error = '';
    try {
      const { files, next } = await connect().request('keptFiles', this.#next);
      this.#files = [...(this.#files ?? []), ...files];
      this.#next = next;
    } catch (error) {
      this.error = errorText(error);
    }
    this.update();
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    if (!this.#picked.length) return;
    this.close();
    this.chosen(this.#picked);
  }

  content() {
    return html`<form class="dialog-form" @submit=${this.#submitted}>
      <choose-files .files=${this.#files} .changed=${(/** @type {File[]} */ files) => {
        this.#picked = files;
        this.update();
      }}></choose-files>
      ${errorView(this.error)}
      ${this.#next || this.error ? html`<button type="button" class="btn btn-small btn-quiet" @click=${this.#more}>${this.error ? t('Try again') : t('More')}</button>` : nothing}
      <button class="btn" ?disabled=${!this.#picked.length}>${t('Add to the message')}</button>
    </form>`;
  }
}

customElements.define('kept-files', KeptFiles);

/** @param {(files: File[]) => void} chosen */
export const openKeptFiles = (chosen) => openDialog('kept-files', { chosen });
