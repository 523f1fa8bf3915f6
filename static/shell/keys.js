/**
 * Keys that mean something else than they say: those of an input method (Japanese, Chinese, Korean
 * and others), and those typed before the field that they are meant for is there.
 *
 * @module
 */

import { t } from './words.js';

/** What `keyCode` says of a key that an input method handles (UI Events, 7.3.1). */
const HANDLED_BY_INPUT_METHOD = 229;
/** Safari reports the end of a composition before the key that ended it. */
const JUST_ENDED_MS = 100;
const isSafari = navigator.vendor.startsWith('Apple');

let endedAt = -Infinity;
/** Whether a word is being composed now: a value set meanwhile would break it off. */
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
 * Whether a key belongs to a composition: the Enter that accepts a word must not send or open
 * anything. Every handler of Enter asks this first.
 *
 * @param {KeyboardEvent} event
 * @returns {boolean}
 */
export function isComposing(event) {
  if (event.isComposing || event.keyCode === HANDLED_BY_INPUT_METHOD) return true;
  // Elsewhere a composition that has just ended says nothing: Android ends one at every Enter.
  return isSafari && event.timeStamp - endedAt < JUST_ENDED_MS;
}

/**
 * Takes what is typed while that is still being fetched in which it shall stand.
 *
 * @returns {{ end: () => Typed }} `end`: the focus is where it was before
 *
 * @typedef {{ text: string, entered: boolean }} Typed `entered`: Enter was pressed after it
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
