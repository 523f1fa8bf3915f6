/** @import { Named } from '../realtime/contract.js' */

import { t } from '../shell/words.js';

/** Who is writing just now. @param {Named[]} people */
export function typingWords(people) {
  const names = people.map(({ name }) => name || t('Somebody'));
  if (!names.length) return '';
  if (names.length === 1) return t('{name} is typing…', { name: names[0] });
  if (names.length === 2) return t('{one} and {other} are typing…', { one: names[0], other: names[1] });
  return t('Several people are typing…');
}
