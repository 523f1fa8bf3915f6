/**
 * `<do-not-disturb>`: the dialog with the reader's quiet hours and once chosen quiet, for all devices.
 *
 * @module
 */

/** @import { DoNotDisturb, Me } from '../realtime/wire.js' */

import { errorText, errorView } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { timePresets } from '../shell/local-time.js';
import { fullDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { api } from './api.js';

const HOUR = 3_600_000;

class DoNotDisturbDialog extends Dialog {
  /** @type {Me | null} */
  me = null;
  #saved = false;

  start() {
    super.start();
    this.addCleanup(
      connect().watchMe(({ me }) => {
        this.me = me;
        this.update();
      }),
    );
  }

  heading() {
    return t('Do not disturb');
  }

  /** @param {DoNotDisturb} change */
  async #set(change) {
    this.#saved = await this.run(() => changeQuiet(this.me, change));
    this.update();
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const [start, end] = [form.get('start'), form.get('end')].map((time) => String(time ?? '') || null);
    this.#saved = false;
    if (Boolean(start) === Boolean(end)) void this.#set({ start, end });
    else {
      this.error = t('Give both, from when and to when, or neither.');
      this.update();
    }
  }

  content() {
    const { start, end, until } = this.me?.do_not_disturb ?? {};
    const once = until && Date.parse(until) > Date.now() ? until : null;
    return html`<div class="dialog-form">
      <p class="field-hint">${t('No device tells you of messages then. Your contacts see a moon beside your name, and can find out these times and your time zone.')}</p>
      <div class="field"><b>${t('Once')}</b>
        <p class="field-hint">${once ? t('Quiet until {when}.', { when: fullDate(once) }) : t('Not on right now.')}</p>
        <div class="panel-buttons">${once ? this.#button(t('Turn off'), () => null) : quietTimes().map(([words, at]) => this.#button(words, at))}</div></div>
      <form class="settings-row" @submit=${this.#submitted}>
        <label class="field"><b>${t('Every day from')}</b><input class="input" type="time" name="start" .value=${(start ?? '').slice(0, 5)}></label>
        <label class="field"><b>${t('to')}</b><input class="input" type="time" name="end" .value=${(end ?? '').slice(0, 5)}></label>
        <button class="btn">${t('Save')}</button>
      </form>
      <p class="field-hint" role="status">${this.#saved ? t('Saved, for all your devices.') : nothing}</p>
      ${errorView(this.error)}
    </div>`;
  }

  /** @param {string} words @param {() => Date | null} until computed when the button is pressed */
  #button(words, until) {
    const act = () => this.#set({ until: until()?.toISOString() ?? null });
    return html`<button class="btn btn-small btn-quiet" @click=${act}>${words}</button>`;
  }
}

/** How long quiet can be chosen once. @returns {[string, () => Date][]} */
export const quietTimes = () => [
  [t('For an hour'), () => new Date(Date.now() + HOUR)],
  [t('For four hours'), () => new Date(Date.now() + 4 * HOUR)],
  [t('Until tomorrow'), () => timePresets(Date.now()).tomorrow],
];

/** @param {Me | null} me @param {DoNotDisturb} change */
function changeQuiet(me, change) {
  const { start = null, end = null, until = null } = me?.do_not_disturb ?? {};
  const once = until && Date.parse(until) > Date.now() ? until : null;
  return api.setDoNotDisturb({ start, end, until: once, ...change });
}

customElements.define('do-not-disturb', DoNotDisturbDialog);

/** @param {Me | null} me */
export const openDoNotDisturb = (me) => openDialog('do-not-disturb', { me });

/** Begin or end quiet at once. What goes wrong is shown in the dialog. @param {Me | null} me
 * @param {Date | null} until */
export async function setQuiet(me, until) {
  try {
    await changeQuiet(me, { until: until?.toISOString() ?? null });
  } catch (error) {
    openDialog('do-not-disturb', { me, error: errorText(error) });
  }
}
