/** @import { Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */

import { voice } from '../accounts/person-color.js';
import { stamp, whole } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { formatted, mentionsOf } from './markup.js';

/**
 * A message outside of its timeline, with the way back to it.
 *
 * @param {Row} row
 * @param {{ chat: string, name: string, people: Record<string, Person>, where?: string }} around
 *   `where`: the chat's name, if that is not plain
 */
export function briefView(row, { chat, name, people, where }) {
  return html`<li class="brief ${row.mine ? 'own' : voice(row.sender)}">
    <div class="brief-top"><b class="row-who"><bdi>${row.mine ? t('You') : name || t('Somebody')}</bdi></b>
      ${where ? html`<bdi class="brief-where">${where}</bdi>` : nothing}
      <a class="brief-at" href="/c/${chat}/at/${row.seq}" title=${whole(row.at)} aria-label=${t('Go to this message, {when}', { when: whole(row.at) })}>${stamp(row.at)}</a></div>
    ${row.deleted
      ? html`<div class="text row-deleted">${t('This message was deleted.')}</div>`
      : html`<div class="text" dir="auto">${formatted(row.text, mentionsOf(row, people))}</div>`}
  </li>`;
}
