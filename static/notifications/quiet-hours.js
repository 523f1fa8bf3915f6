/**
 * `<quiet-hours>`: the do-not-disturb settings, for all devices.
 *
 * @module
 */

/** @import { DoNotDisturb, Me } from '../realtime/wire.js' */

import { errorText, errorView } from '../chats/error-text.js';
import { timePresets } from '../shell/local-time.js';
import { fullDate } from '../shell/times.js';
import { View, html } from '../shell/view.js';
import { t } from '../shell/words.js';
import { api } from './api.js';

const HOUR = 3_600_000;

export class QuietHours extends View {
  /** @type {Me | null} */
  #me = null;
  #status = '';
  #error = '';

  /** @param {Me} me */
  set me(me) {
    this.#me = me;
    this.update();
  }

  /** @param {DoNotDisturb} change */
  async #set(change) {
    const { start = null, end = null, until = null } = this.#me?.do_not_disturb ?? {};
    this.#status = this.#error = '';
    try {
      await api.setDoNotDisturb({ start, end, until, ...change });
      this.#status = t('Saved, for all your devices.');
    } catch (error) {
      this.#error = errorText(error);
    }
    this.update();
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const [start, end] = [form.get('start'), form.get('end')].map((time) => String(time ?? '') || null);
    if (Boolean(start) !== Boolean(end)) {
      this.#error = t('Give both, from when and to when, or neither.');
      this.update();
      return;
    }
    void this.#set({ start, end });
  }

  view() {
    const { start, end, until } = this.#me?.do_not_disturb ?? {};
    const quiet = until && Date.parse(until) > Date.now() ? until : null;
    return html`<section class="settings-in" aria-labelledby="settings-quiet"><h2 class="people-head" id="settings-quiet">${t('Do not disturb')}</h2>
      <form class="settings-row" @submit=${this.#submitted}>
        <label class="field"><b>${t('Every day from')}</b><input class="input" type="time" name="start" .value=${(start ?? '').slice(0, 5)}></label>
        <label class="field"><b>${t('to')}</b><input class="input" type="time" name="end" .value=${(end ?? '').slice(0, 5)}></label>
        <button class="btn btn-quiet">${t('Save hours')}</button>
      </form>
      <div class="field"><b>${t('Once')}</b>
        <p class="field-hint">${quiet ? t('Quiet until {when}.', { when: fullDate(quiet) }) : t('Off outside these hours.')}</p>
        <div class="panel-buttons">${quiet
          ? this.#button(t('End it now'), () => null)
          : [
              this.#button(t('For an hour'), () => new Date(Date.now() + HOUR)),
              this.#button(t('For four hours'), () => new Date(Date.now() + 4 * HOUR)),
              this.#button(t('Until tomorrow'), () => timePresets(Date.now()).tomorrow),
            ]}</div></div>
      <p class="field-hint" role="status">${this.#status}</p>
      ${errorView(this.#error)}
    </section>`;
  }

  /** @param {string} words @param {() => Date | null} until computed when the button is pressed */
  #button(words, until) {
    const act = () => this.#set({ until: until()?.toISOString() ?? null });
    return html`<button class="btn btn-small btn-quiet" @click=${act}>${words}</button>`;
  }
}

customElements.define('quiet-hours', QuietHours);
