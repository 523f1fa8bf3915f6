/**
 * `<notification-settings>`: what one is told of, when, and on which devices.
 *
 * @module
 */

/** @import { ChatView, MeView } from '../realtime/contract.js' */
/** @import { NotificationSettings } from '../realtime/wire.js' */
/** @import { Rehearsal, Wanted } from './api.js' */

import { problem } from '../chats/error-text.js';
import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { api } from './api.js';
import { rehearsalView } from './dry-run.js';
import { LEVELS, delays } from './labels.js';
import './quiet-hours.js';
import './this-device.js';

/** What the dry run can try. @type {(keyof Wanted)[]} */
const TRIED = ['level', 'keywords', 'break_through'];

export class NotificationSettingsView extends View {
  /** @type {MeView | null} */
  #me = null;
  /** @type {ChatView[]} */
  #chats = [];
  /** As the server has them. @type {NotificationSettings | null} */
  #kept = null;
  /** Changed here, and not saved. @type {Wanted} */
  #wanted = {};
  /** @type {Rehearsal | null} */
  #tried = null;
  #asked = 0;
  #said = '';
  #wrong = '';

  /** @param {MeView | null} me */
  set me(me) {
    this.#me = me;
    if (me?.notifications) {
      if (!this.#kept) this.#wrong = '';
      this.#kept = me.notifications;
    }
    this.update();
  }

  /** @param {ChatView[] | null} chats */
  set chats(chats) {
    this.#chats = chats ?? [];
    this.update();
  }

  start() {
    if (!this.#kept) void this.#fetch();
  }

  async #fetch() {
    try {
      this.#kept = await api.settings();
      this.#wrong = '';
    } catch (error) {
      if (!this.#kept) this.#wrong = problem(error);
    }
    this.update();
  }

  /** Try a change: nothing is saved by that. @param {Wanted} wanted */
  #want(wanted) {
    const all = { ...this.#wanted, ...wanted };
    const kept = this.#kept;
    const differs = Object.entries(all).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(kept?.[/** @type {keyof Wanted} */ (name)]),
    );
    this.#wanted = Object.fromEntries(differs);
    this.#said = this.#wrong = '';
    this.update();
    void this.#rehearse();
  }

  async #rehearse() {
    const asked = ++this.#asked;
    const wishes = Object.fromEntries(Object.entries(this.#wanted).filter(([name]) => TRIED.includes(/** @type {any} */ (name))));
    const tried = Object.keys(wishes).length ? await api.rehearse(wishes).catch(() => null) : null;
    if (asked !== this.#asked) return;
    this.#tried = tried;
    this.update();
  }

  async #save() {
    try {
      this.#kept = await api.change(this.#wanted);
      this.#wanted = {};
      this.#tried = null;
      this.#said = t('Saved, for all your devices.');
    } catch (error) {
      this.#wrong = problem(error);
    }
    this.update();
  }

  #discard() {
    this.#wanted = {};
    this.#asked += 1;
    this.#tried = null;
    this.update();
  }

  draw() {
    const had = this.contains(document.activeElement) ? document.activeElement : null;
    super.draw();
    // Who saves, or leaves it as it was, has pressed what is then gone.
    if (had && !had.isConnected) /** @type {HTMLElement | null} */ (this.querySelector('#settings-what'))?.focus();
  }

  view() {
    return html`<div class="people settings">
      <div class="people-top">
        <a class="tool back" href="/" aria-label=${t('Back to your chats')}>${icon('arrow-left', { flip: true })}</a>
        <h1>${t('Notifications')}</h1>
      </div>
      <this-device class="settings-part" .key=${this.#kept?.push_key ?? null}></this-device>
      ${this.#kept ? this.#wishes({ ...this.#kept, ...this.#wanted }) : this.#missing()}
      ${this.#me ? html`<quiet-hours class="settings-part" .me=${this.#me.me}></quiet-hours>` : nothing}
    </div>`;
  }

  /** They could not be fetched, or are still on their way. */
  #missing() {
    if (!this.#wrong) return nothing;
    return html`<section class="settings-part"><p class="wrong" role="alert">${this.#wrong}</p>
      <div><button class="btn btn-quiet" @click=${() => this.#fetch()}>${t('Try again')}</button></div></section>`;
  }

  /** @param {NotificationSettings} settings */
  #wishes({ level, keywords, break_through, delay, content }) {
    const changed = Object.keys(this.#wanted).length > 0;
    return html`<section class="settings-part" aria-labelledby="settings-what"><h2 class="people-head" id="settings-what" tabindex="-1">${t('What reaches you, on all devices')}</h2>
      <fieldset class="field"><legend>${t('Tell me of')}</legend>${LEVELS.map(
        ([value, words]) => html`<label class="check"><input type="radio" name="level" value=${value} .checked=${value === level}
          @change=${() => this.#want({ level: value })}>${words()}</label>`,
      )}</fieldset>
      ${this.#keywords(keywords)}
      <label class="check"><input type="checkbox" .checked=${break_through} @change=${checked((on) => this.#want({ break_through: on }))}>
        ${t('What names me reaches me in muted chats and quiet hours, too')}</label>
      <label class="field"><b>${t('When I have not read it')}</b>
        <select class="input" .value=${String(delay)} @change=${(/** @type {Event} */ event) =>
          this.#want({ delay: Number(/** @type {HTMLSelectElement} */ (event.target).value) })}>${delays(delay).map(
          ([seconds, words]) => html`<option value=${seconds} ?selected=${seconds === delay}>${words}</option>`,
        )}</select></label>
      <label class="check"><input type="checkbox" .checked=${content} @change=${checked((on) => this.#want({ content: on }))}>
        ${t('Notifications say who wrote and what')}</label>
      ${this.#tried ? rehearsalView(this.#tried, this.#chats) : nothing}
      ${changed
        ? html`<div class="panel-do"><button class="btn" @click=${() => this.#save()}>${t('Save')}</button>
            <button class="btn btn-quiet" @click=${() => this.#discard()}>${t('Leave it as it was')}</button></div>`
        : nothing}
      <p class="field-hint" role="status">${this.#said}</p>
      ${this.#wrong ? html`<p class="wrong" role="alert">${this.#wrong}</p>` : nothing}
    </section>`;
  }

  /** @param {string[]} keywords */
  #keywords(keywords) {
    /** @param {SubmitEvent} event */
    const added = (event) => {
      event.preventDefault();
      const form = /** @type {HTMLFormElement} */ (event.target);
      const word = String(new FormData(form).get('word')).trim();
      form.reset();
      if (word && !keywords.includes(word)) this.#want({ keywords: [...keywords, word] });
    };
    return html`<form class="field" @submit=${added}><label class="field"><b>${t('Words that count as my name')}</b>
        <span class="settings-row"><input class="input" name="word" maxlength="60" autocomplete="off" dir="auto"
          ><button class="btn btn-quiet">${t('Add')}</button></span></label>
      ${keywords.length
        ? html`<ul role="list" class="chips" aria-label=${t('Your words')}>${keywords.map(
            (word) => html`<li><button type="button" class="chip own" aria-label=${t('Take away {word}', { word })}
              @click=${() => this.#want({ keywords: keywords.filter((one) => one !== word) })}><bdi>${word}</bdi>${icon('x', { size: '14' })}</button></li>`,
          )}</ul>`
        : nothing}</form>`;
  }
}

/** @param {(on: boolean) => void} act */
const checked = (act) => (/** @type {Event} */ event) =>
  act(/** @type {HTMLInputElement} */ (event.target).checked);

customElements.define('notification-settings', NotificationSettingsView);
