/**
 * `<chat-files>`: the files and links of a chat, by kind and month.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */
/** @import { RoomChange } from '../chats/side-panel.js' */
/** @import { ChatLink, FilesOf, ShownFile } from './types.js' */

import { filesOf } from '../chats/describe.js';
import { errorText } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { fullDate, monthText, shortDate } from '../shell/times.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import './file-chip.js';
import './file-picture.js';
import './file-player.js';

/** @typedef {FilesOf | 'links'} Tab */
/** @typedef {Row | ChatLink} Entry */
/** @type {[Tab, () => string, () => string][]} */
const TABS = [
  ['pictures', () => t('Pictures'), () => t('No pictures here yet. Those that somebody sends appear in this list.')],
  ['documents', () => t('Documents'), () => t('No documents here yet. Those that somebody sends appear in this list.')],
  ['links', () => t('Links'), () => t('No links here yet. Those in messages appear in this list.')],
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
  /** @type {Tab} */
  #tab = 'pictures';
  /** @type {Entry[] | null} the newest first; null: not fetched yet */
  #entries = null;
  /** @type {string | null} */
  #next = null;
  #error = '';
  #requests = 0;
  #isLoading = false;
  /** Tells of entries that came or changed. */
  changes = new EventTarget();

  start() {
    this.listen(this.changes, 'changed', (/** @type {RoomChange} */ { detail: rows }) => {
      if (!rows || rows.some((row) => this.#isConcerned(row))) void this.#fetch();
    });
    void this.#fetch();
    this.listen(/** @type {Element} */ (this.closest('.panel-in')), 'scroll', () => this.#more());
  }

  /** Whether the list is another one with this message, which came or changed. @param {Row} row */
  #isConcerned(row) {
    const entries = this.#entries;
    const isLinks = this.#tab === 'links';
    const belongs = isLinks ? row.text.includes('://') : this.#files(row).length > 0;
    if (!entries) return belongs || row.deleted;
    if (entries.some(({ seq }) => seq === row.seq)) return row.deleted || row.edited_at !== null || isLinks;
    const isLoaded = !this.#next || Number(row.seq) > Number(entries.at(-1)?.seq);
    return belongs && !row.deleted && isLoaded;
  }

  async #fetch() {
    const request = ++this.#requests;
    try {
      const page = await this.#page(null);
      if (request !== this.#requests) return;
      [this.#entries, this.#next, this.#error] = [page.entries, page.next, ''];
    } catch (error) {
      if (request !== this.#requests) return;
      this.#error = errorText(error);
    }
    this.update();
  }

  /** @param {string | null} cursor @returns {Promise<{ entries: Entry[], next: string | null }>} */
  async #page(cursor) {
    const client = connect();
    if (this.#tab === 'links') {
      const { items, next } = await client.request('chatLinks', this.chat, cursor);
      return { entries: items, next };
    }
    const { rows, next } = await client.request('chatFiles', this.chat, this.#tab, cursor);
    return { entries: rows, next };
  }

  /** The next page, when the end is near. */
  async #more() {
    const panel = /** @type {Element} */ (this.closest('.panel-in'));
    const rest = panel.scrollHeight - panel.scrollTop - panel.clientHeight;
    if (!this.#next || this.#isLoading || rest > panel.clientHeight) return;
    const request = this.#requests;
    this.#isLoading = true;
    try {
      const page = await this.#page(this.#next);
      if (request !== this.#requests) return;
      this.#entries = [...(this.#entries ?? []), ...page.entries];
      this.#next = page.next;
      this.update();
    } catch {
      // The next scroll tries again.
    } finally {
      this.#isLoading = false;
    }
  }

  /** @param {Tab} tab */
  #choose(tab) {
    this.#tab = tab;
    this.#entries = null;
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
    const entries = this.#entries;
    if (!entries) return nothing;
    const none = TABS.find(([tab]) => tab === this.#tab)?.[2]();
    if (!entries.length) return html`<p class="files-none">${none}</p>`;
    return byMonth(entries).map(([month, some]) => html`<h3 class="files-month">${month}</h3>${this.#monthView(some)}`);
  }

  /** @param {Entry[]} entries */
  #monthView(entries) {
    if (this.#tab === 'links') {
      const links = /** @type {ChatLink[]} */ (entries);
      return html`<ul role="list">${links.map((link) => html`<li class="files-one files-link">${linkView(link)}${this.#from({ ...link, mine: link.sender === connect().person })}</li>`)}</ul>`;
    }
    const rows = /** @type {Row[]} */ (entries);
    return this.#tab === 'pictures' ? this.#grid(rows) : html`<ul role="list">${rows.map((row) => this.#documents(row))}</ul>`;
  }

  /** @param {Row} row @returns {ShownFile[]} */
  #files(row) {
    const tab = this.#tab;
    return tab === 'links' ? [] : filesOf(row).filter(({ kind }) => KINDS[tab].includes(kind));
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
      ${this.#from(row)}</li>`;
  }

  /** Who sent it, and the way to the message. @param {Pick<Row, 'seq' | 'sender' | 'mine' | 'at'>} entry */
  #from({ seq, sender, mine, at }) {
    return html`<div class="files-from"><bdi>${mine ? t('You') : (this.people[sender]?.name ?? t('Somebody'))}</bdi>
      <a href="/c/${this.chat}/at/${seq}" title=${fullDate(at)} aria-label=${t('Go to this message, {when}', { when: fullDate(at) })}>${shortDate(at)}</a></div>`;
  }
}

/** @param {ChatLink} link */
function linkView({ url, host, title, description }) {
  const name = title || url.replace(/^https?:\/\//, '');
  return html`<div class="link-text">${/^https?:/.test(url)
      ? html`<a class="link-title" dir="auto" href=${url} target="_blank" rel="noopener noreferrer nofollow">${name}</a>`
      : html`<span class="link-title" dir="auto">${name}</span>`}
    ${title ? html`<bdi class="link-more">${host}</bdi>` : nothing}
    ${description ? html`<span class="link-more link-about" dir="auto">${description}</span>` : nothing}</div>`;
}

/** @param {Entry[]} entries @returns {[string, Entry[]][]} */
function byMonth(entries) {
  /** @type {Map<string, Entry[]>} */
  const months = new Map();
  for (const entry of entries) {
    const month = monthText(entry.at);
    months.set(month, [...(months.get(month) ?? []), entry]);
  }
  return [...months];
}

customElements.define('chat-files', ChatFiles);
