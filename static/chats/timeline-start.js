/**
 * What stands above the first row of a timeline.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */

import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';

/** @param {{ lacks: boolean, atStart: boolean, chat: ChatView | null }} timeline `lacks`: rows that
 * were wanted could not be fetched */
export function startView({ lacks, atStart, chat }) {
  if (lacks) {
    const words = t('More could not be fetched. It will appear once the server can be reached.');
    return html`<p class="timeline-lacks" role="status">${words}</p>`;
  }
  if (!atStart || !chat || (chat.kept_from ?? 1) <= 1) return nothing;
  return html`<p class="timeline-lacks">${keptText(chat.kept_days ?? 0)}</p>`;
}

/** @param {number} days 0: they were deleted by hand */
const keptText = (days) =>
  days
    ? tn('Messages older than {n} day are deleted here.', 'Messages older than {n} days are deleted here.', days)
    : t('Older messages were deleted here.');
