/**
 * The dry run: how recent messages would have been notified with changed settings.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */
/** @import { DryRun } from './api.js' */

import { chatTitle } from '../chats/list.js';
import { shortDate } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { NOTIFYING } from './rules.js';
import { reasonText } from './labels.js';

/** @param {DryRun} result @param {ChatView[]} chats */
export function dryRunView({ looked_at, now, then, items }, chats) {
  const names = new Map(chats.map((chat) => [chat.id, chatTitle(chat)]));
  const words = tn(
    'Of the last message that came you are notified about {now} as it is, and would be notified about {then}.',
    'Of the last {n} messages that came you are notified about {now} as it is, and would be notified about {then}.',
    looked_at,
    { now, then },
  );
  return html`<div class="dry-run"><p role="status">${words}</p>
    ${items.length
      ? html`<details><summary>${tn('Show the one that differs', 'Show the {n} that differ', items.length)}</summary>
          <ul role="list">${items.map(
            ({ chat, seq, at, text, then: why }) => html`<li class="summary"><div class="summary-top">
              <a class="link" href="/c/${chat}/at/${seq}"><bdi>${names.get(chat) ?? t('Chat')}</bdi></a>
              <span class="summary-time">${shortDate(at)}</span></div>
              <div dir="auto">${text}</div>
              <div class="summary-chat">${NOTIFYING.has(why) ? t('You would be notified:') : t('You would not be notified:')} ${reasonText(why)}</div></li>`,
          )}</ul></details>`
      : nothing}</div>`;
}
