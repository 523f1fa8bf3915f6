/**
 * `<data-saver-settings>`: which pictures this device loads, and the bytes that this saved.
 *
 * @module
 */

/** @import { LoadPictures } from './variants.js' */

import { Dialog, openDialog } from '../shell/dialog.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { chooseLoading, chosenLoading, savedBytes } from './data-saver.js';
import { sizeText } from './file-texts.js';

/** @type {[LoadPictures, () => string][]} */
const CHOICES = [
  ['always', () => t('Always')],
  ['good', () => t('On good networks')],
  ['never', () => t('Never')],
];

class DataSaverSettings extends Dialog {
  heading() {
    return t('Pictures and data');
  }

  content() {
    const chosen = chosenLoading();
    const saved = savedBytes();
    return html`<fieldset class="field"><legend>${t('Load pictures on this device')}</legend>${CHOICES.map(
        ([value, words]) => html`<label class="check"><input type="radio" name="pictures" value=${value} .checked=${value === chosen}
          @change=${() => chooseLoading(value)}>${words()}</label>`,
      )}</fieldset>
      <p class="field-hint">${t('A picture that is not loaded shows a button with its size. On slow networks, and where the browser is set to save data, smaller pictures are loaded.')}</p>
      ${saved ? html`<p>${t('Saved {size} this month', { size: sizeText(saved) })}</p>` : nothing}`;
  }
}

customElements.define('data-saver-settings', DataSaverSettings);

export const openDataSaver = () => openDialog('data-saver-settings', {});
