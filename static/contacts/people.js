/**
 * `<people-view>`: find people, and manage contacts.
 *
 * @module
 */

/** @import { ContactView } from '../realtime/contract.js' */
/** @import { FoundPerson } from '../realtime/request-types.js' */
/** @import { Shown } from './found-people.js' */
/** @import { PersonVerb } from './person-verbs.js' */

import { avatar, nameButton, personColor } from '../accounts/person-color.js';
import { presenceMark } from '../accounts/presence-mark.js';
import { errorText } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { focusQuestion } from '../shell/question.js';
import { timeAgo } from '../shell/times.js';
import { View, html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { foundPeople } from './found-people.js';
import { openLink } from './open-link.js';
import { carryOut, furtherVerbs, greet, greetingView, hasFurtherVerbs, mainVerbs } from './person-verbs.js';

/** Delay after a key before searching; most people type faster than this. */
const SEARCH_DELAY_MS = 200;
const MIN_QUERY_LENGTH = 2;

export class PeopleView extends View {
  /** @type {ContactView[]} */
  #contacts = [];
  /** @type {FoundPerson[] | null} null: no search yet */
  #found = null;
  /** @type {string | null} cursor of the next page */
  #next = null;
  #query = '';
  #searchError = '';
  #searches = 0;
  #timer = 0;
  /** @type {string} id of the person whose further actions are shown */
  #open = '';
  /** What the reader is asked about them. @type {PersonVerb | ''} */
  #asking = '';
  /** @type {Map<string, string>} error texts, by person */
  #errors = new Map();

  start() {
    this.draw();
    const field = /** @type {HTMLInputElement} */ (this.querySelector('input'));
    field.value = this.#query;
    if (matchMedia('(hover: hover)').matches) field.focus();
  }

  stop() {
    clearTimeout(this.#timer);
  }

  /** @param {ContactView[]} contacts */
  set contacts(contacts) {
    // An error belongs to what was then between the two.
    const states = new Map(contacts.map(({ person, state }) => [person.id, state]));
    for (const { person, state } of this.#contacts) {
      if (states.get(person.id) !== state) this.#errors.delete(person.id);
    }
    this.#contacts = contacts;
    this.update();
  }

  /** The query in the address. @param {string} query */
  set query(query) {
    if (!query || query === this.#query) return;
    this.#query = query;
    const field = this.querySelector('input');
    if (field) field.value = query;
    this.#search();
  }

  /** @param {string} query */
  #typed(query) {
    this.#query = query;
    // More of them would be found by other words.
    this.#next = null;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#search(), SEARCH_DELAY_MS);
    this.update();
  }

  /** @param {string | null} [cursor] */
  async #search(cursor = null) {
    const query = this.#query.trim();
    const search = ++this.#searches;
    this.#searchError = '';
    if ([...query].length < MIN_QUERY_LENGTH) {
      this.#found = this.#next = null;
      this.update();
      return;
    }
    try {
      const { items, next } = await connect().request('findPeople', query, cursor);
      if (search !== this.#searches) return;
      this.#found = cursor ? [...(this.#found ?? []), ...items] : items;
      this.#next = next;
    } catch (error) {
      if (search !== this.#searches) return;
      this.#searchError = errorText(error);
      // They were found by other words.
      if (!cursor) this.#found = this.#next = null;
    }
    this.update();
  }

  /** @param {PersonVerb} verb @param {string} person */
  #act(verb, person) {
    this.#open = '';
    this.#asking = '';
    return this.#try(person, () => carryOut(verb, person));
  }

  /** @param {PersonVerb | ''} verb about the open person */
  #ask(verb) {
    this.#asking = verb;
    this.draw();
    focusQuestion(this.querySelector('.person-further'));
  }

  /** @param {string} person @param {() => Promise<unknown>} act */
  async #try(person, act) {
    this.#errors.delete(person);
    try {
      await act();
    } catch (error) {
      this.#errors.set(person, errorText(error));
    }
    this.update();
  }

  view() {
    // Who was found stands there only.
    const found = foundPeople(this.#query.trim(), this.#contacts, this.#found ?? []);
    const ids = new Set(found.map(({ person }) => person.id));
    /** @param {ContactView['state']} state */
    const of = (state) => this.#contacts.filter((contact) => contact.state === state && !ids.has(contact.person.id));
    const isSearching = this.#query.trim() !== '';
    return html`<div class="people">
      <div class="people-top">
        <a class="tool back" href="/" aria-label=${t('Back to your chats')}>${icon('arrow-left', { flip: true })}</a>
        <h1>${t('People')}</h1>
      </div>
      <label class="search-field">${icon('magnifying-glass')}
        <input class="search-input" type="search" data-region autocomplete="off" dir="auto"
          placeholder=${t('Name or username')} aria-label=${t('Find people by name or username')}
          @input=${(/** @type {Event} */ event) => this.#typed(/** @type {HTMLInputElement} */ (event.target).value)}>
      </label>
      ${isSearching ? this.#foundView(found) : nothing}
      <button class="link people-link" @click=${openLink}>${t('Invite by a link')}</button>
      ${this.#part('incoming', t('Contact requests'), of('incoming'))}
      ${isSearching ? nothing : html`${this.#part('outgoing', t('You invited'), of('outgoing'))}
      ${this.#part('contact', t('Your contacts'), of('contact'))}
      ${this.#part('blocked', t('Blocked'), of('blocked'))}`}
      ${this.#contacts.length || isSearching
        ? nothing
        : html`<p class="people-none">${t('Nobody here yet. Type two letters of a name to find people you know, and invite them.')}</p>`}
    </div>`;
  }

  /** @param {Shown[]} found */
  #foundView(found) {
    return html`<section aria-labelledby="people-found">
      <h2 class="people-head" id="people-found">${t('Found')}</h2>
      <p class="visually-hidden" role="status">${tn('{n} found', '{n} found', found.length)}</p>
      ${found.length ? this.#list(found, true) : nothing}
      ${found.length ? nothing : html`<p class="people-none">${this.#noneText()}</p>`}
      ${this.#searchError
        ? html`<p class="error" role="alert">${this.#searchError}
            <button class="link" @click=${() => this.#search()}>${t('Try again')}</button></p>`
        : nothing}
      ${this.#next ? html`<button class="btn btn-quiet btn-small" @click=${() => this.#search(this.#next)}>${t('More')}</button>` : nothing}
    </section>`;
  }

  /** Why nobody was found yet. */
  #noneText() {
    if ([...this.#query.trim()].length < MIN_QUERY_LENGTH) return t('Type two letters to find people who are not your contacts.');
    return this.#found ? t('Nobody by that name. Try the beginning of a name, or a username.') : nothing;
  }

  /** @param {string} name @param {string} words @param {ContactView[]} contacts */
  #part(name, words, contacts) {
    if (!contacts.length) return nothing;
    return html`<section aria-labelledby="people-${name}" data-part=${name}>
      <h2 class="people-head" id="people-${name}">${words}</h2>${this.#list(contacts)}
    </section>`;
  }

  /** @param {Shown[]} people @param {boolean} [isFound] else their part says what they are */
  #list(people, isFound = false) {
    return html`<ul role="list">${repeat(
      people,
      ({ person }) => person.id,
      (one) => this.#person(one, isFound),
    )}</ul>`;
  }

  /** @param {Shown} one @param {boolean} isFound */
  #person(one, isFound) {
    const { person, state, presence, greeting = '' } = one;
    const error = this.#errors.get(person.id);
    /** @param {PersonVerb} verb */
    const act = (verb) => void this.#act(verb, person.id);
    return html`<li class="person ${personColor(person.id)}" data-person=${person.id} data-state=${state}>
      ${avatar(person)}
      <b class="person-name">${nameButton(person)}${presenceMark(presence)}</b>
      <span class="person-more"><bdi>@${person.username}</bdi>${relationText(one, isFound)}</span>
      <div class="person-buttons">${mainVerbs(state, act)}${hasFurtherVerbs(state) ? this.#more(person.id) : nothing}</div>
      ${greetingView({ state, greeting }, person, (text) => this.#try(person.id, () => greet(person.id, text)))}
      ${this.#open === person.id ? furtherVerbs(person, { state, asking: this.#asking, ask: (verb) => this.#ask(verb), act }) : nothing}
      ${error ? html`<p class="person-error" role="alert">${error}</p>` : nothing}
    </li>`;
  }

  /** @param {string} id */
  #more(id) {
    const open = this.#open === id;
    return html`<button class="tool" aria-label=${t('More')} aria-expanded=${open ? 'true' : 'false'}
      @click=${() => {
        this.#open = open ? '' : id;
        this.#asking = '';
        this.update();
      }}>${icon('dots-three')}</button>`;
  }
}

/** @param {Shown} one @param {boolean} isFound */
function relationText({ state, since, presence }, isFound) {
  if (state === 'outgoing' && since) return `, ${t('invited {when}', { when: timeAgo(since) })}`;
  if (state === 'incoming' && since) return `, ${t('asked {when}', { when: timeAgo(since) })}`;
  if (presence?.online) return `, ${t('here now')}`;
  if (presence?.last_seen) return `, ${t('seen {when}', { when: timeAgo(presence.last_seen) })}`;
  return state === 'contact' && isFound ? `, ${t('your contact')}` : '';
}

customElements.define('people-view', PeopleView);
