/**
 * `<this-device>`: pushes and sound on this device, and the list of devices that receive pushes.
 *
 * @module
 */

/** @import { PushDevice } from './api.js' */
/** @import { PushState } from './device.js' */

import { errorText, errorView } from '../chats/error-text.js';
import { icon } from '../shell/icon.js';
import { shortDate } from '../shell/times.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { api } from './api.js';
import { playSound } from './page-alerts.js';
import { devicePreferences, pushState, disablePush, enablePush } from './device.js';
import { installPrompt } from './install-prompt.js';

/** Each text says what the person can do. @type {Record<PushState, () => string>} */
const STATES = {
  unsupported: () => t('This browser cannot show notifications. While Parley is open, the title says what is unread.'),
  home_screen: () => t('Add Parley to your home screen first: Share, then “Add to Home Screen”. Open it from there to turn notifications on.'),
  no_key: () => t('This server sends no pushes. While Parley is open, it tells you here.'),
  denied: () => t('You told this browser that Parley may not notify you. To undo that, open the settings of this site (beside its address), allow notifications, and load the page again.'),
  default: () => t('Notifications are off on this device.'),
  off: () => t('Notifications are off on this device.'),
  on: () => t('Notifications are on for this device, also when Parley is closed.'),
  failed: () => t('This browser’s push service does not answer. While Parley is open, it tells you here.'),
};

export class ThisDevice extends View {
  /** @type {string | null} null: not loaded yet */
  #key = null;
  /** @type {PushState | null} */
  #state = null;
  /** @type {PushDevice[] | null} */
  #devices = null;
  #busy = false;
  #error = '';

  /** The server's key for pushes. @param {string | null} key */
  set key(key) {
    if (this.#key === key) return;
    this.#key = key;
    void this.#refresh();
  }

  start() {
    this.listen(devicePreferences, 'changed', () => void this.#refresh());
    this.listen(installPrompt, 'changed', () => this.update());
    void this.#refresh();
  }

  async #refresh() {
    if (!this.isConnected || this.#key === null) return;
    this.#state = await pushState(this.#key);
    this.update();
    try {
      this.#devices = await api.devices();
    } catch {
      // Offline: keep the list from before.
    }
    this.update();
  }

  /** @param {() => Promise<unknown>} act */
  async #do(act) {
    this.#busy = true;
    this.#error = '';
    this.update();
    try {
      await act();
    } catch (error) {
      this.#error = errorText(error);
    }
    this.#busy = false;
    await this.#refresh();
  }

  view() {
    const state = this.#state;
    return html`<section class="settings-in" aria-labelledby="settings-here"><h2 class="people-head" id="settings-here">${t('On this device')}</h2>
      ${state ? html`<p data-push=${state} role="status">${STATES[state]()}</p>${this.#verb(state)}` : nothing}
      <label class="check"><input type="checkbox" name="sound" .checked=${devicePreferences.get('sound') !== 'off'} @change=${soundChosen}>
        ${t('Play a sound when Parley is in the background')}</label>
      ${installPrompt.isAvailable
        ? html`<button class="btn btn-quiet" @click=${() => installPrompt.install()}>${icon('download-simple', { size: '16' })} ${t('Install Parley')}</button>`
        : nothing}
      ${errorView(this.#error)}
      ${this.#devices?.length ? this.#list(this.#devices) : nothing}
    </section>`;
  }

  /** @param {PushState} state */
  #verb(state) {
    const [words, act] =
      state === 'on'
        ? [t('Turn off'), disablePush]
        : [state === 'failed' ? t('Try again') : t('Turn on'), () => enablePush(this.#key ?? '')];
    if (!['on', 'off', 'default', 'failed'].includes(state)) return nothing;
    return html`<div><button class="btn btn-quiet" ?disabled=${this.#busy} @click=${() => this.#do(act)}>${words}</button></div>`;
  }

  /** @param {PushDevice[]} devices */
  #list(devices) {
    return html`<h3 class="people-head">${t('Devices with notifications on')}</h3>
      <ul role="list">${devices.map(({ id, name, created_at, reached_at, current }) => {
        const since = reached_at
          ? t('last reached {when}', { when: shortDate(reached_at) })
          : t('since {when}', { when: shortDate(created_at) });
        const remove = () => (current ? disablePush() : api.removeDevice(id));
        return html`<li class="device"><div class="device-name"><b><bdi>${name || t('A device')}</bdi></b>
          <div class="device-more">${current ? t('this device') : since}</div></div>
          <button class="btn btn-small btn-quiet" aria-label=${t('Remove {name}', { name })} @click=${() => this.#do(remove)}>${t('Remove')}</button></li>`;
      })}</ul>`;
  }
}

/** @param {Event} event */
function soundChosen(event) {
  const on = /** @type {HTMLInputElement} */ (event.target).checked;
  devicePreferences.set('sound', on ? 'on' : 'off');
  if (on) void playSound();
}

customElements.define('this-device', ThisDevice);
