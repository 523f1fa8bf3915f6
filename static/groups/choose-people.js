/**
 * `<choose-people>`: pick contacts; those picked are shown above as chips.
 *
 * @module
 */

/** @import { ContactView } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */

import { avatar, personColor } from '../accounts/person-color.js';
import { onlineDot } from '../chats/list.js';
import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';

export class ChoosePeople extends View {
  /** @type {Set<string>} ids of people who cannot be picked */
  without = new Set();
  /** @type {(people: Person[]) => void} */
  changed = () => {};
  /** @type {ContactView[] | null} */
  #contacts = null;
  /** @type {Map<string, Person>} */
  #picked = new Map();
  #query = '';

  start() {
    this.draw();
    this.addCleanup(
      connect().watchContacts((contacts) => {
        this.#contacts = contacts.filter(({ state }) => state === 'contact');
        this.update();
      }),
    );
  }

  /** @param {Person} person */
  #toggle(person) {
    if (!this.#picked.delete(person.id)) this.#picked.set(person.id, person);
    this.changed([...this.#picked.values()]);
    this.update();
  }

  view() {
    const possible = (this.#contacts ?? []).filter(({ person }) => !this.without.has(person.id));
    const query = this.#query.toLocaleLowerCase();
    const shown = possible.filter(({ person }) =>
      `${person.name} ${person.username}`.toLocaleLowerCase().includes(query),
    );
    return html`${this.#chips()}
      <label class="search-field">${icon('magnifying-glass')}
        <input class="search-input" type="search" autocomplete="off" dir="auto" placeholder=${t('Name or username')}
          aria-label=${t('Find among your contacts')}
          @input=${(/** @type {Event} */ event) => {
            this.#query = /** @type {HTMLInputElement} */ (event.target).value.trim();
            this.update();
          }}></label>
      ${this.#contacts && !possible.length
        ? html`<p class="people-none">${t('Nobody is left to choose. Invite people first, then you can add them.')} <a href="/people">${t('People')}</a></p>`
        : nothing}
      <ul class="choose" role="list">${repeat(
        shown,
        ({ person }) => person.id,
        ({ person, presence }) => html`<li><label class="choose-one ${personColor(person.id)}">
          ${avatar(person)}
          <span class="choose-name"><bdi>${person.name}</bdi>${onlineDot(presence?.online, presence?.away)}<span class="choose-more"><bdi>@${person.username}</bdi></span></span>
          <input type="checkbox" .checked=${this.#picked.has(person.id)} @change=${() => this.#toggle(person)}>
        </label></li>`,
      )}</ul>`;
  }

  #chips() {
    if (!this.#picked.size) return nothing;
    return html`<ul class="chips" role="list" aria-label=${t('Chosen')}>${[...this.#picked.values()].map(
      (person) => html`<li><button type="button" class="chip ${personColor(person.id)}" aria-label=${t('Leave {name} out', { name: person.name })}
        @click=${() => this.#toggle(person)}><bdi>${person.name}</bdi>${icon('x', { size: '14' })}</button></li>`,
    )}</ul>`;
  }
}

customElements.define('choose-people', ChoosePeople);
