/**
 * `<search-dialog>`: find people, chats, and what was said.
 *
 * @module
 */

/** @import { FoundPerson } from '../realtime/contract.js' */
/** @import { Chat, Person } from '../realtime/wire.js' */
/** @import { Typed } from '../shell/keys.js' */
/** @import { Mentions } from '../chats/markup.js' */
/** @import { SearchHit } from './api.js' */

import { initials, voice } from '../accounts/person-color.js';
import { titleOf } from '../chats/list.js';
import { chips, mentionsOf } from '../chats/markup.js';
import { problem } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { shelf } from '../realtime/shelf.js';
import { Dialog, show } from '../shell/dialog.js';
import { icon } from '../shell/icon.js';
import { isComposing } from '../shell/keys.js';
import { router } from '../shell/router.js';
import { stamp, whole } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { ask } from './api.js';

const PAUSE = 200;
const LEAST = 2;

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
  /** Who is named in what was found. @type {Record<string, Person>} */
  #named = {};
  /** @type {string | null} */
  #next = null;
  /** What has been answered; empty while nothing was. */
  #answered = '';
  #wrong = '';
  #asked = 0;
  /** Enter was pressed before the answer: its first line is opened. */
  #hasty = false;
  #timer = 0;

  start() {
    super.start();
    const field = /** @type {HTMLInputElement} */ (this.querySelector('input'));
    field.focus();
    if (!this.typed.text) return;
    field.value = this.typed.text;
    this.#query = field.value.trim();
    this.#hasty = this.typed.entered;
    void this.#look();
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
    this.#hasty = false;
    this.#timer = setTimeout(() => this.#look(), PAUSE);
    this.update();
  }

  async #look() {
    const asked = ++this.#asked;
    const query = this.#query;
    this.#wrong = '';
    if ([...query].length < LEAST) {
      this.#answered = '';
      this.update();
      return;
    }
    try {
      const [{ people }, { chats }, { messages, next }] = await Promise.all([
        ask('people', query),
        ask('chats', query),
        ask('messages', query),
      ]);
      if (asked !== this.#asked) return;
      // Enter opens the first: rather somebody known than a namesake.
      this.#people = people.sort((a, b) => known(b) - known(a));
      this.#chats = chats;
      this.#hits = messages;
      this.#next = next;
      void this.#name(asked);
      this.#answered = query;
      if (this.#hasty) {
        this.draw();
        /** @type {HTMLElement | null} */ (this.querySelector('.hit'))?.click();
      }
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#wrong = searchProblem(error);
    }
    this.update();
  }

  /** @param {number} asked */
  async #name(asked) {
    const ids = this.#hits.flatMap(({ message }) => message.mentions ?? []);
    if (!ids.length) return;
    const named = await shelf(connect()).named([...new Set(ids)]).catch(() => ({}));
    if (asked !== this.#asked) return;
    this.#named = named;
    this.update();
  }

  async #more() {
    const asked = this.#asked;
    try {
      const { messages, next } = await ask('messages', this.#answered, this.#next);
      if (asked !== this.#asked) return;
      this.#hits = [...this.#hits, ...messages];
      this.#next = next;
      void this.#name(asked);
    } catch (error) {
      this.#wrong = searchProblem(error);
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
      if (this.#query === this.#answered) all[0]?.click();
      else this.#hasty = true;
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
      const chat = await connect().openDirect(person.id);
      this.close();
      router.go(`/c/${chat}`);
    } catch (error) {
      this.#wrong = problem(error);
      this.update();
    }
  }

  content() {
    return html`<div class="search" @keydown=${this.#key}>
      <label class="bigfind">${icon('magnifying-glass')}
        <input class="find-input" role="searchbox" enterkeyhint="search" autocomplete="off" dir="auto" placeholder=${t('Find people, chats, messages')}
          aria-label=${t('Find people, chats, messages')} @input=${this.#typed}></label>
      ${this.#wrong ? html`<p class="wrong" role="alert">${this.#wrong}</p>` : nothing}
      ${this.#answered ? this.#found() : help()}
    </div>`;
  }

  #found() {
    const all = this.#people.length + this.#chats.length + this.#hits.length;
    return html`<p class="aside" role="status">${tn('{n} found', '{n} found', all)}</p>
      ${all ? nothing : html`<p class="people-none">${t('Nothing was found. Try fewer or other words.')}</p>`}
      ${part(t('People'), this.#people, (found) => this.#person(found))}
      ${part(t('Chats'), this.#chats, chatHit)}
      ${part(t('Messages'), this.#hits, (hit) => messageHit(hit, this.#named))}
      ${this.#next ? html`<button class="btn btn-small btn-quiet" @click=${this.#more}>${t('More')}</button>` : nothing}`;
  }

  /** @param {FoundPerson} found */
  #person(found) {
    const { person } = found;
    return html`<button class="hit hit-person ${voice(person.id)}" @click=${() => this.#open(found)}>
      <span class="pic" aria-hidden="true">${initials(person.name)}</span>
      <span><b><bdi>${person.name}</bdi></b> <span class="hit-more"><bdi>@${person.username}</bdi></span></span></button>`;
  }
}

/** @param {FoundPerson} found */
const known = ({ state }) => Number(state === 'contact');

/** @template T @param {string} words @param {T[]} found @param {(one: T) => unknown} view */
function part(words, found, view) {
  if (!found.length) return nothing;
  return html`<section aria-label=${words}><h3 class="people-head">${words}</h3>
    <ul role="list">${found.map((one) => html`<li>${view(one)}</li>`)}</ul></section>`;
}

/** @param {Chat} chat */
const chatHit = (chat) =>
  html`<a class="hit ${voice(chat.person?.id ?? chat.id)}" href="/c/${chat.id}"><b><bdi>${titleOf(chat)}</bdi></b></a>`;

/** @param {SearchHit} hit @param {Record<string, Person>} named */
function messageHit({ chat, message, sender, excerpt, highlights }, named) {
  const { text, mentions: ids = [], mentions_all } = message;
  const mentions = mentionsOf({ text, mentions: ids, mentions_all }, named);
  const about = (connect().chats.value ?? []).find(({ id }) => id === chat);
  return html`<a class="hit ${sender ? voice(sender.id) : ''}" href="/c/${chat}/at/${message.seq}">
    <span class="hit-top"><b class="row-who"><bdi>${sender?.name || t('Somebody')}</bdi></b>
      ${about && about.person?.id !== sender?.id ? html`<bdi class="brief-where">${titleOf(about)}</bdi>` : nothing}
      <time class="brief-at" datetime=${message.at} title=${whole(message.at)}>${stamp(message.at)}</time></span>
    <span class="hit-text" dir="auto">${marked(excerpt, highlights, mentions)}</span></a>`;
}

/** @param {string} text @param {{ start: number, end: number }[]} ranges in order
 * @param {Mentions} mentions */
function marked(text, ranges, mentions) {
  const parts = [];
  let from = 0;
  for (const { start, end } of ranges) {
    parts.push(chips(text.slice(from, start), mentions), html`<mark>${text.slice(start, end)}</mark>`);
    from = end;
  }
  parts.push(chips(text.slice(from), mentions));
  return parts;
}

const help = () => html`<dl class="search-help">${[
  ['from:name', t('written by somebody')],
  ['in:"chat name"', t('in one chat')],
  ['has:link has:code', t('with a link, with a program')],
  ['before:2026-11-01 after:2026-10-01', t('before or after a day')],
  ['"these words" -without', t('exactly so, and not that')],
].map(([sign, words]) => html`<div><dt><code dir="ltr">${sign}</code></dt><dd>${words}</dd></div>`)}</dl>`;

/** @param {unknown} error */
function searchProblem(error) {
  const code = error && typeof error === 'object' && 'code' in error ? error.code : '';
  if (code === 'offline') return t('You are offline. Searching works again once you are back.');
  if (code === 'rate_limited') return t('That was a lot at once. Wait a moment.');
  if (code === 'not_possible') return t('This search takes too long. Add a word, a chat, a person or a date.');
  if (code === 'invalid') return t('This search cannot be understood: look at its dates and its length.');
  return t('The search did not work. Try again.');
}

customElements.define('search-dialog', SearchDialog);

/** @param {Typed} typed before it was there */
export const openSearch = (typed) => show('search-dialog', { typed });
