/**
 * Which emoji a person uses most on this device, and in which skin tone.
 *
 * @module
 */

const KEY = 'parley.emoji';
/** More are not remembered. */
const MAX_USED = 60;
export const TONES = ['', '🏻', '🏼', '🏽', '🏾', '🏿'];
/** 🤝 between two people has their tones. */
const PERSON = /((?<!\u200D)🤝|(?!🤝)\p{Emoji_Modifier_Base})\uFE0F?/gu;
/** It has no tones in Unicode 15.1. */
const WITHOUT_TONES = '🤼';

/** @typedef {{ person: string, tone: number, used: [emoji: string, weight: number][] }} Habits */

/** @returns {Habits} of the person who is signed in */
function read() {
  const person = document.body.dataset.person ?? '';
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (stored?.person === person && Array.isArray(stored.used)) return stored;
  } catch {
    // Storage is unavailable: nothing is remembered.
  }
  return { person, tone: 0, used: [] };
}

/** @param {Habits} habits */
function write(habits) {
  try {
    localStorage.setItem(KEY, JSON.stringify(habits));
  } catch {
    // As above.
  }
}

/** The most used emoji, without tones; what was used lately weighs more. */
export const usedEmoji = () => read().used.map(([emoji]) => emoji);

/** Remember that an emoji was used. @param {string} emoji */
export function noteUse(emoji) {
  const habits = read();
  const plain = withTone(emoji, 0);
  const used = habits.used.map(([one, weight]) => /** @type {[string, number]} */ ([one, weight * 0.97]));
  const known = used.find(([one]) => one === plain);
  if (known) known[1] += 1;
  else used.push([plain, 1]);
  write({ ...habits, used: used.sort(([, a], [, b]) => b - a).slice(0, MAX_USED) });
}

/** The index of the chosen tone in `TONES`. */
export const ownTone = () => (TONES[read().tone] === undefined ? 0 : read().tone);

/** @param {number} tone */
export const chooseTone = (tone) => write({ ...read(), tone });

/** An emoji in the tone that the person chose. @param {string} emoji */
export const inOwnTone = (emoji) => withTone(emoji, ownTone());

/** An emoji in a tone, if it shows one or two people. @param {string} emoji @param {number} tone */
export function withTone(emoji, tone) {
  const plain = emoji.replace(/\p{Emoji_Modifier}/gu, '');
  const people = plain.match(PERSON)?.length ?? 0;
  // Families have no tones.
  if (!people || people > 2 || plain.includes(WITHOUT_TONES) || /[👦👧]\u200D|\u200D[👦👧]/u.test(plain)) return plain;
  return tone ? plain.replace(PERSON, `$1${TONES[tone]}`) : plain;
}
