/** @typedef {[emoji: string, label: string, codes: string]} Emoji */

const LIST = new URL('../vendor/emojibase/emoji.json', import.meta.url).href;

/** @type {Promise<Record<string, Emoji[]>> | null} */
let request = null;

/** All emoji by group. Fetched once. @returns {Promise<Record<string, Emoji[]>>} */
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

/** Emoji with a short name that starts with `start`, shortest name first. @param {string} start */
export async function emojiByShortcode(start) {
  const found = [];
  for (const [emoji, , codes] of Object.values(await emojiList()).flat()) {
    const code = codes.split(' ').find((one) => one.startsWith(start));
    if (code) found.push({ emoji, code });
  }
  return found.sort((a, b) => a.code.length - b.code.length);
}
