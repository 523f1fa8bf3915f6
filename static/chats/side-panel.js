/**
 * The side panel: members, pinned messages, files or a thread. It covers the timeline on a narrow screen.
 *
 * @module
 */

/** @import { ChatView, MemberView, Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */

import { filesOf } from './describe.js';
import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

/** @typedef {{ name: 'members' } | { name: 'pins' } | { name: 'files' } | { name: 'thread', root: number }} Panel */

/**
 * @param {Panel} panel
 * @param {object} context
 * @param {ChatView | null} context.chat
 * @param {MemberView[] | null} context.members
 * @param {Record<string, Person>} context.people
 * @param {string} context.stamp
 * @param {() => void} context.close
 * @param {(row: Row) => void} context.reply
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
  if (name === 'files') return t('Files');
  return name === 'pins' ? t('Pinned messages') : t('Thread');
}

/**
 * @param {Panel} panel
 * @param {{ chat: ChatView, members: MemberView[] | null, people: Record<string, Person>,
 *   stamp: string, reply: (row: Row) => void }} context
 */
function inside(panel, { chat, members, people, stamp, reply }) {
  // Offline, and the module was never fetched: the panel stays empty.
  if (panel.name === 'members') {
    import('../groups/group-panel.js').catch(() => {});
    return html`<group-panel .chat=${chat} .members=${members}></group-panel>`;
  }
  if (panel.name === 'files') {
    import('../files/chat-files.js').catch(() => {});
    return html`<chat-files .chat=${chat.id} .people=${people} .stamp=${stamp}></chat-files>`;
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
 * A value that changes whenever the panel's content changes.
 *
 * @param {Panel} panel
 * @param {Row[]} rows
 */
export function panelStamp(panel, rows) {
  const concerned = rows.filter((row) =>
    panel.name === 'files' ? filesOf(row).length || row.text.includes('://') : panel.name === 'pins' ? row.pinned : panel.name === 'thread' && (row.thread === panel.root || row.seq === panel.root),
  );
  return concerned.map(({ seq, edited_at, deleted, hidden }) => `${seq}${edited_at ?? ''}${deleted}${hidden}`).join();
}
