/**
 * `<search-dialog>`: find people, chats and messages.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */
/** @import { FoundPerson } from '../realtime/request-types.js' */
/** @import { Chat, Person } from '../realtime/wire.js' */
/** @import { Typed } from '../shell/keys.js' */
/** @import { Found, SearchHit } from './api.js' */
/** @import { Problem } from './language.js' */

import { errorText, errorView } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { icon } from '../shell/icon.js';
import { isComposing } from '../shell/keys.js';
import { router } from '../shell/router.js';
import { localDay } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { search } from './api.js';
import { chatChip, filterButtons, help, isWhole, suggestionsView } from './filters.js';
import { hasFilter, openFilter, problemOf, searchable, withoutFilter, wordsOf } from './language.js';
import { chatHit, messageHit, part, personHit } from './results.js';

const SEARCH_DELAY_MS = 200;
const MAX_LENGTH = 500;
const MAX_RECENT = 8;
/** @type {Found} */
const NONE = { people: [], chats: [], messages: [], next: null };

export class SearchDialog extends Dialog {
  /** @type {Typed} */
  typed = { text: '', entered: false };
  /** The only chat to search in. @type {ChatView | null} */
  chat = null;
  /** As it is in the field. */
  #text = '';
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
  #showsHelp = false;
  #timer = 0;

  start() {
    super.start();
    this.#field.focus();
    if (this.typed.text) this.#replace(this.typed.text, this.typed.entered);
  }

  stop() {
    clearTimeout(this.#timer);
  }

  heading() {
    return t('Search');
  }

  get #field() {
    return /** @type {HTMLInputElement} */ (this.querySelector('.search-input'));
  }

  /** What to search for; empty while there is nothing. */
  get #query() {
    return searchable(this.#text);
  }

  #typed() {
    this.#text = this.#field.value;
    clearTimeout(this.#timer);
    this.#opensFirst = false;
    this.#timer = setTimeout(() => this.#search(), SEARCH_DELAY_MS);
    this.update();
  }

  /** Replace the text of the field, and search at once. @param {string} text @param {boolean} [opensFirst] */
  #replace(text, opensFirst = false) {
    clearTimeout(this.#timer);
    this.#field.value = text;
    this.#field.focus();
    this.#text = text;
    this.#opensFirst = opensFirst;
    void this.#search();
  }

  /** Begin a filter at the end of the text; remove one that it has. @param {string} filter */
  #press(filter) {
    if (isWhole(filter) && hasFilter(this.#text, filter)) return this.#replace(withoutFilter(this.#text, filter));
    const open = openFilter(this.#text);
    const text = (open && !open.value ? this.#text.slice(0, open.start) : this.#text).trim();
    this.#replace(`${text ? `${text} ` : ''}${filter}${isWhole(filter) ? ' ' : ''}`);
  }

  get #problem() {
    return problemOf(this.#query, localDay(Date.now()));
  }

  async #search() {
    const current = ++this.#searches;
    const query = this.#query;
    this.error = '';
    const problem = this.#problem;
    if (problem || !query) {
      // The results stay, dimmed, while a filter is being typed.
      const isTyped = openFilter(this.#text) !== null && !this.#opensFirst;
      if (!query || !isTyped) this.#shownQuery = '';
      if (problem && !isTyped) this.error = problemText(problem);
      this.update();
      return;
    }
    try {
      const { chat } = this;
      const [{ messages, next }, { people }, { chats }] = await Promise.all([
        search('messages', query, { chat: chat?.id }),
        ...(chat ? [NONE, NONE] : [search('people', query), search('chats', query)]),
      ]);
      if (current !== this.#searches) return;
      // Enter opens the first result: put contacts before namesakes.
      this.#people = people.sort((a, b) => isContact(b) - isContact(a));
      const found = new Set(people.map(({ person }) => person.id));
      this.#chats = chats.filter(({ person }) => !person || !found.has(person.id));
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
      this.#shownQuery = '';
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
      const { messages, next } = await search('messages', this.#shownQuery, { cursor: this.#next, chat: this.chat?.id });
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
    const at = /** @type {HTMLElement} */ (event.target);
    if (at instanceof HTMLInputElement && at.type === 'date') return;
    const all = /** @type {HTMLElement[]} */ ([...this.querySelectorAll('.search-suggestion, .hit')]);
    const index = all.indexOf(at);
    if (event.key === 'Enter' && at === this.#field) {
      event.preventDefault();
      this.#entered();
    }
    if (event.key === 'Backspace' && at === this.#field && !this.#field.value && this.chat) this.#searchEverywhere();
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || !all.length) return;
    event.preventDefault();
    if (index + by < 0) this.#field.focus();
    else all[Math.min(index + by, all.length - 1)].focus();
  }

  /** Open the first result, or the last chat. */
  #entered() {
    const query = this.#query;
    this.#opensFirst = true;
    if (this.#problem || this.error) void this.#search();
    else if (query === this.#shownQuery) /** @type {HTMLElement | null} */ (this.querySelector('.hit'))?.click();
  }

  #searchEverywhere() {
    this.chat = null;
    this.#shownQuery = '';
    this.#replace(this.#text);
  }

  /** @param {FoundPerson} found */
  async #open({ person, state }) {
    const known = connect().chats.value?.find((chat) => chat.person?.id === person.id);
    if (known) {
      this.close();
      router.go(`/c/${known.id}`);
      return;
    }
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

  #toggleHelp() {
    this.#showsHelp = !this.#showsHelp;
    this.update();
  }

  content() {
    const words = this.chat ? t('Find messages in this chat') : t('Find people, chats, messages');
    return html`<div class="search" @keydown=${this.#key}>
      <div class="search-top">
        <label class="search-field">${icon('magnifying-glass')}
          <input class="search-input" role="searchbox" enterkeyhint="search" autocomplete="off" autocapitalize="off" dir="auto"
            maxlength=${MAX_LENGTH} placeholder=${words} aria-label=${words} @input=${this.#typed}></label>
        ${this.chat ? chatChip(this.chat, () => this.#searchEverywhere()) : nothing}
        <div class="search-tools">${filterButtons(this.#text, (filter) => this.#press(filter))}
          <button class="search-filter search-question" aria-label=${t('What can be typed')} title=${t('What can be typed')}
            aria-expanded=${this.#showsHelp ? 'true' : 'false'} @click=${() => this.#toggleHelp()}>?</button></div>
        ${this.#showsHelp ? help() : nothing}
        ${this.#suggestions()}
        ${errorView(this.error)}
      </div>
      <div class="search-found ${this.#shownQuery && this.#shownQuery !== this.#query ? 'search-old' : ''}">${
        this.#shownQuery ? this.#found() : this.error || this.#query || this.chat ? nothing : this.#recent()
      }</div>
    </div>`;
  }

  #suggestions() {
    const open = openFilter(this.#text);
    if (!open) return nothing;
    const known = { chats: connect().chats.value ?? [], contacts: connect().contacts.value ?? [] };
    return suggestionsView(open, (text) => this.#replace(this.#text.slice(0, open.start) + text), known);
  }

  /** The chats with the newest messages. */
  #recent() {
    const chats = (connect().chats.value ?? []).filter(({ archived }) => !archived);
    chats.sort((a, b) => (a.active_at < b.active_at ? 1 : -1));
    return part(t('Recent chats'), chats.slice(0, MAX_RECENT), chatHit);
  }

  #found() {
    const all = this.#people.length + this.#chats.length + this.#hits.length;
    const words = wordsOf(this.#shownQuery);
    return html`<p class="visually-hidden" role="status">${tn('{n} found', '{n} found', all)}</p>
      ${all ? nothing : html`<p class="people-none">${t('Nothing was found. Try different words.')}</p>`}
      ${part(t('People'), this.#people, (found) => personHit(found, (one) => void this.#open(one)))}
      ${part(t('Chats'), this.#chats, chatHit)}
      ${part(t('Messages'), this.#hits, (hit) => messageHit(hit, this.#mentioned, words))}
      ${this.#next ? html`<button class="btn btn-small btn-quiet" @click=${this.#more}>${t('More')}</button>` : nothing}`;
  }
}

/** @param {FoundPerson} found */
const isContact = ({ state }) => Number(state === 'contact');

/** @param {Problem} problem */
const problemText = ({ key }) =>
  key === 'date'
    ? t('That date is not valid. Use 2026-11-30.')
    : t('“has:” finds one of: link, code, file, image, video, audio, voice, document.');

/** @param {unknown} error */
function searchErrorText(error) {
  const code = error && typeof error === 'object' && 'code' in error ? error.code : '';
  if (code === 'offline') return t('You are offline. Search needs a connection.');
  if (code === 'rate_limited') return t('Too many requests. Wait a moment and try again.');
  if (code === 'not_possible') return t('This search takes too long. Add a word, a chat, a person or a date.');
  if (code === 'invalid') return t('This search has too many words.');
  return t('The search did not work. Try again.');
}

customElements.define('search-dialog', SearchDialog);

/**
 * @param {Typed} typed text typed while the module was loading
 * @param {ChatView} [chat] the only one to search in
 */
export const openSearch = (typed, chat) => openDialog('search-dialog', { typed, chat: chat ?? null });
