/**
 * The styles of what programs say, cards and answers of commands. Fetched with the first of them.
 *
 * @module
 */

/** Resolves when it can be drawn in its form. */
export const styled = new Promise((resolve, reject) => {
  const sheet = document.createElement('link');
  sheet.rel = 'stylesheet';
  sheet.href = new URL('../styles/programs.css', import.meta.url).href;
  sheet.addEventListener('load', resolve, { once: true });
  sheet.addEventListener('error', reject, { once: true });
  document.head.append(sheet);
});
