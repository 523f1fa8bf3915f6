/**
 * `<people-view>`: find people, and how one stands to them.
 *
 * @module
 */

/** @import { ContactVerb, ContactView, FoundPerson } from '../realtime/contract.js' */

import { initials, voice } from '../accounts/person-color.js';
import { onlineDot } from '../chats/list.js';
import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { router } from '../shell/router.js';
import { ago } from '../shell/times.js';
import { View, html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';

/** Wait so long after a key before asking: most words are typed faster than that. */
const PAUSE = 200;
const LEAST = 2;

/** @typedef {FoundPerson & Partial<ContactView>} Shown */

export class PeopleView extends View {
  /** @type {ContactView[]} */
  #contacts = [];
  /** @type {FoundPerson[] | null} null: nothing was looked for */
  #found = null;
  /** @type {string | null} cursor of the next page */
  #next = null;
  #query = '';
  #problem = '';
  #asked = 0;
  #timer = 0;
  /** @type {string} id of the person whose further verbs are shown */
  #open = '';
  /** @type {Map<string, string>} what went wrong, by person */
  #wrong = new Map();

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
    this.#contacts = contacts;
    this.update();
  }

  /** What the address looks for. @param {string} query */
  set query(query) {
    if (!query || query === this.#query) return;
    this.#query = query;
    const field = this.querySelector('input');
    if (field) field.value = query;
    this.#look();
  }

  /** @param {string} query */
  #typed(query) {
    this.#query = query;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), PAUSE);
  }

  /** @param {string | null} [cursor] */
  async #look(cursor = null) {
    const query = this.#query.trim();
    const asked = ++this.#asked;
    this.#problem = '';
    if ([...query].length < LEAST) {
      this.#found = null;
      this.update();
      return;
    }
    try {
      const { items, next } = await connect().findPeople(query, cursor);
      if (asked !== this.#asked) return;
      this.#found = cursor ? [...(this.#found ?? []), ...items] : items;
      this.#next = next;
    } catch (error) {
      if (asked !== this.#asked) return;
      this.#problem = problem(error);
    }
    this.update();
  }

  /** @param {ContactVerb} verb @param {string} person */
  async #act(verb, person) {
    this.#wrong.delete(person);
    this.#open = '';
    try {
      await connect().contact(verb, person);
    } catch (error) {
      this.#wrong.set(person, problem(error));
    }
    this.update();
  }

  /** @param {string} person */
  async #write(person) {
    this.#wrong.delete(person);
    try {
      router.go(`/c/${await connect().openDirect(person)}`);
    } catch (error) {
      this.#wrong.set(person, problem(error));
      this.update();
    }
  }

  view() {
    /** @param {ContactView['state']} state */
    const of = (state) => this.#contacts.filter((contact) => contact.state === state);
    return html`<div class="people">
      <div class="people-top">
        <a class="tool back" href="/" aria-label=${t('Back to your chats')}>${icon('arrow-left', { flip: true })}</a>
        <h1>${t('People')}</h1>
      </div>
      <label class="bigfind">${icon('magnifying-glass')}
        <input class="find-input" type="search" data-region autocomplete="off" dir="auto"
          placeholder=${t('Name or username')} aria-label=${t('Find people by name or username')}
          @input=${(/** @type {Event} */ event) => this.#typed(/** @type {HTMLInputElement} */ (event.target).value)}>
      </label>
      ${this.#part('incoming', t('Want to be in touch with you'), of('incoming'))}
      ${this.#results()}
      ${this.#part('outgoing', t('You invited'), of('outgoing'))}
      ${this.#part('contact', t('Your contacts'), of('contact'))}
      ${this.#part('blocked', t('Blocked'), of('blocked'))}
      ${this.#contacts.length || this.#found
        ? nothing
        : html`<p class="people-none">${t('Nobody here yet. Type two letters of a name to find people you know, and invite them.')}</p>`}
    </div>`;
  }

  #results() {
    if (this.#problem) {
      return html`<p class="wrong" role="alert">${this.#problem}
        <button class="link" @click=${() => this.#look()}>${t('Try again')}</button></p>`;
    }
    if (!this.#found) return nothing;
    const known = new Map(this.#contacts.map((contact) => [contact.person.id, contact]));
    const found = this.#found.map((one) => known.get(one.person.id) ?? one);
    return html`<section aria-labelledby="people-found">
      <h2 class="people-head" id="people-found">${t('Found')}</h2>
      <p class="aside" role="status">${tn('{n} found', '{n} found', found.length)}</p>
      ${found.length ? this.#list(found) : html`<p class="people-none">${t('Nobody by that name. Try the beginning of a name, or a username.')}</p>`}
      ${this.#next ? html`<button class="btn btn-quiet btn-small" @click=${() => this.#look(this.#next)}>${t('More')}</button>` : nothing}
    </section>`;
  }

  /** @param {string} name @param {string} words @param {ContactView[]} contacts */
  #part(name, words, contacts) {
    if (!contacts.length) return nothing;
    return html`<section aria-labelledby="people-${name}" data-part=${name}>
      <h2 class="people-head" id="people-${name}">${words}</h2>${this.#list(contacts)}
    </section>`;
  }

  /** @param {Shown[]} people */
  #list(people) {
    return html`<ul role="list">${repeat(
      people,
      ({ person }) => person.id,
      (one) => this.#person(one),
    )}</ul>`;
  }

  /** @param {Shown} one */
  #person(one) {
    const { person, state, presence } = one;
    const wrong = this.#wrong.get(person.id);
    return html`<li class="person ${voice(person.id)}" data-person=${person.id}>
      <span class="pic" aria-hidden="true">${initials(person.name)}</span>
      <b class="person-name"><bdi>${person.name}</bdi>${onlineDot(presence?.online, presence?.away)}</b>
      <span class="person-more"><bdi>@${person.username}</bdi>${about(one)}</span>
      <div class="person-do">${this.#verbs(person.id, state)}</div>
      ${this.#open === person.id ? this.#further(one) : nothing}
      ${wrong ? html`<p class="person-wrong" role="alert">${wrong}</p>` : nothing}
    </li>`;
  }

  /** @param {string} id @param {ContactView['state']} state */
  #verbs(id, state) {
    /** @param {string} words @param {() => void} act @param {string} [kind] */
    const button = (words, act, kind = 'btn-quiet') =>
      html`<button class="btn btn-small ${kind}" @click=${act}>${words}</button>`;
    switch (state) {
      case 'incoming':
        return html`${button(t('Accept'), () => this.#act('accept', id), '')}${button(t('Decline'), () => this.#act('decline', id))}`;
      case 'outgoing':
        return button(t('Cancel'), () => this.#act('cancel', id));
      case 'blocked':
        return button(t('Unblock'), () => this.#act('unblock', id));
      case 'contact':
        return html`${button(t('Write'), () => this.#write(id))}${this.#more(id)}`;
      default:
        return html`${button(t('Invite'), () => this.#act('invite', id))}${this.#more(id)}`;
    }
  }

  /** @param {string} id */
  #more(id) {
    const open = this.#open === id;
    return html`<button class="tool" aria-label=${t('More')} aria-expanded=${open ? 'true' : 'false'}
      @click=${() => {
        this.#open = open ? '' : id;
        this.update();
      }}>${icon('dots-three')}</button>`;
  }

  /** @param {Shown} one */
  #further({ person, state }) {
    return html`<div class="person-further">
      ${state === 'contact'
        ? html`<button class="btn btn-small btn-quiet" @click=${() => this.#act('remove', person.id)}>${t('Remove')}</button>`
        : nothing}
      <button class="btn btn-small btn-quiet btn-alert" @click=${() => this.#act('block', person.id)}>${t('Block')}</button>
      <p>${t('Whoever is blocked can neither find you nor write to you, and is not told.')}</p>
    </div>`;
  }
}

/** @param {Shown} one */
function about({ state, since, presence }) {
  if (state === 'outgoing' && since) return `, ${t('invited {when}', { when: ago(since) })}`;
  if (state === 'incoming' && since) return `, ${t('asked {when}', { when: ago(since) })}`;
  if (presence?.online) return `, ${t('here now')}`;
  if (presence?.last_seen) return `, ${t('seen {when}', { when: ago(presence.last_seen) })}`;
  return state === 'contact' ? `, ${t('your contact')}` : '';
}

/** @param {unknown} error */
function problem(error) {
  const code = error && typeof error === 'object' && 'code' in error ? error.code : '';
  if (code === 'offline') return t('You are offline. Nothing was changed; try again once you are back.');
  if (code === 'rate_limited') return t('That was a lot at once. Nothing was changed; wait a moment.');
  if (code === 'not_found') return t('This person cannot be found any more. Nothing was changed.');
  if (code === 'not_possible') return t('That is not possible any more: something changed meanwhile.');
  if (code === 'not_contacts') return t('You are not in touch any more, so you cannot write.');
  return t('That did not work. Nothing was changed; try again.');
}

customElements.define('people-view', PeopleView);
