/**
 * What happened in a chat, in words.
 *
 * @module
 */

import { t } from '../shell/words.js';

/**
 * @param {object} event
 * @param {string} event.kind
 * @param {string} event.name of who did it
 * @param {string | null} event.about name of whom it was done to; null: who did it
 * @param {boolean} event.mine whether the reader did it
 * @param {string} event.text
 */
export function eventWords({ kind, name, about, mine, text }) {
  const who = name || t('Somebody');
  switch (kind) {
    case 'created':
      return mine
        ? t('You made the group “{title}”', { title: text })
        : t('{name} made the group “{title}”', { name: who, title: text });
    case 'joined':
      if (about === null) return mine ? t('You joined') : t('{name} joined', { name: who });
      return mine
        ? t('You added {about}', { about })
        : t('{name} added {about}', { name: who, about });
    case 'left':
      return mine ? t('You left') : t('{name} left', { name: who });
    case 'removed':
      return mine
        ? t('You removed {about}', { about: about ?? '' })
        : t('{name} removed {about}', { name: who, about: about ?? '' });
    case 'renamed':
      return mine
        ? t('You renamed the group to “{title}”', { title: text })
        : t('{name} renamed the group to “{title}”', { name: who, title: text });
    default:
      return t('Something happened here that this version of Parley cannot show.');
  }
}
