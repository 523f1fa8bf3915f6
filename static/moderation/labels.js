/** @import { Report } from '../realtime/wire.js' */

import { t } from '../shell/words.js';

/** In the order of the dialog. @type {Record<Report['reason'], () => string>} */
export const REASONS = {
  spam: () => t('Spam, advertising or fraud'),
  harassment: () => t('Insults, threats or stalking'),
  hate: () => t('Hatred against a group of people'),
  violence: () => t('Violence, or a call for it'),
  sexual: () => t('Sexual content that does not belong here'),
  self_harm: () => t('Somebody may harm themselves'),
  illegal: () => t('Something illegal'),
  other: () => t('Something else'),
};

/** What became of a report. @param {Report} report */
export function stateText({ state, outcome }) {
  if (state === 'open') return t('It waits for a moderator.');
  if (state === 'claimed') return t('A moderator is looking at it.');
  return outcome === 'action' ? t('Moderators have acted on it.') : t('Moderators have decided that nothing needs to be done.');
}
