/**
 * `<chat-files>`: the files of a chat, by kind and month.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */
/** @import { FilesOf, ShownFile } from './types.js' */

import { filesOf } from '../chats/describe.js';
import { errorText } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { fullDate, monthText, shortDate } from '../shell/times.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import './file-chip.js';
import './file-picture.js';
import './file-player.js';

/** @type {[FilesOf, () => string, () => string][]} */
const TABS = [
  ['pictures', () => t('Pictures'), () => t('No pictures here yet. Those that somebody sends appear in this list.')],
  ['documents', () => t('Documents'), () => t('No documents here yet. Those that somebody sends appear in this list.')],
  ['voice', () => t('Voice'), () => t('No voice messages here yet. Those that somebody sends appear in this list.')],
];
/** @type {Record<FilesOf, string[]>} */
const KINDS = {
  pictures: ['image', 'video'],
  documents: ['document', 'file', 'audio'],
  voice: ['voice'],
};
const NO_UPLOADS = { cancelUpload() {}, retryUpload() {} };

export class ChatFiles extends View {
  chat = '';
  /** @type {Record<string, Person>} */
  people = {};
  /** @type {FilesOf} */
  #tab = 'pictures';
  /** @type {Row[] | null} the newest first; null: not fetched yet */
  #rows = null;
  /** @type {string | null} */
  #next = null;
  #error = '';
  #requests = 0;
  #isLoading = false;
  #stamp = '';

  /** A new value: messages with files came, changed or were deleted. @param {string} stamp */
  set stamp(stamp) {
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    if (this.isConnected) void this.#fetch();
  }

  start() {
    void this.#fetch();
    this.listen(/** @type {Element} */ (this.closest('.panel-in')), 'scroll', () => this.#more());
  }

  async #fetch() {
    const request = ++this.#requests;
    try {
      const page = await connect().request('chatFiles', this.chat, this.#tab);
      if (request !== this.#requests) return;
      [this.#rows, this.#next, this.#error] = [page.rows, page.next, ''];
    } catch (error) {
      if (request !== this.#requests) return;
      this.#error = errorText(error);
    }
    this.update();
  }

  /** The next page, when the end is near. */
  async #more() {
    const panel = /** @type {Element} */ (this.closest('.panel-in'));
    const rest = panel.scrollHeight - panel.scrollTop - panel.clientHeight;
    if (!this.#next || this.#isLoading || rest > panel.clientHeight) return;
    const request = this.#requests;
    this.#isLoading = true;
    try {
      const page = await connect().request('chatFiles', this.chat, this.#tab, this.#next);
      if (request !== this.#requests) return;
      this.#rows = [...(this.#rows ?? []), ...page.rows];
      this.#next = page.next;
      this.update();
    } catch {
      // The next scroll tries again.
    } finally {
      this.#isLoading = false;
    }
  }

  /** @param {FilesOf} tab */
  #choose(tab) {
    this.#tab = tab;
    this.#rows = null;
    this.#next = null;
    void this.#fetch();
    this.update();
  }

  view() {
    return html`<fieldset class="choice files-tabs" aria-label=${t('Which files')}>${TABS.map(
      ([tab, words]) => html`<label><input type="radio" name="files-of" value=${tab} .checked=${tab === this.#tab} @change=${() => this.#choose(tab)}>${words()}</label>`,
    )}</fieldset>${this.#listView()}`;
  }

  #listView() {
    if (this.#error) {
      return html`<p class="error" role="alert">${this.#error} <button class="link" @click=${this.#fetch}>${t('Try again')}</button></p>`;
    }
    const rows = this.#rows;
    if (!rows) return nothing;
    const none = TABS.find(([tab]) => tab === this.#tab)?.[2]();
    if (!rows.length) return html`<p class="files-none">${none}</p>`;
    return byMonth(rows).map(([month, some]) => html`<h3 class="files-month">${month}</h3>${
      this.#tab === 'pictures' ? this.#grid(some) : html`<ul role="list">${some.map((row) => this.#documents(row))}</ul>`
    }`);
  }

  /** @param {Row} row @returns {ShownFile[]} */
  #files(row) {
    return filesOf(row).filter(({ kind }) => KINDS[this.#tab].includes(kind));
  }

  /** @param {Row[]} rows */
  #grid(rows) {
    const { chat } = this;
    const files = rows.flatMap((row) => this.#files(row).map((file) => ({ row, file })));
    const videos = files.filter(({ file }) => file.kind === 'video');
    const pictures = files.filter(({ file }) => file.kind === 'image');
    return html`<div class="files-grid">${pictures.map(
      ({ row, file }) => html`<file-picture class="picture" .place=${{ chat, row }} .file=${file} .uploads=${NO_UPLOADS}><canvas width="120" height="120" aria-hidden="true"></canvas></file-picture>`,
    )}</div><ul role="list">${videos.map(({ row, file }) => this.#one(row, file))}</ul>`;
  }

  /** @param {Row} row */
  #documents(row) {
    return this.#files(row).map((file) => this.#one(row, file));
  }

  /** @param {Row} row @param {ShownFile} file */
  #one(row, file) {
    const { chat } = this;
    const place = { chat, row };
    const plays = ['audio', 'voice', 'video'].includes(file.kind);
    return html`<li class="files-one">${plays
      ? html`<file-player class="file file-${file.kind}" .place=${place} .file=${file} .uploads=${NO_UPLOADS}></file-player>`
      : html`<file-chip class="file" .place=${place} .file=${file} .uploads=${NO_UPLOADS}></file-chip>`}
      <div class="files-from"><bdi>${row.mine ? t('You') : (this.people[row.sender]?.name ?? t('Somebody'))}</bdi>
        <a href="/c/${chat}/at/${row.seq}" title=${fullDate(row.at)} aria-label=${t('Go to this message, {when}', { when: fullDate(row.at) })}>${shortDate(row.at)}</a></div></li>`;
  }
}

/** @param {Row[]} rows @returns {[string, Row[]][]} */
function byMonth(rows) {
  /** @type {Map<string, Row[]>} */
  const months = new Map();
  for (const row of rows) {
    const month = monthText(row.at);
    months.set(month, [...(months.get(month) ?? []), row]);
  }
  return [...months];
}

customElements.define('chat-files', ChatFiles);
