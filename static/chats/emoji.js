import { folded } from '../shell/folded.js';
import { usedEmoji } from './emoji-habits.js';
import { customEmoji } from './markup/custom.js';

/** `words`: what else it is found by, in the language of the page.
 * @typedef {[emoji: string, label: string, codes: string, words?: string]} Emoji */
/** By emoji, in another language than English. @typedef {Record<string, [label: string, words: string]>} Names */

const LIST = new URL('../vendor/emojibase/emoji.json', import.meta.url).href;
/** @type {Record<string, string>} */
const NAMES = { de: new URL('../vendor/emojibase/de.json', import.meta.url).href };

/** @type {Promise<Record<string, Emoji[]>> | null} */
let request = null;

/** All emoji of Unicode by group. Fetched once. @returns {Promise<Record<string, Emoji[]>>} */
export function emojiList() {
  request ??= fetchList().catch((error) => {
    request = null;
    throw error;
  });
  return request;
}

/** With labels in the language of the page; its English names still find an emoji. */
async function fetchList() {
  const address = NAMES[document.documentElement.lang];
  /** @type {[Record<string, Emoji[]>, Names]} */
  const [groups, names] = await Promise.all([json(LIST), address ? json(address).catch(() => ({})) : {}]);
  for (const group of Object.values(groups)) {
    for (const one of group) {
      const [label, words] = names[one[0]] ?? [];
      if (label) one.splice(1, 3, label, one[2], `${folded(`${label} ${words}`)} ${one[1]}`);
    }
  }
  return groups;
}

/** @param {string} address */
const json = async (address) => (await fetch(address)).json();

/** The emoji of Unicode of a short name, if there is one. @param {string} code */
export async function emojiByCode(code) {
  const all = Object.values(await emojiList()).flat();
  return all.find(([, , codes]) => codes.split(' ').includes(code))?.[0] ?? null;
}

/** Emoji, custom ones too, with a short name that starts with `start`, or a word of the page's language that does: those
 * that the person uses, most used first, then the shortest name first. @param {string} start */
export async function emojiByShortcode(start) {
  const used = usedEmoji();
  const found = [];
  for (const [emoji, , codes, words = ''] of [...customEmoji.listed, ...Object.values(await emojiList()).flat()]) {
    const all = codes.split(' ');
    const code = all.find((one) => one.startsWith(start)) ?? (hasWord(words, start) ? all[0] : undefined);
    if (!code) continue;
    const place = used.indexOf(emoji);
    found.push({ emoji, code, place: place < 0 ? used.length : place });
  }
  return found.sort((a, b) => a.place - b.place || a.code.length - b.code.length);
}

/** @param {string} words @param {string} start */
const hasWord = (words, start) => ` ${words}`.includes(` ${start}`);
