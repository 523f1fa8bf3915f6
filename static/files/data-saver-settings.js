/**
 * `<data-saver-settings>`: which pictures are loaded by themselves, on all devices of the person and
 * on this one, and the bytes that this saved.
 *
 * @module
 */

/** @import { Me } from '../realtime/wire.js' */
/** @import { LoadPictures } from './variants.js' */
/** @import { Choice } from './data-saver.js' */

import { errorView } from '../chats/error-text.js';
import { connect } from '../realtime/client.js';
import { Dialog, openDialog } from '../shell/dialog.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { chooseForDevice, chooseForPerson, deviceChoice, reportSaved, savedBytes } from './data-saver.js';
import { sizeText } from './file-texts.js';

/** @type {[LoadPictures, () => string][]} */
const CHOICES = [
  ['always', () => t('Always')],
  ['good', () => t('On good networks')],
  ['never', () => t('Never')],
];

class DataSaverSettings extends Dialog {
  /** @type {Me | null} */
  #me = null;
  #saved = savedBytes();

  start() {
    super.start();
    this.addCleanup(
      connect().watchMe(({ me }) => {
        this.#me = me;
        this.update();
      }),
    );
    void reportSaved().then((bytes) => {
      this.#saved = bytes;
      this.update();
    });
  }

  heading() {
    return t('Pictures and data');
  }

  /** @param {Choice} choice */
  #save(choice) {
    void this.run(() => chooseForPerson(choice));
  }

  content() {
    const { auto_load: chosen = 'always', low_first: isLow = false } = this.#me ?? {};
    const here = deviceChoice() ?? '';
    return html`<fieldset class="field"><legend>${t('Load pictures')}</legend>${CHOICES.map(
        ([value, words]) => html`<label class="check"><input type="radio" name="pictures" value=${value} .checked=${value === chosen}
          @change=${() => this.#save({ auto_load: value })}>${words()}</label>`,
      )}</fieldset>
      <p class="field-hint">${t('A picture that is not loaded shows a button with its size. On slow networks, and where the browser is set to save data, smaller pictures are loaded.')}</p>
      <label class="check"><input type="checkbox" .checked=${isLow}
        @change=${(/** @type {Event} */ { target }) => this.#save({ low_first: /** @type {HTMLInputElement} */ (target).checked })}>${t('Load smaller pictures everywhere; opening one loads all of it')}</label>
      ${errorView(this.error)}
      <label class="field"><b>${t('On this device')}</b>
        <select class="input" @change=${(/** @type {Event} */ { target }) =>
          chooseForDevice(/** @type {LoadPictures} */ (/** @type {HTMLSelectElement} */ (target).value) || null)}>
          <option value="" .selected=${!here}>${t('As on all my devices')}</option>
          ${CHOICES.map(([value, words]) => html`<option value=${value} .selected=${value === here}>${words()}</option>`)}
        </select></label>
      ${this.#saved ? html`<p>${t('Saved {size} this month', { size: sizeText(this.#saved) })}</p>` : nothing}`;
  }
}

customElements.define('data-saver-settings', DataSaverSettings);

export const openDataSaver = () => openDialog('data-saver-settings', {});
