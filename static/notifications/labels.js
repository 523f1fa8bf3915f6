/**
 * Texts for notification settings, decisions and deliveries.
 *
 * @module
 */

import { t, tn } from '../shell/words.js';

/** @type {[('all' | 'mentions' | 'none'), () => string][]} */
export const LEVELS = [
  ['all', () => t('Everything')],
  ['mentions', () => t('Only what names me')],
  ['none', () => t('Nothing')],
];

/** Delays before a push, in seconds. */
const DELAYS = [0, 10, 30, 60, 300, 900, 3600];

/**
 * The delays to choose from; includes the current one.
 *
 * @param {number} chosen
 * @returns {[number, string][]}
 */
export function delays(chosen) {
  const all = DELAYS.includes(chosen) ? DELAYS : [...DELAYS, chosen].sort((a, b) => a - b);
  return all.map((seconds) => [seconds, delayText(seconds)]);
}

/** @param {number} seconds */
function delayText(seconds) {
  if (!seconds) return t('At once');
  if (seconds % 60) return tn('After {n} second', 'After {n} seconds', seconds);
  return tn('After {n} minute', 'After {n} minutes', seconds / 60);
}

/** Reasons of a decision (apps/notifications/rules.py). @type {Record<string, () => string>} */
const REASONS = {
  all: () => t('You are told of everything in this chat.'),
  mention: () => t('It names you.'),
  keyword: () => t('It has one of your words.'),
  break_through: () => t('It names you, and that breaks through.'),
  muted: () => t('The chat was muted.'),
  level_none: () => t('You wanted to be told of nothing there.'),
  not_mentioned: () => t('You wanted to be told only of what names you, and it did not.'),
  do_not_disturb: () => t('You did not want to be disturbed at that time.'),
  no_device: () => t('No device of yours took pushes then.'),
  nothing_left: () => t('When it was due, there was nothing left to tell of.'),
  gone: () => t('Your device no longer takes pushes.'),
  refused: () => t('The push service of your device refused it.'),
  parked: () => t('The push service of your device could not be reached, again and again.'),
};

/** @param {string} reason */
export const reasonText = (reason) => REASONS[reason]?.() ?? t('For a reason this page does not know: {reason}.', { reason });

/** Outcomes of a push (apps/notifications/models/push.py). @type {Record<string, () => string>} */
const OUTCOMES = {
  none: () => t('You were not told of it.'),
  skipped: () => t('You were not told of it.'),
  pending: () => t('You will be told of it, unless you read it before.'),
  cancelled: () => t('You had read it before you were to be told.'),
  released: () => t('It is on its way to your devices.'),
  sent: () => t('You were told of it.'),
  failed: () => t('You were to be told of it, but it reached no device.'),
};

/** @param {string} outcome */
export const outcomeText = (outcome) => OUTCOMES[outcome]?.() ?? outcome;

/**
 * States of the delivery to one device (apps/notifications/models/delivery.py).
 *
 * @type {Record<string, () => string>}
 */
const STATES = {
  waiting: () => t('on its way'),
  sent: () => t('sent'),
  cancelled: () => t('no longer needed'),
  gone: () => t('the device no longer takes pushes'),
  refused: () => t('refused by its push service'),
  parked: () => t('its push service could not be reached'),
};

/** @param {string} state */
export const stateText = (state) => STATES[state]?.() ?? state;
