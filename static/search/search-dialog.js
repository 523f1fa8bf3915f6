/**
 * `<search-dialog>`: find people, chats and messages.
 *
 * @module
 */

/** @import { FoundPerson } from '../realtime/request-types.js' */
/** @import { Chat, Person } from '../realtime/wire.js' */
/** @import { Typed } from '../shell/keys.js' */
/** @import { Mentions } from '../chats/markup/parse.js' */
/** @import { SearchHit } from './api.js' */

import { avatar, personColor } from '../accounts/person-color.js';
import { fileLabel } from '../chats/describe.js';
import { chatAvatar, chatTitle } from '../chats/list.js';
import { mentionsOf, renderMentions } from '../chats/markup/render.js';
import { errorText, errorView } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { icon } from '../shell/icon.js';
import { isComposing } from '../shell/keys.js';
import { router } from '../shell/router.js';
import { shortDate, fullDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { search } from './api.js';
import { fileHits, foundFiles, wordsOf } from './file-hits.js';

const SEARCH_DELAY_MS = 200;
const MIN_QUERY_LENGTH = 2;

export class SearchDialog extends Dialog {
  /** @type {Typed} */
  typed = { text: '', entered: false };
  #query = '';
  /** @type {FoundPerson[]} */
  #people = [];
  /** @type {Chat[]} */
  #chats = [];
  /** @type {SearchHit[]} */
  #hits = [];
  /** People mentioned in the found messages. @type {Record<string, Person>} */
  #mentioned = {};
  /** @type {string | null} */
  #next = null;
  /** The query of the results shown; empty when there are none. */
  #shownQuery = '';
  #searches = 0;
  /** Enter was pressed before the results arrived: open the first one. */
  #opensFirst = false;
  #timer = 0;

  start() {
    super.start();
    const field = /** @type {HTMLInputElement} */ (this.querySelector('input'));
    field.focus();
    if (!this.typed.text) return;
    field.value = this.typed.text;
    this.#query = field.value.trim();
    this.#opensFirst = this.typed.entered;
    void this.#search();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  heading() {
    return t('Search');
  }

  /** @param {Event} event */
  #typed(event) {
    this.#query = /** @type {HTMLInputElement} */ (event.target).value.trim();
    clearTimeout(this.#timer);
    this.#opensFirst = false;
    this.#timer = setTimeout(() => this.#search(), SEARCH_DELAY_MS);
    this.update();
  }

  async #search() {
    const current = ++this.#searches;
    const query = this.#query;
    this.error = '';
    if ([...query].length < MIN_QUERY_LENGTH) {
      this.#shownQuery = '';
      this.update();
      return;
    }
    try {
      const [{ people }, { chats }, { messages, next }] = await Promise.all([
        search('people', query),
        search('chats', query),
        search('messages', query),
      ]);
      if (current !== this.#searches) return;
      // Enter opens the first result: put contacts before namesakes.
      this.#people = people.sort((a, b) => isContact(b) - isContact(a));
      this.#chats = chats;
      this.#hits = messages;
      this.#next = next;
      void this.#loadMentioned(current);
      this.#shownQuery = query;
      if (this.#opensFirst) {
        this.draw();
        /** @type {HTMLElement | null} */ (this.querySelector('.hit'))?.click();
      }
    } catch (error) {
      if (current !== this.#searches) return;
      this.error = searchErrorText(error);
    }
    this.update();
  }

  /** @param {number} current */
  async #loadMentioned(current) {
    const ids = this.#hits.flatMap(({ message }) => message.mentions ?? []);
    if (!ids.length) return;
    const mentioned = await connect().request('named', [...new Set(ids)]).catch(() => ({}));
    if (current !== this.#searches) return;
    this.#mentioned = mentioned;
    this.update();
  }

  async #more() {
    const current = this.#searches;
    try {
      const { messages, next } = await search('messages', this.#shownQuery, this.#next);
      if (current !== this.#searches) return;
      this.#hits = [...this.#hits, ...messages];
      this.#next = next;
      void this.#loadMentioned(current);
    } catch (error) {
      this.error = searchErrorText(error);
    }
    this.update();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isComposing(event)) return;
    const all = /** @type {HTMLElement[]} */ ([...this.querySelectorAll('.hit')]);
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (event.key === 'Enter' && at < 0 && event.target instanceof HTMLInputElement) {
      event.preventDefault();
      if (this.#query === this.#shownQuery) all[0]?.click();
      else this.#opensFirst = true;
    }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || !all.length) return;
    event.preventDefault();
    if (at + by < 0) this.querySelector('input')?.focus();
    else all[Math.min(at + by, all.length - 1)].focus();
  }

  /** @param {FoundPerson} found */
  async #open({ person, state }) {
    if (state !== 'contact') {
      this.close();
      router.go(`/people?q=${encodeURIComponent(person.username)}`);
      return;
    }
    try {
      const { chat } = await connect().command({ type: 'chat.direct', person: person.id });
      this.close();
      router.go(`/c/${chat}`);
    } catch (error) {
      this.error = errorText(error);
      this.update();
    }
  }

  content() {
    return html`<div class="search" @keydown=${this.#key}>
      <label class="search-field">${icon('magnifying-glass')}
        <input class="search-input" role="searchbox" enterkeyhint="search" autocomplete="off" dir="auto" placeholder=${t('Find people, chats, messages')}
          aria-label=${t('Find people, chats, messages')} @input=${this.#typed}></label>
      ${errorView(this.error)}
      ${this.#shownQuery ? this.#found() : help()}
    </div>`;
  }

  #found() {
    const all = this.#people.length + this.#chats.length + this.#hits.length;
    const words = wordsOf(this.#shownQuery);
    return html`<p class="visually-hidden" role="status">${tn('{n} found', '{n} found', all)}</p>
      ${all ? nothing : html`<p class="people-none">${t('Nothing was found. Try different words.')}</p>`}
      ${part(t('People'), this.#people, (found) => this.#person(found))}
      ${part(t('Chats'), this.#chats, chatHit)}
      ${part(t('Messages'), this.#hits, (hit) => messageHit(hit, this.#mentioned, words))}
      ${this.#next ? html`<button class="btn btn-small btn-quiet" @click=${this.#more}>${t('More')}</button>` : nothing}`;
  }

  /** @param {FoundPerson} found */
  #person(found) {
    const { person } = found;
    return html`<button class="hit hit-person ${personColor(person.id)}" @click=${() => this.#open(found)}>
      ${avatar(person)}
      <span><b><bdi>${person.name}</bdi></b> <span class="hit-more"><bdi>@${person.username}</bdi></span></span></button>`;
  }
}

/** @param {FoundPerson} found */
const isContact = ({ state }) => Number(state === 'contact');

/** @template T @param {string} words @param {T[]} found @param {(one: T) => unknown} view */
function part(words, found, view) {
  if (!found.length) return nothing;
  return html`<section aria-label=${words}><h3 class="people-head">${words}</h3>
    <ul role="list">${found.map((one) => html`<li>${view(one)}</li>`)}</ul></section>`;
}

/** @param {Chat} chat */
const chatHit = (chat) =>
  html`<a class="hit hit-person ${personColor(chat.person?.id ?? chat.id)}" href="/c/${chat.id}">${chatAvatar(chat)}<b><bdi>${chatTitle(chat)}</bdi></b></a>`;

/** @param {SearchHit} hit @param {Record<string, Person>} mentioned @param {string[]} words */
function messageHit({ chat, message, sender, excerpt, highlights }, mentioned, words) {
  const { text, mentions: ids = [], mentions_all, files = [] } = message;
  const mentions = mentionsOf({ text, mentions: ids, mentions_all }, mentioned);
  const found = foundFiles(files, words, highlights.length > 0);
  const about = (connect().chats.value ?? []).find(({ id }) => id === chat);
  return html`<a class="hit ${sender ? personColor(sender.id) : ''}" href="/c/${chat}/at/${message.seq}">
    <span class="hit-top"><b class="row-who"><bdi>${sender?.name || t('Somebody')}</bdi></b>
      ${about && about.person?.id !== sender?.id ? html`<bdi class="summary-chat">${chatTitle(about)}</bdi>` : nothing}
      <time class="summary-time" datetime=${message.at} title=${fullDate(message.at)}>${shortDate(message.at)}</time></span>
    ${excerpt || !found.length ? html`<span class="hit-text" dir="auto">${excerpt || !files.length ? marked(excerpt, highlights, mentions) : fileLabel(files)}</span>` : nothing}
    ${fileHits(found, words)}</a>`;
}

/** @param {string} text @param {{ start: number, end: number }[]} ranges in order
 * @param {Mentions} mentions */
function marked(text, ranges, mentions) {
  const parts = [];
  let from = 0;
  for (const { start, end } of ranges) {
    parts.push(renderMentions(text.slice(from, start), mentions), html`<mark>${text.slice(start, end)}</mark>`);
    from = end;
  }
  parts.push(renderMentions(text.slice(from), mentions));
  return parts;
}

const help = () => html`<dl class="search-help">${[
  ['from:name', t('written by somebody')],
  ['in:"chat name"', t('in one chat')],
  ['has:link has:code', t('contains a link, contains code')],
  ['has:image has:voice has:file', t('contains a picture, a voice message, any file')],
  ['before:2026-11-01 after:2026-10-01', t('before or after a day')],
  ['"these words" -without', t('exact phrase; leave out a word')],
].map(([sign, words]) => html`<div><dt><code dir="ltr">${sign}</code></dt><dd>${words}</dd></div>`)}</dl>`;

/** @param {unknown} error */
function searchErrorText(error) {
  const code = error && typeof error === 'object' && 'code' in error ? error.code : '';
  if (code === 'offline') return t('You are offline. Search needs a connection.');
  if (code === 'rate_limited') return t('Too many requests. Wait a moment and try again.');
  if (code === 'not_possible') return t('This search takes too long. Add a word, a chat, a person or a date.');
  if (code === 'invalid') return t('This search is not valid: check its dates, its length and what follows “has:” (link, code, file, image, video, audio, voice or document).');
  return t('The search did not work. Try again.');
}

customElements.define('search-dialog', SearchDialog);

/** @param {Typed} typed text typed while the module was loading */
export const openSearch = (typed) => openDialog('search-dialog', { typed });
