/**
 * Keys that belong to an input method (Japanese, Chinese, Korean and others).
 *
 * @module
 */

/** What `keyCode` says of a key that an input method handles (UI Events, 7.3.1). */
const HANDLED_BY_INPUT_METHOD = 229;
/** Safari reports the end of a composition before the key that ended it. */
const JUST_ENDED_MS = 100;
const isSafari = navigator.vendor.startsWith('Apple');

let endedAt = -Infinity;
addEventListener('compositionend', ({ timeStamp }) => (endedAt = timeStamp), true);

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
