/** @import { Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */

import { personColor } from '../accounts/person-color.js';
import { shortDate, fullDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { deletedText } from './describe.js';
import { filesView } from './row-files.js';
import { renderText, mentionsOf } from './markup/render.js';

/** Only sent messages are listed. */
const NO_UPLOADS = { cancelUpload() {}, retryUpload() {} };

/**
 * A message shown outside of its timeline, with a link to its place there.
 *
 * @param {Row} row
 * @param {{ chat: string, name: string, people: Record<string, Person>, where?: string }} context
 *   `where`: the chat's name, if it is not obvious
 */
export function messageSummaryView(row, { chat, name, people, where }) {
  return html`<li class="summary ${row.mine ? 'own' : personColor(row.sender, chat)}">
    <div class="summary-top"><b class="row-who"><bdi>${row.mine ? t('You') : name || t('Somebody')}</bdi></b>
      ${where ? html`<bdi class="summary-chat">${where}</bdi>` : nothing}
      <a class="summary-time" href="/c/${chat}/at/${row.seq}" title=${fullDate(row.at)} aria-label=${t('Go to this message, {when}', { when: fullDate(row.at) })}>${shortDate(row.at)}</a></div>
    ${row.deleted
      ? html`<div class="text row-deleted">${deletedText(row)}</div>`
      : html`${row.text ? html`<div class="text" dir="auto">${renderText(row.text, mentionsOf(row, people))}</div>` : nothing}${filesView({ chat, row }, NO_UPLOADS)}`}
  </li>`;
}
