/**
 * Translations of the interface.
 *
 * The source is English; other languages come from Django's JSON catalogue, whose address the page
 * names in `<html data-words>`. Placeholders are written `{name}`.
 *
 * @module
 */

/** @type {Record<string, string | string[]>} */
let catalogue = {};

/** Fetch the catalogue that the page names. Without one the texts stay English. */
export async function loadWords() {
  const { words } = document.documentElement.dataset;
  if (!words) return;
  try {
    catalogue = (await (await fetch(words)).json()).catalog ?? {};
  } catch {
    // Offline and not cached: English texts are better than none.
  }
}

/**
 * @param {string} words
 * @param {Record<string, string | number>} [values]
 */
export function t(words, values) {
  const found = catalogue[words];
  return fillIn(typeof found === 'string' ? found : words, values);
}

/**
 * Singular or plural; `{n}` becomes the number in the reader's notation.
 *
 * @param {string} one
 * @param {string} many
 * @param {number} n
 * @param {Record<string, string | number>} [values]
 */
export function tn(one, many, n, values) {
  const found = catalogue[one];
  const words = Array.isArray(found) ? found[pluralForm(n, found.length)] : n === 1 ? one : many;
  return fillIn(words, { n: count(n), ...values });
}

/** @param {number} n */
export function count(n) {
  return new Intl.NumberFormat(language()).format(n);
}

/** Locale for `Intl`: the browser's own variant of the page's language, if it has one. */
export function language() {
  const page = document.documentElement.lang || 'en';
  const own = navigator.languages.find((tag) => tag.split('-')[0] === page.split('-')[0]);
  return own ?? page;
}

const CATEGORIES = ['zero', 'one', 'two', 'few', 'many', 'other'];

/**
 * Index of the plural form. Gettext lists the forms in the order of these categories; its own rule
 * is an expression, which the page's content security policy forbids to evaluate.
 *
 * @param {number} n
 * @param {number} forms
 */
function pluralForm(n, forms) {
  const rules = new Intl.PluralRules(language());
  const { pluralCategories } = rules.resolvedOptions();
  const used = CATEGORIES.filter((name) => pluralCategories.includes(/** @type {any} */ (name)));
  return Math.min(used.indexOf(rules.select(n)), forms - 1);
}

/** @param {string} words @param {Record<string, string | number>} [values] */
export function fillIn(words, values) {
  if (!values) return words;
  return words.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
