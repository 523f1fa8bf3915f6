/**
 * The side panel: members, pinned messages, files or a thread. It covers the timeline on a narrow screen.
 *
 * @module
 */

/** @import { ChatView, MemberView, Row } from '../realtime/contract.js' */
/** @import { TimelineState } from '../realtime/timeline-types.js' */
/** @import { Person } from '../realtime/wire.js' */
/** @import { ChatComposer } from './composer.js' */
/** @import { Act, RoomContext } from './room-actions.js' */

import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';

/**
 * @typedef {{ name: 'members', isLeaving?: boolean } | { name: 'pins' } | { name: 'files' } | { name: 'retention' } | { name: 'thread', root: number }} Panel
 *
 * @typedef {CustomEvent<Row[] | null>} RoomChange loaded in the timeline or not; null: anything may
 *   have changed
 *
 * @typedef {object} PanelContext
 * @property {MemberView[] | null} members
 * @property {MemberView[]} mentionable
 * @property {Record<string, Person>} people
 * @property {EventTarget} changes `changed`: entries came or changed (`RoomChange`)
 * @property {TimelineState | null} room the range that the chat shows
 * @property {(place: () => Partial<RoomContext>) => Act} actIn
 * @property {(from: Element, chosen: (emoji: string) => void) => void} pickEmoji
 * @property {(row: Row, back: boolean, composer: ChatComposer) => void} resolveRefused
 */

/**
 * @param {Panel} panel
 * @param {PanelContext & { chat: ChatView | null, close: () => void }} context
 */
export function panelView(panel, { chat, close, ...context }) {
  if (!chat) return nothing;
  return html`<aside class="panel ${panel.name === 'thread' ? 'panel-thread' : ''}" data-region tabindex="-1" aria-labelledby="panel-title">
    <header class="panel-top"><h2 id="panel-title" tabindex="-1">${panelTitle(panel)}</h2>
      <button class="tool" aria-label=${t('Close')} @click=${close}>${icon('x')}</button></header>
    <div class="panel-in">${inside(panel, { ...context, chat })}</div>
  </aside>`;
}

/** @param {Panel} panel */
function panelTitle({ name }) {
  if (name === 'members') return t('People');
  if (name === 'files') return t('Files');
  if (name === 'retention') return t('How long messages are kept');
  return name === 'pins' ? t('Pinned messages') : t('Thread');
}

/**
 * @param {Panel} panel
 * @param {PanelContext & { chat: ChatView }} context
 */
function inside(panel, { chat, members, mentionable, people, changes, room, actIn, pickEmoji, resolveRefused }) {
  // Offline, and the module was never fetched: the panel stays empty.
  if (panel.name === 'members') {
    import('../groups/group-panel.js').catch(() => {});
    return html`<group-panel .chat=${chat} .members=${members} .asked=${panel}></group-panel>`;
  }
  if (panel.name === 'files') {
    import('../files/chat-files.js').catch(() => {});
    return html`<chat-files .chat=${chat.id} .people=${people} .changes=${changes}></chat-files>`;
  }
  if (panel.name === 'retention') {
    import('../groups/chat-retention.js').catch(() => {});
    return html`<chat-retention class="panel-part" .chat=${chat.id} .isDirect=${chat.kind === 'direct'}></chat-retention>`;
  }
  if (panel.name === 'pins') {
    import('./pins.js').catch(() => {});
    return html`<chat-pins .chat=${chat.id} .people=${people} .changes=${changes}></chat-pins>`;
  }
  import('./thread.js').catch(() => {});
  // Another thread is another element: what is written in one stays in it.
  return repeat([panel], ({ root }) => root, ({ root }) => html`<chat-thread .chat=${chat.id} .room=${room} .people=${people}
    .members=${mentionable} .root=${root} .changes=${changes} .actIn=${actIn} .pickEmoji=${pickEmoji} .resolveRefused=${resolveRefused}></chat-thread>`);
}
