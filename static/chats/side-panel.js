/**
 * What can stand beside a timeline (over it, where there is no room).
 *
 * @module
 */

/** @import { ChatView, MemberView, Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */

import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

/** @typedef {{ name: 'members' } | { name: 'pins' } | { name: 'thread', root: number }} Panel */

/**
 * @param {Panel} panel
 * @param {object} around
 * @param {ChatView | null} around.chat
 * @param {MemberView[] | null} around.members
 * @param {Record<string, Person>} around.people
 * @param {string} around.stamp
 * @param {() => void} around.close
 * @param {(row: Row) => void} around.reply
 */
export function panelView(panel, { chat, members, people, stamp, close, reply }) {
  if (!chat) return nothing;
  return html`<aside class="panel" data-region tabindex="-1" aria-labelledby="panel-title">
    <header class="panel-top"><h2 id="panel-title" tabindex="-1">${panelTitle(panel)}</h2>
      <button class="tool" aria-label=${t('Close')} @click=${close}>${icon('x')}</button></header>
    <div class="panel-in">${inside(panel, { chat, members, people, stamp, reply })}</div>
  </aside>`;
}

/** @param {Panel} panel */
function panelTitle({ name }) {
  if (name === 'members') return t('People');
  return name === 'pins' ? t('Pinned messages') : t('Thread');
}

/**
 * @param {Panel} panel
 * @param {{ chat: ChatView, members: MemberView[] | null, people: Record<string, Person>,
 *   stamp: string, reply: (row: Row) => void }} around
 */
function inside(panel, { chat, members, people, stamp, reply }) {
  // Offline before it was ever fetched: the panel is empty until it is.
  if (panel.name === 'members') {
    import('../groups/group-panel.js').catch(() => {});
    return html`<group-panel .chat=${chat} .members=${members}></group-panel>`;
  }
  if (panel.name === 'pins') {
    import('./pins.js').catch(() => {});
    return html`<chat-pins .chat=${chat.id} .people=${people} .stamp=${stamp}></chat-pins>`;
  }
  import('./thread.js').catch(() => {});
  const { root } = panel;
  return html`<chat-thread .chat=${chat.id} .people=${people} .root=${root} .stamp=${`${root} ${stamp}`} .reply=${reply}></chat-thread>`;
}

/**
 * Changes with everything that makes the panel another one.
 *
 * @param {Panel} panel
 * @param {Row[]} rows
 */
export function panelStamp(panel, rows) {
  const concerned = rows.filter((row) =>
    panel.name === 'pins' ? row.pinned : panel.name === 'thread' && (row.thread === panel.root || row.seq === panel.root),
  );
  return concerned.map(({ seq, edited_at, deleted }) => `${seq}${edited_at ?? ''}${deleted}`).join();
}
