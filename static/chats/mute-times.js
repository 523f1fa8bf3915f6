/** @import { ChatSettings } from '../realtime/contract.js' */

import { timePresets } from '../shell/local-time.js';
import { t } from '../shell/words.js';

const HOUR = 3_600_000;

/**
 * How long a chat can be muted; the settings are computed when one is chosen. They replace those of a
 * chat that is muted already.
 *
 * @returns {[words: string, settings: () => ChatSettings][]}
 */
export function muteTimes() {
  /** @param {number} hours @returns {() => ChatSettings} */
  const later = (hours) => () => ({ muted: false, muted_until: new Date(Date.now() + hours * HOUR).toISOString() });
  return [
    [t('For an hour'), later(1)],
    [t('For 8 hours'), later(8)],
    [t('Until tomorrow'), () => ({ muted: false, muted_until: timePresets(Date.now()).tomorrow.toISOString() })],
    [t('Until I unmute'), () => ({ muted: true })],
  ];
}
