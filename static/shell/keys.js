/**
 * Two special cases of keyboard input: keys that belong to an input method (Japanese, Chinese,
 * Korean and others), and keys typed before their field exists.
 *
 * @module
 */

import { t } from './words.js';

/** The `keyCode` of a key that an input method handles (UI Events, 7.3.1). */
const HANDLED_BY_INPUT_METHOD = 229;
/** Safari reports the end of a composition before the key that ended it. */
const JUST_ENDED_MS = 100;
const isSafari = navigator.vendor.startsWith('Apple');

let endedAt = -Infinity;
/** Whether a word is being composed. Setting the field's value would cancel the composition. */
export let isInComposition = false;
addEventListener('compositionstart', () => (isInComposition = true), true);
addEventListener(
  'compositionend',
  ({ timeStamp }) => {
    endedAt = timeStamp;
    isInComposition = false;
  },
  true,
);

/**
 * Whether a key belongs to a composition. The Enter that accepts a word must not send or open
 * anything, so every Enter handler checks this first.
 *
 * @param {KeyboardEvent} event
 * @returns {boolean}
 */
export function isComposing(event) {
  if (event.isComposing || event.keyCode === HANDLED_BY_INPUT_METHOD) return true;
  // Safari only: Android ends a composition at every Enter.
  return isSafari && event.timeStamp - endedAt < JUST_ENDED_MS;
}

/** @type {'key' | 'pointer' | ''} */
let input = '';
addEventListener('pointerdown', () => (input = 'pointer'), true);
// Other keys than these move no focus by themselves.
addEventListener('keydown', ({ key }) => (input = key === 'Tab' || key === 'F6' ? 'key' : ''), true);

/** Whether the focus is moved by a key or by a pointer; empty: by the program. */
export const lastInput = () => input;

/**
 * Collect what is typed while the module of the real field is being fetched.
 *
 * @returns {{ end: () => Typed }} `end` returns the text and restores the focus
 *
 * @typedef {{ text: string, entered: boolean }} Typed `entered`: the text ended with Enter
 */
export function typeAhead() {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const field = document.createElement('input');
  let entered = false;
  field.className = 'visually-hidden type-ahead';
  field.ariaLabel = t('Search');
  field.addEventListener('keydown', (event) => {
    const { key } = event;
    if (isComposing(event)) entered = false;
    else if (key === 'Enter') entered = true;
    else if (key.length === 1) entered = false;
  });
  document.body.append(field);
  field.focus({ preventScroll: true });
  return {
    end() {
      const text = field.value;
      before?.focus({ preventScroll: true });
      field.remove();
      return { text, entered };
    },
  };
}
