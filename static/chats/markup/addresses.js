/**
 * Addresses in a text: where they end, where they lead, and how they are shown. The server has the
 * same rules (`apps/chats/links.py`): tests/chats/links.json.
 *
 * @module
 */

/** A longer address is no link: the beginning of an address leads elsewhere. */
export const MAX_ADDRESS_LENGTH = 2048;
/** @type {Record<string, string>} */
const BRACKETS = { ')': '(', ']': '[', '}': '{' };
const TRAILING = /[.,:;!?'*_~…‘’\u00AD\u200B\u2060\uFEFF]/;
/** Characters that nobody sees, or that turn the direction of what follows. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034F\u115F\u1160\u2800\u3164\uFFA0]/gu;
const DIRECTIONS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/;
/** Words that a reader may take for an address. */
const ADDRESS_LIKE = /:\/\/|@|[\p{L}\p{N}]\.[\p{L}]{2}/u;

/** An address without the punctuation of the sentence around it. @param {string} address */
export function withoutPunctuation(address) {
  /** @param {string} sign */
  const count = (sign) => address.split(sign).length;
  const surplus = Object.fromEntries(
    Object.entries(BRACKETS).map(([last, first]) => [last, count(last) - count(first)]),
  );
  let end = address.length;
  for (; end > 0; end--) {
    const last = address[end - 1];
    if (surplus[last] > 0) surplus[last]--;
    else if (!TRAILING.test(last)) break;
  }
  return address.slice(0, end);
}

/**
 * Where an address leads.
 *
 * @param {string} address as it was written
 * @returns {string | null} null when it names no host
 */
export function targetOf(address) {
  const isBare = /^www\./i.test(address);
  if (isBare && !/^www\.[^./?#]+\.[^./?#]/i.test(address)) return null;
  const target = isBare ? `https://${address}` : address;
  if (target.length > MAX_ADDRESS_LENGTH) return null;
  return URL.canParse(target) && new URL(target).hostname ? target : null;
}

/** An address as it is shown: what nobody sees is encoded as browsers do it. @param {string} address */
export const shownAddress = (address) => address.replace(UNSEEN, (one) => encodeURIComponent(one));

/**
 * Whether the words of a link look like an address, and it leads elsewhere.
 *
 * @param {string} words
 * @param {string} target
 */
export function misleads(words, target) {
  if (DIRECTIONS.test(words)) return true;
  const plain = words.replace(UNSEEN, '').normalize('NFKC').replaceAll('。', '.').trim();
  if (!ADDRESS_LIKE.test(plain)) return false;
  const address = /^https?:\/\//i.test(plain) ? plain : `https://${plain}`;
  return !URL.canParse(address) || hostOf(address) !== hostOf(target);
}

/** @param {string} address */
const hostOf = (address) => {
  const { host, username, password } = new URL(address);
  return `${username}:${password}@${host.replace(/^www\./, '')}`;
};
