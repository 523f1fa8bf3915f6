/**
 * How lists show whether somebody is here, what they are doing, and that they do not want to be
 * disturbed.
 *
 * @module
 */

/** @import { QuietHours } from '../realtime/both/quiet.js' */
/** @import { PresenceView } from '../realtime/contract.js' */
/** @import { Me, Person, Status } from '../realtime/wire.js' */

import { zoneOf } from '../realtime/both/clock-times.js';
import { isQuiet, onceUntil, quietUntil } from '../realtime/both/quiet.js';
import { icon } from '../shell/icon.js';
import { endTime } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

/**
 * A moon while the person does not want to be disturbed; else a filled dot for online, a ring for
 * away, nothing for offline.
 *
 * @param {PresenceView | undefined} presence
 */
export function presenceMark(presence) {
  return isQuiet(presence?.quiet ?? {}, Date.now()) ? moon() : onlineDot(presence?.online, presence?.away);
}

/** @param {boolean | undefined} online @param {boolean} [away] */
export function onlineDot(online, away = false) {
  if (!online) return nothing;
  return html`<span class="dot ${away ? 'dot-away' : ''}"></span><span class="visually-hidden">, ${away ? t('away') : t('online')}</span>`;
}

/** Do not disturb. */
export const moon = () =>
  html`<span class="moon">${icon('moon-fill', { size: '14' })}</span><span class="visually-hidden">, ${t('do not disturb')}</span>`;

/** When do not disturb ends: the time today, else the day; empty if it is not on.
 * @param {QuietHours | null | undefined} quiet */
export function quietEnd(quiet) {
  const until = quietUntil(quiet, Date.now());
  return until ? endTime(new Date(until).toISOString()) : '';
}

/** The reader's own do not disturb. @param {Me | null} me */
export const ownQuiet = (me) => ({ ...me?.do_not_disturb, until: onceUntil(me), zone: zoneOf(me) });

/**
 * The status of a person, unless it has ended.
 *
 * @param {{ status?: Status | null } | null | undefined} person
 * @returns {Status | null}
 */
export function statusNow(person) {
  const { status = null } = person ?? {};
  return status && (!status.until || Date.parse(status.until) > Date.now()) ? status : null;
}

/** `🚆 On the ferry` @param {{ status?: Status | null } | null | undefined} person */
export function statusLine(person) {
  const status = statusNow(person);
  return status ? html`${status.emoji} <bdi>${status.text}</bdi>` : nothing;
}

/** The emoji of a status, beside a name. @param {Person | null} person */
export function statusEmoji(person) {
  const status = statusNow(person);
  if (!status?.emoji) return nothing;
  return html`<span class="status-emoji" title=${status.text || nothing}>${status.emoji}</span>`;
}
