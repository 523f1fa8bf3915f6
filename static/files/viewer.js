/**
 * `<file-viewer>`: pictures of a chat, one at a time, or one text or PDF.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */
/** @import { PdfView } from './pdf-view.js' */
/** @import { Shown } from './picture-list.js' */

import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { icon } from '../shell/icon.js';
import { fullDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { downloadLink } from './download-link.js';
import { loadContent, loadPicture } from './file-loader.js';
import { PDF, sizeText } from './file-texts.js';
import './pdf-view.js';
import { PictureList } from './picture-list.js';
import { bestVariant, downloadSize } from './variants.js';
import { Zoom } from './zoom.js';

export class FileViewer extends Dialog {
  /** @type {Shown} */
  first = /** @type {any} */ (null);
  /** @type {HTMLElement | null} gets the focus back */
  opener = null;
  /** @type {PictureList | null} null for a text or PDF */
  #list = null;
  /** @type {Shown} */
  #at = /** @type {any} */ (null);
  /** @type {{ url: string, text: string | null, failed: boolean }} */
  #content = { url: '', text: null, failed: false };
  /** @type {Zoom | null} */
  #zoom = null;
  #name = '';
  /** The chat as it was at the last check. @type {ChatView | undefined} */
  #checked;
  #loads = 0;

  start() {
    this.#at = this.first;
    if (this.first.file.kind === 'image') this.#list = new PictureList(this.first);
    super.start();
    // Not its first link, which leads away.
    this.dialog.focus();
    this.dialog.addEventListener('close', () => this.#focusBack());
    const stage = /** @type {HTMLElement} */ (this.querySelector('.viewer-stage'));
    this.#zoom = new Zoom(stage, { changed: () => this.#zoomed(), swiped: (by) => this.#go(by) });
    this.addCleanup(connect().watchChats((chats) => void this.#check(chats.find(({ id }) => id === this.#at.chat))));
    if (!this.#isPdf) void this.#load();
    else void this.#nameSender();
    if (this.#list) void this.#list.older().then(() => this.update(), () => {});
  }

  stop() {
    this.#loads += 1;
    if (this.#content.url) URL.revokeObjectURL(this.#content.url);
  }

  /** Close when the chat is left or the message is deleted. @param {ChatView | undefined} chat */
  async #check(chat) {
    if (chat === this.#checked) return;
    this.#checked = chat;
    const { row } = this.#at;
    const now = chat && (await connect().request('message', chat.id, row.seq ?? 0).catch(() => row));
    if (this.#at.row === row && (!now || now.deleted)) this.close();
  }

  /** To the picture that is shown, if its row is there; else to what opened the viewer. */
  #focusBack() {
    const { opener } = this;
    const inside = opener?.querySelector('button:not([hidden]), a');
    /** @type {HTMLElement | null} */ (inside ?? null)?.focus();
  }

  get #isPdf() {
    return this.#at.file.type === PDF;
  }

  get #index() {
    return this.#list?.shown.findIndex(({ file, row }) => file.id === this.#at.file.id && row.seq === this.#at.row.seq) ?? -1;
  }

  async #load() {
    const load = ++this.#loads;
    const { row, chat, file } = this.#at;
    this.#zoom?.reset();
    let content = { url: '', text: /** @type {string | null} */ (null), failed: false };
    void this.#nameSender();
    try {
      if (file.kind === 'image') content.url = await loadPicture({ chat, row }, file, bestVariant(file.variants)?.name ?? 'full');
      else content.text = await (await loadContent({ chat, row }, file, 'original')).text();
    } catch {
      content = { ...content, failed: true };
    }
    if (load !== this.#loads) {
      if (content.url) URL.revokeObjectURL(content.url);
      return;
    }
    this.#show(content);
  }

  /** @param {{ url: string, text: string | null, failed: boolean }} content */
  #show(content) {
    if (this.#content.url) URL.revokeObjectURL(this.#content.url);
    this.#content = content;
    this.draw();
    // Keys scroll it at once.
    if (document.activeElement === this.dialog) /** @type {HTMLElement | null} */ (this.querySelector('.viewer-text'))?.focus();
  }

  async #nameSender() {
    const { row } = this.#at;
    const people = row.mine ? {} : await connect().request('named', [row.sender]).catch(() => ({}));
    this.#name = row.mine ? t('You') : (people[row.sender]?.name ?? t('Somebody'));
    this.update();
  }

  /** @param {number} by 1: the next, newer picture; Infinity: the newest, -Infinity: the oldest of those loaded */
  async #go(by) {
    const list = this.#list;
    if (!list) return;
    if (!list.shown[this.#index + by] && by < 0 && list.hasOlder) await list.older().catch(() => {});
    const next = Number.isFinite(by) ? list.shown[this.#index + by] : list.shown.at(by < 0 ? 0 : -1);
    if (!next || next === list.shown[this.#index] || !this.isConnected) return;
    this.#at = next;
    this.#show({ url: '', text: null, failed: false });
    void this.#load();
  }

  #zoomed() {
    const image = /** @type {HTMLElement | null} */ (this.querySelector('.viewer-picture'));
    if (image && this.#zoom) image.style.transform = this.#zoom.transform;
    this.update();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const pdf = /** @type {PdfView | null} */ (this.querySelector('pdf-view'));
    if (pdf?.key(event)) event.preventDefault();
    if (!this.#list) return;
    const pan = { ArrowRight: [-1, 0], ArrowLeft: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }[event.key];
    if (pan && this.#zoom && this.#zoom.scale > 1) {
      event.preventDefault();
      return this.#zoom.pan(pan[0], pan[1]);
    }
    const forward = document.documentElement.dir === 'rtl' ? -1 : 1;
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowRight: () => void this.#go(forward),
      ArrowLeft: () => void this.#go(-forward),
      Home: () => void this.#go(-Infinity),
      End: () => void this.#go(Infinity),
      '+': () => this.#zoom?.step(1),
      '=': () => this.#zoom?.step(1),
      '-': () => this.#zoom?.step(-1),
      0: () => this.#zoom?.reset(),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  view() {
    const { chat, row, file } = this.#at;
    const variant = file.kind === 'image' ? (bestVariant(file.variants)?.name ?? 'full') : 'original';
    return html`<dialog class="viewer" tabindex="-1" aria-labelledby="viewer-title" @keydown=${this.#key} @click=${this.#clicked}><div class="viewer-in">
      <header class="viewer-top">
        <div class="viewer-about"><h2 id="viewer-title"><bdi>${file.name}</bdi></h2>
          <p class="viewer-more"><bdi>${this.#name}</bdi>, ${fullDate(row.at)}, ${sizeText(downloadSize(file))}${this.#count()}</p></div>
        <a class="tool" href="/c/${chat}/at/${row.seq}" aria-label=${t('Show in the chat')} title=${t('Show in the chat')}>${icon('arrow-bend-up-left', { flip: true })}</a>
        ${downloadLink(file, { variant })}
        <button class="tool" aria-label=${t('Close')} title=${t('Close')} @click=${() => this.close()}>${icon('x')}</button>
      </header>
      <div class="viewer-stage">${this.#contentView()}${this.#list ? this.#sides() : nothing}</div>
      ${this.#list ? this.#foot() : nothing}
      <p class="visually-hidden" role="status">${this.#list ? this.#place() : nothing}</p>
    </div></dialog>`;
  }

  #contentView() {
    const { url, text, failed } = this.#content;
    const { name } = this.#at.file;
    if (this.#isPdf) return html`<pdf-view .place=${this.#at} .file=${this.#at.file} .close=${() => this.close()}></pdf-view>`;
    if (failed) {
      return html`<div class="viewer-note"><p>${t('{name} could not be loaded.', { name })}</p>
        <button class="btn btn-small btn-quiet" @click=${() => this.#load()}>${t('Try again')}</button></div>`;
    }
    if (text !== null) return html`<pre class="viewer-text" dir="auto" tabindex="0" aria-label=${name}>${text}</pre>`;
    if (!url) return html`<p class="viewer-note" aria-live="polite">${t('Loading…')}</p>`;
    const { scale = 1 } = this.#zoom ?? {};
    return html`<img class="viewer-picture ${scale > 1 ? 'viewer-zoomed' : ''}" alt=${name} src=${url} draggable="false">`;
  }

  #sides() {
    const at = this.#index;
    const length = this.#list?.shown.length ?? 0;
    const isFirst = at <= 0 && !this.#list?.hasOlder;
    return html`${isFirst ? nothing : html`<button class="viewer-side viewer-before" aria-label=${t('Earlier picture')} title=${t('Earlier picture')} @click=${() => this.#go(-1)}>${icon('caret-left', { flip: true })}</button>`}
      ${at < length - 1 ? html`<button class="viewer-side viewer-after" aria-label=${t('Later picture')} title=${t('Later picture')} @click=${() => this.#go(1)}>${icon('caret-right', { flip: true })}</button>` : nothing}`;
  }

  #foot() {
    const scale = this.#zoom?.scale ?? 1;
    return html`<footer class="viewer-foot">
      <button class="tool" aria-label=${t('Smaller')} title=${t('Smaller')} @click=${() => this.#zoom?.step(-1)}>${icon('magnifying-glass-minus')}</button>
      <button class="btn btn-small btn-quiet" @click=${() => this.#zoom?.reset()}>${scale === 1 ? t('Whole picture') : `${Math.round(scale * 100)} %`}</button>
      <button class="tool" aria-label=${t('Larger')} title=${t('Larger')} @click=${() => this.#zoom?.step(1)}>${icon('magnifying-glass-plus')}</button>
    </footer>`;
  }

  /** Which of the chat's pictures it is, once all are known. */
  #count() {
    const { shown = [], hasOlder = true } = this.#list ?? {};
    return hasOlder || shown.length < 2 ? '' : `, ${t('{n} of {total}', { n: this.#index + 1, total: shown.length })}`;
  }

  #place() {
    const { name } = this.#at.file;
    return this.#content.url ? t('{name}, from {who}', { name, who: this.#name }) + this.#count() : '';
  }

  /** The page of the message takes the focus. @param {Event} event */
  #clicked(event) {
    const link = /** @type {Element} */ (event.target).closest('a[href^="/c/"]');
    if (!link) return;
    this.opener = null;
    this.close();
  }
}

customElements.define('file-viewer', FileViewer);

/** @param {Shown} first @param {HTMLElement} opener gets the focus back */
export const openViewer = (first, opener) => openDialog('file-viewer', { first, opener });
