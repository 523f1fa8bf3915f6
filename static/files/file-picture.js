/**
 * `<file-picture>`: one picture under a message. Its size is set from outside, before it is loaded.
 *
 * @module
 */

/** @import { File } from '../realtime/wire.js' */
/** @import { FilePlace, PendingFile, ShownFile, UploadActions } from './types.js' */

import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { LOADING_CHANGED, countSaved, policy } from './data-saver.js';
import { loadPicture } from './file-loader.js';
import { sizeText } from './file-texts.js';
import { drawPlaceholder } from './placeholder.js';
import { pendingView } from './pending-view.js';
import { useRowStop } from './row-stop.js';
import { chooseVariant } from './variants.js';
import { whenNear, whenSeen } from './visibility.js';

const still = matchMedia('(prefers-reduced-motion: reduce)');

export class FilePicture extends View {
  /** @type {FilePlace} */
  place = /** @type {any} */ (null);
  /** @type {UploadActions} */
  uploads = { cancelUpload() {}, retryUpload() {} };
  /** How many more pictures the message has than are shown. */
  more = 0;
  /** @type {ShownFile | null} */
  #file = null;
  /** @type {'waiting' | 'loading' | 'held' | 'shown' | 'failed'} */
  #state = 'waiting';
  /** An object URL of this element. */
  #url = '';
  /** The reader asked for it: load it whatever the setting says. */
  #isWanted = false;
  #isNear = false;
  #isSeen = false;
  /** Whether an animated picture is to move. */
  #plays = true;
  #loads = 0;
  /** The sender's own bytes, shown until the page is closed. */
  #preview = '';

  /** @param {ShownFile} file */
  set file(file) {
    const before = this.#file;
    this.#file = file;
    if (before && 'upload' in before) this.#preview = before.url;
    // A new object with the same content comes with every change of the message.
    if (before && keyOf(before) === keyOf(file) && !('upload' in file)) return;
    if (this.isConnected) this.#fileChanged();
    this.update();
  }

  start() {
    this.addCleanup(
      whenNear(this, (near) => {
        this.#isNear = near;
        if (near) this.#load();
      }),
      whenSeen(this, (seen) => {
        this.#isSeen = seen;
        if (this.#isAnimated) this.update();
      }),
      connect().watchConnection(({ state }) => {
        if (state === 'online' && this.#state === 'failed') this.#retry();
      }),
    );
    this.#plays = !still.matches && !policy().saving;
    this.listen(globalThis, LOADING_CHANGED, () => this.#state === 'held' && this.#retry());
    this.#fileChanged();
  }

  stop() {
    this.#loads += 1;
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = this.#preview = '';
    this.#state = 'waiting';
  }

  get #isAnimated() {
    const file = this.#file;
    return file !== null && !('upload' in file) && file.animated === true;
  }

  #fileChanged() {
    const file = this.#file;
    if (!file || 'upload' in file) return;
    const canvas = this.querySelector('canvas');
    if (canvas) drawPlaceholder(canvas, file.placeholder ?? '');
    this.#state = this.#preview ? 'shown' : 'waiting';
    if (this.#isNear) this.#load();
  }

  /** The variant to show here. @param {File} file */
  #variant(file) {
    const { width, height } = this.getBoundingClientRect();
    const shown = { width: width * devicePixelRatio, height: height * devicePixelRatio };
    // The smaller variants of an animated picture are its first frame.
    const fewest = this.#isAnimated ? !this.#plays : policy().saving;
    return {
      wanted: chooseVariant(file, shown, fewest),
      usual: chooseVariant(file, shown, false),
    };
  }

  async #load() {
    const file = this.#file;
    if (!file || 'upload' in file || this.place.row.seq === null) return;
    if (this.#state === 'shown' || this.#state === 'loading' || this.#state === 'failed') return;
    const { wanted, usual } = this.#variant(file);
    if (!wanted) return;
    if (!policy().loads && !this.#isWanted) {
      this.#state = 'held';
      countSaved(file.id, usual?.size ?? 0);
      this.update();
      return;
    }
    countSaved(file.id, Math.max(0, (usual?.size ?? 0) - wanted.size));
    const load = ++this.#loads;
    this.#state = 'loading';
    this.update();
    try {
      const url = await loadPicture(this.place, file, wanted.name);
      if (load !== this.#loads) return URL.revokeObjectURL(url);
      if (this.#url) URL.revokeObjectURL(this.#url);
      this.#url = url;
      this.#state = 'shown';
    } catch {
      if (load !== this.#loads) return;
      this.#state = 'failed';
    }
    this.update();
  }

  #retry() {
    this.#state = 'waiting';
    void this.#load();
  }

  #want() {
    this.#isWanted = true;
    this.#state = 'waiting';
    void this.#load();
    this.#focusAfter();
  }

  /** The pressed button goes: the picture takes the focus. */
  #focusAfter() {
    this.draw();
    this.querySelector('button')?.focus({ preventScroll: true });
  }

  #open() {
    const file = this.#file;
    if (!file || 'upload' in file || this.place.row.seq === null) return;
    const { place } = this;
    // Offline, and the module was never fetched: nothing opens.
    import('./viewer.js').then(({ openViewer }) => openViewer({ ...place, file }, this), () => {});
  }

  draw() {
    super.draw();
    useRowStop(this);
  }

  view() {
    const file = this.#file;
    if (!file) return nothing;
    if ('upload' in file) return this.#pendingView(file);
    return html`${this.#pictureView(file)}${this.#coverView(file)}`;
  }

  /** @param {PendingFile} file */
  #pendingView(file) {
    return html`<img class="picture-image" alt=${file.name} src=${file.url || nothing} ?hidden=${!file.url}>${pendingView(file, this.uploads)}`;
  }

  /** @param {File} file */
  #pictureView(file) {
    const moves = this.#isAnimated && this.#plays;
    const url = this.#url || this.#preview;
    const shows = url && (!moves || this.#isSeen);
    if (url && !shows) this.#freeze();
    return html`<button class="picture-open" ?hidden=${this.#state === 'held' || this.#state === 'failed'}
      aria-label=${this.more ? tn('{name}, and {n} more picture', '{name}, and {n} more pictures', this.more, { name: file.name }) : t('Open {name}', { name: file.name })}
      @click=${this.#open}>
      <img class="picture-image" alt="" ?hidden=${!shows} src=${shows ? url : nothing}>
      ${this.more ? html`<span class="picture-more" aria-hidden="true">+${this.more}</span>` : nothing}</button>`;
  }

  /** What lies over the picture: a button to load, to play, to try again. @param {File} file */
  #coverView(file) {
    if (this.#state === 'failed') {
      return html`<div class="picture-cover">${icon('image-broken')}<span>${t('Could not be loaded')}</span>
        <button class="picture-button" @click=${this.#retry}>${t('Try again')}</button></div>`;
    }
    if (this.#state === 'held') {
      const { wanted } = this.#variant(file);
      return html`<div class="picture-cover"><button class="picture-button" aria-label=${t('Load {name}, {size}', { name: file.name, size: sizeText(wanted?.size ?? 0) })} @click=${this.#want}>${t('Load · {size}', { size: sizeText(wanted?.size ?? 0) })}</button></div>`;
    }
    if (this.#isAnimated && this.#state !== 'waiting' && (still.matches || policy().saving)) {
      return html`<button class="picture-play" aria-pressed=${this.#plays ? 'true' : 'false'} aria-label=${this.#plays ? t('Stop {name}', { name: file.name }) : t('Play {name}', { name: file.name })}
        @click=${this.#toggle}>${icon(this.#plays ? 'pause-fill' : 'play-fill')}</button>`;
    }
    return nothing;
  }

  /** Play or stop an animated picture: its variants differ. */
  #toggle() {
    this.#plays = !this.#plays;
    this.#isWanted ||= this.#plays;
    this.#retry();
  }

  /** Out of sight nothing moves: draw the present frame where the placeholder was. */
  #freeze() {
    const image = /** @type {HTMLImageElement | null} */ (this.querySelector('.picture-image:not([hidden])'));
    const canvas = this.querySelector('canvas');
    const context = image?.naturalWidth ? canvas?.getContext('2d') : null;
    if (!image || !canvas || !context) return;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
  }
}

/** @param {ShownFile} file */
const keyOf = (file) => ('upload' in file ? file.upload : file.id);

customElements.define('file-picture', FilePicture);
