/**
 * The picture on the profile page: chosen, cropped and saved at once, apart from the form.
 *
 * @module
 */

import { ParleyError } from '../realtime/both/failure.js';
import { Http } from '../realtime/both/http.js';
import { errorView } from '../chats/error-text.js';
import { html, nothing, render } from '../shell/view.js';
import { loadWords, t } from '../shell/words.js';
import { initials, personColor } from './person-color.js';
import { pictureErrorText } from './picture-upload.js';

const place = /** @type {HTMLElement} */ (document.querySelector('[data-picture]'));
const form = /** @type {HTMLFormElement} */ (place.closest('form'));
const version = /** @type {HTMLInputElement} */ (form.elements.namedItem('version'));
const http = new Http(location.origin, () => location.reload());
http.csrf = /** @type {HTMLInputElement} */ (form.elements.namedItem('csrfmiddlewaretoken')).value;
const { person = '', name = '' } = place.dataset;
let { file = '' } = place.dataset;
let url = '';
let note = '';
let error = '';

/** @param {Blob | null} picture */
function show(picture) {
  if (url) URL.revokeObjectURL(url);
  url = picture ? URL.createObjectURL(picture) : '';
  draw();
}

/** @param {string | null} picture its file; null removes it */
async function save(picture) {
  const me = await http.get('/me');
  const saved = await http.patch('/me', { version: me.version, picture });
  // What the form shows is as new as before.
  if (version.value === String(me.version)) version.value = String(saved.version);
}

/** @param {string | null} picture @param {Blob | null} content */
async function change(picture, content) {
  [note, error] = ['', ''];
  try {
    await save(picture);
  } catch (failure) {
    // It was changed elsewhere in this moment.
    if (!(failure instanceof ParleyError) || failure.code !== 'conflict') throw failure;
    await save(picture);
  }
  file = picture ?? '';
  note = picture ? t('Your picture is saved.') : t('Your picture is removed.');
  show(content);
}

async function remove() {
  try {
    await change(null, null);
    place.querySelector('button')?.focus();
  } catch (failure) {
    error = pictureErrorText(failure);
    draw();
  }
}

/** @param {Event} event */
async function chosen(event) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const [picture] = input.files ?? [];
  input.value = '';
  if (!picture) return;
  const { openPictureDialog } = await import('./picture-dialog.js');
  await openPictureDialog(picture, http.csrf, change);
}

function draw() {
  render(
    html`<span class="avatar avatar-big ${personColor(person)}" aria-hidden="true">${initials(name)}${url ? html`<img alt="" src=${url}>` : nothing}</span>
      <div class="page-buttons">
        <button type="button" class="btn btn-quiet" @click=${() => place.querySelector('input')?.click()}>${t('Choose a picture')}</button>
        ${file ? html`<button type="button" class="btn btn-quiet" @click=${remove}>${t('Remove')}</button>` : nothing}
        <input type="file" accept="image/*" hidden @change=${chosen}>
      </div>
      <p class="field-hint" role="status">${note}</p>${errorView(error)}`,
    place,
  );
}

await loadWords();
draw();
const before = file;
if (before) {
  http.bytes(`/files/${before}/content/thumbnail`, new AbortController().signal)
    .then((content) => file === before && show(content), () => {});
}
