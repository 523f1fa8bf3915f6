/**
 * `<chat-retention>`: how long a chat keeps its messages, for all who are in it, and the form of
 * those who may change it.
 *
 * @module
 */

import { errorText, errorView } from '../chats/error-text.js';
import { Http } from '../realtime/both/http.js';
import { connect } from '../realtime/client.js';
import { focusQuestion, questionView } from '../shell/question.js';
import { dateAndTime } from '../shell/times.js';
import { View, html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';

/**
 * @typedef {{ days: number, own_days: number, own_from: string | null, installation_days: number,
 *   paused: boolean, may_change: boolean, deletes: number }} Retention
 */

const http = new Http(location.origin, () => {});

export class ChatRetention extends View {
  isDirect = false;
  #chat = '';
  /** @type {Retention | null} */
  #rule = null;
  /** The days that the reader is asked about. @type {number | null} */
  #asking = null;
  #deletes = 0;
  #error = '';

  /** @param {string} id */
  set chat(id) {
    if (id === this.#chat) return;
    this.#chat = id;
    void this.#run(this.#load());
  }

  async #load(days = 0) {
    /** @type {Retention} */
    const rule = await http.get(`/chats/${this.#chat}/retention`, days ? { days } : {});
    this.#rule = rule;
    this.#deletes = rule.deletes;
  }

  /** @param {Promise<unknown>} done */
  async #run(done) {
    this.#error = '';
    try {
      await done;
    } catch (error) {
      this.#error = errorText(error);
    }
    this.update();
  }

  view() {
    const rule = this.#rule;
    if (!rule) return errorView(this.#error);
    return html`<p>${wordsOf(rule)}</p>
      ${rule.may_change ? (this.#asking === null ? this.#form(rule) : this.#question(this.#asking, rule)) : nothing}
      ${rule.may_change || this.isDirect ? nothing : html`<p class="field-hint">${t('Owners of the group can change it.')}</p>`}
      ${errorView(this.#error)}`;
  }

  /** @param {Retention} rule */
  #form({ own_days }) {
    return html`<form class="panel-form" @submit=${(/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        const days = Number(new FormData(/** @type {HTMLFormElement} */ (event.target)).get('days'));
        if (days !== own_days) void this.#run(this.#load(days).then(() => this.#ask(days)));
      }}>
      <label class="field"><b>${t('Days (0: for good)')}</b>
        <input class="input" name="days" type="number" min="0" max="3650" required .value=${String(own_days)}></label>
      <button class="btn btn-small">${t('Save')}</button>
    </form>`;
  }

  /** Ask in place of the form. @param {number | null} days null: show the form again */
  #ask(days) {
    this.#asking = days;
    this.draw();
    focusQuestion(this);
  }

  /** @param {number} days @param {Retention} rule */
  #question(days, rule) {
    const no = () => this.#ask(null);
    const yes = () =>
      void this.#run(
        connect()
          .command({ type: 'chat.retention', chat: this.#chat, days })
          .then(() => this.#load())
          .then(no),
      );
    const n = this.#deletes;
    const told = this.isDirect ? t('The other person is told.') : t('All members are told.');
    const question = `${consequence(days, n, rule)} ${told}`;
    return questionView({ question, words: t('Save'), isAlert: n > 0, yes, no });
  }
}

/** What a new number of days does. @param {number} days @param {number} n messages that it deletes
 * @param {Retention} rule */
function consequence(days, n, { own_days, installation_days }) {
  if (n) {
    return tn('{n} message is older and goes tomorrow, for everybody. You have a day to change your mind.', '{n} messages are older and go tomorrow, for everybody. You have a day to change your mind.', n);
  }
  if (days && (!own_days || days < own_days)) return t('No message is older yet. This begins tomorrow.');
  if (installation_days && (!days || days > installation_days)) {
    return tn('Messages older than {n} day are deleted here.', 'Messages older than {n} days are deleted here.', installation_days);
  }
  return t('Messages are kept longer than before.');
}

/** @param {Retention} rule */
function wordsOf({ days, own_days, own_from, installation_days, paused }) {
  const now = days
    ? tn('Messages older than {n} day are deleted here.', 'Messages older than {n} days are deleted here.', days)
    : t('Until somebody deletes them.');
  const later = own_days && own_from && (!days || own_days < days) && (!installation_days || own_days < installation_days)
    ? tn('From {when} on: after {n} day.', 'From {when} on: after {n} days.', own_days, { when: dateAndTime(own_from) })
    : '';
  return [now, later, paused ? t('Deletion is paused at the moment.') : ''].filter(Boolean).join(' ');
}

customElements.define('chat-retention', ChatRetention);
