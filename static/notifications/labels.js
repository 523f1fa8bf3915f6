/**
 * Texts for notification settings, decisions and deliveries.
 *
 * @module
 */

import { t, tn } from '../shell/words.js';

/** @type {[('all' | 'mentions' | 'none'), () => string][]} */
export const LEVELS = [
  ['all', () => t('All messages')],
  ['mentions', () => t('Mentions only')],
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
  all: () => t('You are notified about all messages in this chat.'),
  mention: () => t('It mentions you.'),
  keyword: () => t('It has one of your keywords.'),
  break_through: () => t('It mentions you, and mentions get through.'),
  muted: () => t('The chat was muted.'),
  level_none: () => t('Notifications were set to “Nothing”.'),
  not_mentioned: () => t('Notifications were set to “Mentions only”, and it did not mention you.'),
  do_not_disturb: () => t('“Do not disturb” was on.'),
  no_device: () => t('No device of yours had notifications on.'),
  nothing_left: () => t('When it was due, there was nothing left to notify you about.'),
  gone: () => t('Your device no longer takes notifications.'),
  refused: () => t('The push service of your device refused it.'),
  parked: () => t('The push service of your device could not be reached, again and again.'),
};

/** @param {string} reason */
export const reasonText = (reason) => REASONS[reason]?.() ?? t('For a reason this page does not know: {reason}.', { reason });

/** Outcomes of a push (apps/notifications/models/push.py). @type {Record<string, () => string>} */
const OUTCOMES = {
  none: () => t('You were not notified.'),
  skipped: () => t('You were not notified.'),
  pending: () => t('You will be notified, unless you read it first.'),
  cancelled: () => t('You read it before you were to be notified.'),
  released: () => t('The notification is on its way to your devices.'),
  sent: () => t('You were notified.'),
  failed: () => t('The notification reached none of your devices.'),
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
  gone: () => t('the device no longer takes notifications'),
  refused: () => t('refused by its push service'),
  parked: () => t('its push service could not be reached'),
};

/** @param {string} state */
export const stateText = (state) => STATES[state]?.() ?? state;
