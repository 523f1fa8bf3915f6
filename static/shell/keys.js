/**
 * Special cases of keyboard input: keys of Macs and of keyboards without Latin letters, keys that belong to an input method (Japanese, Chinese,
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

/** On a Mac, Ctrl with a letter and Option with an arrow move the caret. */
export const IS_APPLE = /Mac|iPhone|iPad/.test(navigator.platform);

/** As `aria-keyshortcuts` names the key of commands. */
export const COMMAND = IS_APPLE ? 'Meta' : 'Control';

/**
 * The letter of a key. On keyboards of other scripts, the place of the key counts.
 *
 * @param {Pick<KeyboardEvent, 'key' | 'code'>} event
 */
export const letterOf = ({ key, code }) => (/^[a-z]$/i.test(key) ? key : code.replace(/^Key/, '')).toLowerCase();

/**
 * Whether Ctrl, or Command on a Mac, is pressed with this letter, and no other key.
 *
 * @param {Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>} event
 * @param {string} letter
 */
export function isCommand(event, letter, isApple = IS_APPLE) {
  const { ctrlKey, metaKey, shiftKey, altKey } = event;
  if (shiftKey || altKey || ctrlKey === metaKey || metaKey !== isApple) return false;
  return letterOf(event) === letter;
}

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
