/**
 * `<person-card>`: who somebody is, and what the reader can do about them.
 *
 * @module
 */

/** @import { ContactView } from '../realtime/contract.js' */
/** @import { PersonDetails } from '../realtime/request-types.js' */
/** @import { PersonVerb } from './person-verbs.js' */

import { avatar, botMark, personColor } from '../accounts/person-color.js';
import { moon, onlineDot, quietEnd, statusNow } from '../accounts/presence-mark.js';
import { errorText, errorView } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { focusQuestion } from '../shell/question.js';
import { shortDate, timeAgo, timeIn } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { carryOut, furtherVerbs, greet, greetingView, hasFurtherVerbs, mainVerbs } from './person-verbs.js';

/** After these there is nothing more to do here. @type {Set<PersonVerb>} */
const CLOSING = new Set(['write', 'accept', 'decline', 'remove', 'block']);

class PersonCard extends Dialog {
  person = '';
  /** What is known here, until the server has answered. @type {PersonDetails | null} */
  #details = null;
  /** @type {ContactView | null} */
  #contact = null;
  /** What the reader is asked about. @type {PersonVerb | ''} */
  asking = '';

  start() {
    super.start();
    this.addCleanup(
      connect().watchContacts((contacts) => {
        const known = this.#contact;
        this.#contact = contacts.find(({ person }) => person.id === this.person) ?? null;
        this.update();
        // Who is in none of the lists any more is as the server says.
        if (known && !this.#contact) void this.#load();
      }),
    );
    void this.#load();
  }

  async #load() {
    const known = await connect().request('named', [this.person]).catch(() => null);
    const person = known?.[this.person];
    if (person) this.#show({ person, state: 'none', time_zone: null });
    try {
      this.#show(await connect().request('person', this.person));
    } catch (error) {
      if (!this.#details) this.error = errorText(error);
      this.update();
    }
  }

  /** @param {PersonDetails} details */
  #show(details) {
    this.#details = details;
    if (this.asking) this.#ask(this.asking);
    else this.update();
  }

  /** @param {PersonVerb} verb */
  async #act(verb) {
    this.asking = '';
    const done = await this.run(() => carryOut(verb, this.person));
    if (done && CLOSING.has(verb)) this.close();
  }

  /** @param {PersonVerb | ''} verb */
  #ask(verb) {
    this.asking = verb;
    this.draw();
    focusQuestion(this.querySelector('.person-further'));
  }

  get #person() {
    return this.#contact?.person ?? this.#details?.person;
  }

  heading() {
    return this.#person?.name ?? '';
  }

  content() {
    const person = this.#person;
    if (!person) return errorView(this.error);
    const status = statusNow(person);
    const state = this.#contact?.state ?? this.#details?.state ?? 'none';
    /** @param {PersonVerb} verb */
    const act = (verb) => void this.#act(verb);
    return html`<div class="person-card ${personColor(person.id)}">
      <div class="person-card-who">${avatar(person, '', 'avatar-big')}
        <p class="person-card-more"><bdi>@${person.username}</bdi>${botMark(person.bot)}${this.#presence()}</p></div>
      ${status ? html`<p class="person-card-status">${status.emoji} <bdi>${status.text}</bdi>${
        status.until ? html` <span class="person-card-more">${t('until {when}', { when: shortDate(status.until) })}</span>` : nothing
      }</p>` : nothing}
      ${person.about ? html`<p class="person-card-about" dir="auto">${person.about}</p>` : nothing}
      ${this.#localTime()}
      ${errorView(this.error)}
      ${person.id === connect().person
        ? html`<p><a class="btn btn-quiet" href=${document.body.dataset.profile ?? '/'}>${t('Your profile')}</a></p>`
        : html`<div class="panel-buttons">${mainVerbs(state, act)}</div>
            ${greetingView({ state, greeting: this.#contact?.greeting ?? '' }, person, (text) => this.run(() => greet(person.id, text)))}
            ${hasFurtherVerbs(state) ? furtherVerbs(person, { state, asking: this.asking, ask: (one) => this.#ask(one), act }) : nothing}`}
    </div>`;
  }

  #presence() {
    const presence = this.#contact?.presence ?? null;
    const { online = false, away = false, last_seen = null } = presence ?? {};
    const quiet = quietEnd(presence?.quiet);
    if (quiet) return html`, ${t('quiet until {when}', { when: quiet })}${moon()}`;
    if (online) return html`, ${away ? t('away') : t('here now')}${onlineDot(online, away)}`;
    return last_seen ? `, ${t('seen {when}', { when: timeAgo(last_seen) })}` : nothing;
  }

  #localTime() {
    const time = this.#details?.time_zone && timeIn(this.#details.time_zone);
    return time ? html`<p class="person-card-more">${t('It is {time} where they are', { time })}</p>` : nothing;
  }
}

customElements.define('person-card', PersonCard);

/** @param {string} person id @param {PersonVerb | ''} [asking] what the reader is asked about at once */
export const openPersonCard = (person, asking = '') => openDialog('person-card', { person, asking });
