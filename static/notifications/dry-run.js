/**
 * The dry run: what other wishes would have made of what came lately.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */
/** @import { Rehearsal } from './api.js' */

import { titleOf } from '../chats/list.js';
import { stamp } from '../shell/times.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { TELLING } from './rules.js';
import { reasonWords } from './labels.js';

/** @param {Rehearsal} tried @param {ChatView[]} chats */
export function rehearsalView({ looked_at, now, then, items }, chats) {
  const names = new Map(chats.map((chat) => [chat.id, titleOf(chat)]));
  const words = tn(
    'Of the last message that came you are told of {now} as it is, and would be told of {then}.',
    'Of the last {n} messages that came you are told of {now} as it is, and would be told of {then}.',
    looked_at,
    { now, then },
  );
  return html`<div class="rehearsal"><p role="status">${words}</p>
    ${items.length
      ? html`<details><summary>${tn('Show the one that differs', 'Show the {n} that differ', items.length)}</summary>
          <ul role="list">${items.map(
            ({ chat, seq, at, text, then: why }) => html`<li class="brief"><div class="brief-top">
              <a class="link" href="/c/${chat}/at/${seq}"><bdi>${names.get(chat) ?? t('Chat')}</bdi></a>
              <span class="brief-at">${stamp(at)}</span></div>
              <div dir="auto">${text}</div>
              <div class="brief-where">${TELLING.has(why) ? t('You would be told:') : t('You would not be told:')} ${reasonWords(why)}</div></li>`,
          )}</ul></details>`
      : nothing}</div>`;
}
