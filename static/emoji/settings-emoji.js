/**
 * The form for a new emoji: shows the chosen picture as small as it will be, and proposes a name.
 *
 * @module
 */

const form = document.querySelector('form[enctype]');
const picture = /** @type {HTMLInputElement | null} */ (form?.querySelector('input[type=file]') ?? null);
const name = /** @type {HTMLInputElement | null} */ (form?.querySelector('input[name=name]') ?? null);
const preview = /** @type {HTMLElement | null} */ (form?.querySelector('[data-preview]') ?? null);
let url = '';

picture?.addEventListener('change', () => {
  const [file] = picture.files ?? [];
  // The server reads no more, and could only show an error in place of the page.
  const isTooLarge = file?.size > Number(picture.dataset.most);
  picture.setCustomValidity(isTooLarge ? (picture.dataset.tooLarge ?? '') : '');
  if (isTooLarge) picture.reportValidity();
  if (url) URL.revokeObjectURL(url);
  url = file ? URL.createObjectURL(file) : '';
  if (preview) {
    preview.hidden = !file;
    preview.replaceChildren(...(file ? [24, 48].map(image) : []));
  }
  if (file && name && !name.value) name.value = proposed(file.name);
});

/** @param {number} size */
function image(size) {
  const shown = new Image(size, size);
  shown.src = url;
  shown.alt = '';
  return shown;
}

/** A name as the server allows it. @param {string} file */
function proposed(file) {
  const words = file.toLowerCase().replace(/\.[^.]*$/, '').replace(/[^a-z0-9+-]+/g, '_');
  return words.slice(0, 32).replace(/^_+|_+$/g, '');
}

export {};
