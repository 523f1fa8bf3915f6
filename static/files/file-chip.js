/**
 * `<file-chip>`: a file by its name, to open or download.
 *
 * @module
 */

/** @import { File } from '../realtime/wire.js' */
/** @import { FilePlace, ShownFile, UploadActions } from './types.js' */

import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { downloadLink } from './download-link.js';
import { PDF, contentAddress, formatText, iconOf, shortName, sizeText } from './file-texts.js';
import { pendingView } from './pending-view.js';
import { useRowStop } from './row-stop.js';

/** Texts up to this size are shown here; longer ones are downloaded. */
const MAX_TEXT_BYTES = 1_000_000;

export class FileChip extends View {
  /** @type {FilePlace} */
  place = /** @type {any} */ (null);
  /** @type {UploadActions} */
  uploads = { cancelUpload() {}, retryUpload() {} };
  /** @type {ShownFile | null} */
  #file = null;

  /** @param {ShownFile} file */
  set file(file) {
    this.#file = file;
    this.update();
  }

  draw() {
    super.draw();
    useRowStop(this);
  }

  view() {
    const file = this.#file;
    if (!file) return nothing;
    if ('upload' in file) return html`${inside(file)}${pendingView(file, this.uploads)}`;
    if (file.missing) return inside(file, t('The content was not imported'));
    return html`${this.#opener(file)}${downloadLink(file, { className: 'chip-download' })}`;
  }

  /** What a press on the chip does: show a text or a PDF, download the rest.
   * @param {File} file */
  #opener(file) {
    if (file.type === PDF || (file.type === 'text/plain' && file.size <= MAX_TEXT_BYTES)) {
      return html`<button class="chip-open" @click=${() => this.#show(file)}>${inside(file)}</button>`;
    }
    return html`<a class="chip-open" href=${contentAddress(file.id, 'original', true)} download=${file.name}>${inside(file)}</a>`;
  }

  /** @param {File} file */
  #show(file) {
    // Offline, and the module was never fetched: nothing opens.
    import('./viewer.js').then(({ openViewer }) => openViewer({ ...this.place, file }, this), () => {});
  }
}

/** @param {ShownFile} file @param {string} [instead] what is said in place of type and size */
function inside(file, instead) {
  return html`<span class="chip-icon">${icon(iconOf(file))}</span>
    <span class="chip-text"><bdi class="chip-name" title=${file.name}>${shortName(file.name, 48)}</bdi>
    <span class="chip-more">${instead ?? [formatText(file), sizeText(file.size)].filter(Boolean).join(', ')}</span></span>`;
}

customElements.define('file-chip', FileChip);
