import { usedEmoji } from './emoji-habits.js';
import { customEmoji } from './markup/custom.js';

/** @typedef {[emoji: string, label: string, codes: string]} Emoji */

const LIST = new URL('../vendor/emojibase/emoji.json', import.meta.url).href;

/** @type {Promise<Record<string, Emoji[]>> | null} */
let request = null;

/** All emoji of Unicode by group. Fetched once. @returns {Promise<Record<string, Emoji[]>>} */
export function emojiList() {
  request ??= fetch(LIST).then(
    (response) => response.json(),
    (error) => {
      request = null;
      throw error;
    },
  );
  return request;
}

/** The emoji of Unicode of a short name, if there is one. @param {string} code */
export async function emojiByCode(code) {
  const all = Object.values(await emojiList()).flat();
  return all.find(([, , codes]) => codes.split(' ').includes(code))?.[0] ?? null;
}

/** Emoji, custom ones too, with a short name that starts with `start`: those that the person uses, most used first,
 * then the shortest name first. @param {string} start */
export async function emojiByShortcode(start) {
  const used = usedEmoji();
  const found = [];
  for (const [emoji, , codes] of [...customEmoji.listed, ...Object.values(await emojiList()).flat()]) {
    const code = codes.split(' ').find((one) => one.startsWith(start));
    if (!code) continue;
    const place = used.indexOf(emoji);
    found.push({ emoji, code, place: place < 0 ? used.length : place });
  }
  return found.sort((a, b) => a.place - b.place || a.code.length - b.code.length);
}
