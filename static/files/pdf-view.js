/**
 * `<pdf-view>`: a PDF in the viewer. A sandboxed frame reads and draws it (`pdf/frame.js`); this
 * element gives it the bytes, and shows place, zoom and what went wrong.
 *
 * @module
 */

/** @import { File } from '../realtime/wire.js' */
/** @import { FromFrame, PdfProblem, Shown, ToFrame } from './pdf/messages.js' */
/** @import { FilePlace } from './types.js' */

import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { loadContent } from './file-loader.js';
import { contentAddress } from './file-texts.js';

/** Larger files may need more memory than a phone has. */
const MAX_PDF_BYTES = 50_000_000;
/** From giving the frame its bytes to the first page; also for the frame itself. */
const TIMEOUT_MS = 30_000;
/** From the end of loading the frame to its first word. A frame that the network did not give never says one. */
const FIRST_WORD_MS = 2_000;
/** An honest frame sends one for each page or zoom that somebody comes to, at most one a drawn frame. */
const MAX_MESSAGES_PER_S = 500;

export class PdfView extends View {
  /** @type {FilePlace} */
  place = /** @type {any} */ (null);
  /** @type {File} */
  file = /** @type {any} */ (null);
  /** Called for Escape, which the frame gets while it has the focus. */
  close = () => {};
  /** @type {Shown | null} */
  #shown = null;
  /** @type {PdfProblem | 'offline' | ''} */
  #problem = '';
  /** @type {Promise<ArrayBuffer> | null} */
  #bytes = null;
  #timer = 0;
  #isReady = false;
  /** When the present second began, and the messages of the frame since. */
  #second = { start: 0, messages: 0 };

  start() {
    this.listen(window, 'message', (event) => this.#heard(event));
    this.#load();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  get #frame() {
    return this.querySelector('iframe');
  }

  #load() {
    this.#isReady = false;
    this.#problem = this.file.size > MAX_PDF_BYTES ? 'large' : '';
    this.update();
    if (this.#problem) return;
    const bytes = loadContent(this.place, this.file, 'original').then((content) => content.arrayBuffer());
    // An earlier try may fail later.
    bytes.catch(() => bytes === this.#bytes && this.#fail('offline'));
    this.#bytes = bytes;
    this.#wait('offline');
  }

  /** @param {PdfProblem | 'offline'} problem if the frame says nothing more @param {number} [within] */
  #wait(problem, within = TIMEOUT_MS) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail(problem), within);
  }

  #frameLoaded() {
    if (!this.#isReady) this.#wait('offline', FIRST_WORD_MS);
  }

  /** Takes the frame away, and whatever it was doing. @param {PdfProblem | 'offline'} problem */
  #fail(problem) {
    clearTimeout(this.#timer);
    this.#shown = null;
    this.#problem = problem;
    this.update();
  }

  /** @param {MessageEvent} event */
  #heard(event) {
    const frame = this.#frame;
    if (!frame || event.source !== frame.contentWindow) return;
    // Each takes time of the page.
    if (this.#isFlooded()) return this.#fail('broken');
    // What runs in the frame may be anything: use nothing but values of the expected kinds.
    const message = /** @type {FromFrame} */ (event.data);
    if (message?.kind === 'ready') {
      this.#isReady = true;
      this.#wait('offline');
      void this.#give(frame);
    }
    if (message?.kind === 'escape') this.close();
    if (message?.kind === 'failed') this.#fail(knownProblem(message.reason));
    if (message?.kind === 'shown') {
      clearTimeout(this.#timer);
      this.#shown = { page: count(message.page), pages: count(message.pages), scale: Number(message.scale) || 1 };
      this.update();
    }
  }

  /** Count a message. */
  #isFlooded() {
    const now = performance.now();
    if (now - this.#second.start > 1000) this.#second = { start: now, messages: 0 };
    this.#second.messages += 1;
    return this.#second.messages > MAX_MESSAGES_PER_S;
  }

  /** @param {HTMLIFrameElement} frame */
  async #give(frame) {
    const given = this.#bytes;
    const bytes = await given?.catch(() => null);
    // It may have asked twice. They can be given once.
    if (!bytes || given !== this.#bytes || frame !== this.#frame) return;
    this.#bytes = null;
    this.#wait('broken');
    this.#tell({ kind: 'open', bytes, label: t('Page {page}') }, [bytes]);
  }

  /** @param {ToFrame} message @param {Transferable[]} [transfer] */
  #tell(message, transfer = []) {
    // The frame has no origin to name. It is ours: the page's policy allows no frame of others.
    this.#frame?.contentWindow?.postMessage(message, '*', transfer);
  }

  /** A key that was pressed outside of the frame. @param {KeyboardEvent} event @returns {boolean} whether it was used */
  key({ key, target }) {
    if (!this.#shown || target instanceof HTMLInputElement) return false;
    /** @type {Record<string, ToFrame>} */
    const keys = {
      '+': { kind: 'zoom', by: 1 },
      '=': { kind: 'zoom', by: 1 },
      '-': { kind: 'zoom', by: -1 },
      0: { kind: 'zoom', by: 0 },
      ArrowDown: { kind: 'scroll', by: 0.1 },
      ArrowUp: { kind: 'scroll', by: -0.1 },
      PageDown: { kind: 'scroll', by: 1 },
      PageUp: { kind: 'scroll', by: -1 },
      Home: { kind: 'go', page: 1 },
      End: { kind: 'go', page: this.#shown.pages },
    };
    if (!keys[key]) return false;
    this.#tell(keys[key]);
    return true;
  }

  view() {
    if (this.#problem) return this.#note(this.#problem);
    return html`<div class="pdf-stage">
        <iframe class="pdf-frame ${this.#shown ? '' : 'pdf-waits'}" src="/files/pdf" sandbox="allow-scripts" title=${this.file.name} @load=${this.#frameLoaded}></iframe>
        ${this.#shown ? nothing : html`<p class="viewer-note" aria-live="polite">${t('Loading…')}</p>`}
      </div>${this.#shown ? this.#foot(this.#shown) : nothing}`;
  }

  /** @param {Shown} shown */
  #foot({ page, pages, scale }) {
    return html`<footer class="viewer-foot">
      <button class="tool" aria-label=${t('Previous page')} title=${t('Previous page')} ?disabled=${page <= 1} @click=${() => this.#tell({ kind: 'go', page: page - 1 })}>${icon('caret-left', { flip: true })}</button>
      <label class="pdf-page-number"><span class="visually-hidden">${t('Page')}</span>
        <input inputmode="numeric" autocomplete="off" .value=${String(page)} @change=${this.#entered}></label>
      <span>${t('of {pages}', { pages })}</span>
      <button class="tool" aria-label=${t('Next page')} title=${t('Next page')} ?disabled=${page >= pages} @click=${() => this.#tell({ kind: 'go', page: page + 1 })}>${icon('caret-right', { flip: true })}</button>
      <span class="pdf-gap"></span>
      <button class="tool" aria-label=${t('Smaller')} title=${t('Smaller')} @click=${() => this.#tell({ kind: 'zoom', by: -1 })}>${icon('magnifying-glass-minus')}</button>
      <button class="btn btn-small btn-quiet" aria-label=${t('Whole width')} title=${t('Whole width')} @click=${() => this.#tell({ kind: 'zoom', by: 0 })}>${Math.round(scale * 100)} %</button>
      <button class="tool" aria-label=${t('Larger')} title=${t('Larger')} @click=${() => this.#tell({ kind: 'zoom', by: 1 })}>${icon('magnifying-glass-plus')}</button>
    </footer>`;
  }

  /** @param {Event} event */
  #entered({ target }) {
    const input = /** @type {HTMLInputElement} */ (target);
    const page = Number.parseInt(input.value, 10);
    if (page > 0) this.#tell({ kind: 'go', page });
    input.value = String(this.#shown?.page ?? '');
  }

  /** @param {PdfProblem | 'offline'} problem */
  #note(problem) {
    const { id, name } = this.file;
    return html`<div class="viewer-note" role="alert"><p>${problemText(problem, name)}</p>
      ${problem === 'offline' ? html`<button class="btn btn-small btn-quiet" @click=${() => this.#load()}>${t('Try again')}</button>` : nothing}
      <a class="btn btn-small" href=${contentAddress(id, 'original', true)} download=${name}>${t('Download')}</a></div>`;
  }
}

/** @param {PdfProblem | 'offline'} problem @param {string} name */
function problemText(problem, name) {
  if (problem === 'offline') return t('{name} could not be loaded.', { name });
  if (problem === 'locked') return t('{name} is protected by a password. Download it to open it.', { name });
  if (problem === 'large') return t('{name} is too large to be shown here. Download it to open it.', { name });
  return t('{name} cannot be shown here. The file may be damaged.', { name });
}

/** @param {unknown} reason @returns {PdfProblem} */
const knownProblem = (reason) => (reason === 'locked' || reason === 'large' ? reason : 'broken');

/** @param {unknown} value */
const count = (value) => Math.max(1, Math.floor(Number(value)) || 1);

customElements.define('pdf-view', PdfView);
