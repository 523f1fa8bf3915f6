/**
 * The picture on the profile page: chosen and cropped here, saved with the form.
 *
 * @module
 */

import { Http } from '../realtime/both/http.js';
import { html, nothing, render } from '../shell/view.js';
import { loadWords, t } from '../shell/words.js';
import { initials, personColor } from './person-color.js';

const place = /** @type {HTMLElement} */ (document.querySelector('[data-picture]'));
const form = /** @type {HTMLFormElement} */ (place.closest('form'));
const field = /** @type {HTMLInputElement} */ (form.elements.namedItem('picture'));
const csrf = /** @type {HTMLInputElement} */ (form.elements.namedItem('csrfmiddlewaretoken')).value;
const { person = '', name = '' } = place.dataset;
let url = '';
let isChanged = false;

/** @param {Blob | null} picture */
function show(picture) {
  if (url) URL.revokeObjectURL(url);
  url = picture ? URL.createObjectURL(picture) : '';
  draw();
}

/** @param {string} file @param {Blob | null} picture */
function change(file, picture) {
  field.value = file;
  isChanged = true;
  show(picture);
}

/** @param {Event} event */
async function chosen(event) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const [file] = input.files ?? [];
  input.value = '';
  if (!file) return;
  const { openPictureDialog } = await import('./picture-dialog.js');
  await openPictureDialog(file, csrf, change);
}

function draw() {
  render(
    html`<span class="avatar avatar-big ${personColor(person)}" aria-hidden="true">${initials(name)}${url ? html`<img alt="" src=${url}>` : nothing}</span>
      <div class="page-buttons">
        <button type="button" class="btn btn-quiet" @click=${() => place.querySelector('input')?.click()}>${t('Choose a picture')}</button>
        ${field.value ? html`<button type="button" class="btn btn-quiet" @click=${() => change('', null)}>${t('Remove')}</button>` : nothing}
        <input type="file" accept="image/*" hidden @change=${chosen}>
      </div>
      <p class="field-hint" role="status">${isChanged ? t('Not saved yet.') : nothing}</p>`,
    place,
  );
}

await loadWords();
draw();
if (field.value) {
  const http = new Http(location.origin, () => {});
  const path = `/files/${field.value}/content/thumbnail`;
  http.bytes(path, new AbortController().signal).then(show, () => {});
}
