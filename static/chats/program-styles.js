/**
 * The styles of what programs say, cards and answers of commands. Fetched with the first of them.
 *
 * @module
 */

/** @type {Promise<unknown> | null} */
let fetched = null;

/** Resolves when it can be drawn in its form. Styles that could not be fetched are fetched again. */
export function styled() {
  fetched ??= new Promise((resolve, reject) => {
    const sheet = document.createElement('link');
    sheet.rel = 'stylesheet';
    sheet.href = new URL('../styles/programs.css', import.meta.url).href;
    sheet.addEventListener('load', resolve, { once: true });
    sheet.addEventListener(
      'error',
      () => {
        fetched = null;
        sheet.remove();
        reject(new Error('no styles'));
      },
      { once: true },
    );
    document.head.append(sheet);
  });
  return fetched;
}
