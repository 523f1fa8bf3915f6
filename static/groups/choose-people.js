/**
 * `<choose-people>`: pick contacts.
 *
 * @module
 */

/** @import { ContactView } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */

import { avatar, botMark, personColor } from '../accounts/person-color.js';
import { presenceMark } from '../accounts/presence-mark.js';
import { connect } from '../realtime/client.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { ChooseList } from './choose-list.js';

/** @extends {ChooseList<Person>} */
export class ChoosePeople extends ChooseList {
  /** @type {Set<string>} ids of people who cannot be picked */
  without = new Set();
  /** @type {ContactView[] | null} */
  #contacts = null;

  start() {
    this.draw();
    this.addCleanup(
      connect().watchContacts((contacts) => {
        this.#contacts = contacts.filter(({ state }) => state === 'contact');
        this.update();
      }),
    );
  }

  words() {
    return {
      placeholder: t('Name or username'),
      label: t('Find among your contacts'),
      none: html`<p class="people-none">${t('Nobody is left to choose. Invite people first, then you can add them.')} <a href="/people">${t('People')}</a></p>`,
    };
  }

  choices() {
    const possible = this.#contacts?.filter(({ person }) => !this.without.has(person.id));
    return possible?.map(({ person, presence }) => ({
      id: person.id,
      value: person,
      name: person.name,
      found: `${person.name} ${person.username}`,
      color: personColor(person.id),
      picture: avatar(person),
      after: html`${botMark(person.bot)}${presenceMark(presence)}`,
      more: html`<bdi>@${person.username}</bdi>`,
    })) ?? null;
  }

  view() {
    return html`${super.view()}
      <div role="status">${this.picked.some(({ bot }) => bot)
        ? html`<p class="field-hint">${t('A bot can read everything in the group, older messages too, and so can those who run it.')}</p>`
        : nothing}</div>`;
  }
}

customElements.define('choose-people', ChoosePeople);
