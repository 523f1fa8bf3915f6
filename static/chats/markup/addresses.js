/**
 * Addresses in a text: where they end, where they lead, and how they are shown. The server has the
 * same rules (`apps/chats/addresses.py`): tests/chats/links.json.
 *
 * @module
 */

/** A longer address is no link: the beginning of an address leads elsewhere. */
export const MAX_ADDRESS_LENGTH = 2048;
/** @type {Record<string, string>} */
const BRACKETS = { ')': '(', ']': '[', '}': '{' };
const TRAILING = ".,:;!?'…‘’\u00AD\u200B\u2060\uFEFF";
/** Characters that nobody sees, or that turn the direction of what follows. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034F\u115F\u1160\u2800\u3164\uFFA0]/gu;
const DIRECTIONS = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/;
/** What words do not show: marks, and characters that are invisible by themselves. */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800`*_~\\]/gu;
/** Narrow spaces after a dot, which do not end a sentence. */
const NARROW_SPACE = /(?<=[.。\uFF0E\uFF61\u2024\uFE52\uA4F8])[\u2000-\u200A\u202F\u205F]+/g;
const SPACE_BEFORE_DOT = /[ \u1680]+(?=[.。\uA4F8])/g;
/** Characters that look like a dot; the digits among them only between Latin letters. */
const DOT_LIKE = /[。\uA4F8\u0701\u0702\uA60E\u{10A50}\u{1D16D}]|(?<=[A-Za-z])[\u0660\u06F0](?=[A-Za-z])/gu;
/** Words that a reader may take for an address. A version or a date is none, four numbers are. */
const ADDRESS_LIKE =
  /:\/\/|@|[\p{L}\p{N}\p{M}]\.\p{M}*\p{L}[\p{L}\p{N}\p{M}]|(?:[0-9]+\.){3}[0-9]/u;
const AUTHORITY = /^(?:https?:\/\/)?[\\/]*([^\\/?#]*)/i;

/**
 * An address without the punctuation of the sentence around it.
 *
 * @param {string} address
 * @param {Set<string>} marks those before it, which may end after it
 */
export function withoutPunctuation(address, marks) {
  /** @param {string} sign */
  const count = (sign) => address.split(sign).length;
  const surplus = Object.fromEntries(
    Object.entries(BRACKETS).map(([last, first]) => [last, count(last) - count(first)]),
  );
  let end = address.length;
  for (; end > 0; end--) {
    const last = address[end - 1];
    if (surplus[last] > 0) surplus[last]--;
    else if (!TRAILING.includes(last) && !marks.has(last)) break;
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
  const plain = words
    .replace(UNSHOWN, '')
    .replace(NARROW_SPACE, '')
    .normalize('NFKC')
    .replace(UNSHOWN, '')
    .replace(SPACE_BEFORE_DOT, '')
    .replace(DOT_LIKE, '.')
    .trim();
  return ADDRESS_LIKE.test(plain) && authorityOf(plain) !== authorityOf(target);
}

/** The name, port and user of an address, as it was written. @param {string} address */
function authorityOf(address) {
  const all = AUTHORITY.exec(address)?.[1] ?? '';
  const host = all.lastIndexOf('@') + 1;
  return all.slice(0, host) + all.slice(host).toLowerCase().replace(/^www\./, '');
}
