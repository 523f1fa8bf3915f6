/** @typedef {[emoji: string, label: string, codes: string]} Emoji */

const LIST = new URL('../vendor/emojibase/emoji.json', import.meta.url).href;

/** @type {Promise<Record<string, Emoji[]>> | null} */
let asked = null;

/** All emoji by group, fetched once. @returns {Promise<Record<string, Emoji[]>>} */
export function emojiList() {
  asked ??= fetch(LIST).then(
    (answer) => answer.json(),
    (error) => {
      asked = null;
      throw error;
    },
  );
  return asked;
}

/** Those whose short name begins so, the shortest first. @param {string} start */
export async function byCode(start) {
  const found = [];
  for (const [emoji, , codes] of Object.values(await emojiList()).flat()) {
    const code = codes.split(' ').find((one) => one.startsWith(start));
    if (code) found.push({ emoji, code });
  }
  return found.sort((a, b) => a.code.length - b.code.length);
}
