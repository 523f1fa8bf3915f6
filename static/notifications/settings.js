/**
 * `<notification-settings>`: the page of notification settings.
 *
 * @module
 */

/** @import { ChatView, MeView } from '../realtime/contract.js' */
/** @import { NotificationSettings } from '../realtime/wire.js' */
/** @import { DryRun, SettingsChange } from './api.js' */

import { errorText, errorView } from '../chats/error-text.js';
import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { api } from './api.js';
import { dryRunView } from './dry-run.js';
import { LEVELS, delays } from './labels.js';
import './this-device.js';

/** Settings that the dry run can try. @type {(keyof SettingsChange)[]} */
const DRY_RUN_FIELDS = ['level', 'keywords', 'break_through'];

export class NotificationSettingsView extends View {
  /** @type {MeView | null} */
  #me = null;
  /** @type {ChatView[]} */
  #chats = [];
  /** As stored by the server. @type {NotificationSettings | null} */
  #saved = null;
  /** Changed here and not saved yet. @type {SettingsChange} */
  #changes = {};
  /** @type {DryRun | null} */
  #dryRunResult = null;
  #requests = 0;
  #status = '';
  #error = '';

  /** @param {MeView | null} me */
  set me(me) {
    this.#me = me;
    if (me?.notifications) {
      if (!this.#saved) this.#error = '';
      this.#saved = me.notifications;
    }
    this.update();
  }

  /** @param {ChatView[] | null} chats */
  set chats(chats) {
    this.#chats = chats ?? [];
    this.update();
  }

  start() {
    if (!this.#saved) void this.#fetch();
    // Offline, and the module was never fetched: the part is missing.
    import('./digest.js').catch(() => {});
  }

  async #fetch() {
    try {
      this.#saved = await api.settings();
      this.#error = '';
    } catch (error) {
      if (!this.#saved) this.#error = errorText(error);
    }
    this.update();
  }

  /** Try a change without saving it. @param {SettingsChange} change */
  #change(change) {
    const all = { ...this.#changes, ...change };
    const saved = this.#saved;
    const differs = Object.entries(all).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(saved?.[/** @type {keyof SettingsChange} */ (name)]),
    );
    this.#changes = Object.fromEntries(differs);
    this.#status = this.#error = '';
    this.update();
    void this.#dryRun();
  }

  async #dryRun() {
    const request = ++this.#requests;
    const preferences = Object.fromEntries(Object.entries(this.#changes).filter(([name]) => DRY_RUN_FIELDS.includes(/** @type {any} */ (name))));
    const result = Object.keys(preferences).length ? await api.dryRun(preferences).catch(() => null) : null;
    if (request !== this.#requests) return;
    this.#dryRunResult = result;
    this.update();
  }

  async #save() {
    try {
      this.#saved = await api.changeSettings(this.#changes);
      this.#changes = {};
      this.#dryRunResult = null;
      this.#status = t('Saved, for all your devices.');
    } catch (error) {
      this.#error = errorText(error);
    }
    this.update();
  }

  #discard() {
    this.#changes = {};
    this.#requests += 1;
    this.#dryRunResult = null;
    this.update();
  }

  draw() {
    const had = this.contains(document.activeElement) ? document.activeElement : null;
    super.draw();
    // The pressed button (save or discard) has disappeared: focus the heading.
    if (had && !had.isConnected) /** @type {HTMLElement | null} */ (this.querySelector('#settings-what'))?.focus();
  }

  view() {
    return html`<div class="people settings">
      <div class="people-top">
        <h1>${t('Notifications')}</h1>
      </div>
      <this-device class="settings-part" .key=${this.#saved?.push_key ?? null}></this-device>
      ${this.#saved ? this.#preferencesView({ ...this.#saved, ...this.#changes }) : this.#failureView()}
      <digest-settings></digest-settings>
      <section class="settings-part"><button class="btn btn-quiet" @click=${() => this.#openQuiet()}>${t('Do not disturb')}…</button></section>
    </div>`;
  }

  /** Offline, and the module was never fetched: nothing opens. */
  #openQuiet() {
    import('./do-not-disturb.js').then(({ openDoNotDisturb }) => openDoNotDisturb(this.#me?.me ?? null), () => {});
  }

  /** Shown when the settings could not be fetched. */
  #failureView() {
    if (!this.#error) return nothing;
    return html`<section class="settings-part"><p class="error" role="alert">${this.#error}</p>
      <div><button class="btn btn-quiet" @click=${() => this.#fetch()}>${t('Try again')}</button></div></section>`;
  }

  /** @param {NotificationSettings} settings */
  #preferencesView({ level, keywords, break_through, delay, content }) {
    const changed = Object.keys(this.#changes).length > 0;
    return html`<section class="settings-part" aria-labelledby="settings-what"><h2 class="people-head" id="settings-what" tabindex="-1">${t('On all devices')}</h2>
      <fieldset class="field"><legend>${t('Notify me about')}</legend>${LEVELS.map(
        ([value, words]) => html`<label class="check"><input type="radio" name="level" value=${value} .checked=${value === level}
          @change=${() => this.#change({ level: value })}>${words()}</label>`,
      )}</fieldset>
      ${this.#keywords(keywords)}
      <label class="check"><input type="checkbox" .checked=${break_through} @change=${checked((on) => this.#change({ break_through: on }))}>
        ${t('Mentions get through mute and do not disturb')}</label>
      <label class="field"><b>${t('Push to my devices if unread')}</b>
        <select class="input" .value=${String(delay)} @change=${(/** @type {Event} */ event) =>
          this.#change({ delay: Number(/** @type {HTMLSelectElement} */ (event.target).value) })}>${delays(delay).map(
          ([seconds, words]) => html`<option value=${seconds} ?selected=${seconds === delay}>${words}</option>`,
        )}</select></label>
      <label class="check"><input type="checkbox" .checked=${content} @change=${checked((on) => this.#change({ content: on }))}>
        ${t('Show sender and text in notifications')}</label>
      ${this.#dryRunResult ? dryRunView(this.#dryRunResult, this.#chats) : nothing}
      ${changed
        ? html`<div class="panel-buttons save-bar"><button class="btn" @click=${() => this.#save()}>${t('Save')}</button>
            <button class="btn btn-quiet" @click=${() => this.#discard()}>${t('Leave it as it was')}</button></div>`
        : nothing}
      <p class="field-hint" role="status">${this.#status}</p>
      ${errorView(this.#error)}
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
      if (word && !keywords.includes(word)) this.#change({ keywords: [...keywords, word] });
    };
    return html`<form class="field" @submit=${added}><label class="field"><b>${t('Keywords (notify like a mention)')}</b>
        <span class="settings-row"><input class="input" name="word" maxlength="60" autocomplete="off" dir="auto"
          ><button class="btn btn-quiet">${t('Add')}</button></span></label>
      ${keywords.length
        ? html`<ul role="list" class="chips" aria-label=${t('Keywords')}>${keywords.map(
            (word) => html`<li><button type="button" class="chip own" aria-label=${t('Remove {word}', { word })}
              @click=${() => this.#change({ keywords: keywords.filter((one) => one !== word) })}><bdi>${word}</bdi>${icon('x', { size: '14' })}</button></li>`,
          )}</ul>`
        : nothing}</form>`;
  }
}

/** @param {(on: boolean) => void} act */
const checked = (act) => (/** @type {Event} */ event) =>
  act(/** @type {HTMLInputElement} */ (event.target).checked);

customElements.define('notification-settings', NotificationSettingsView);
