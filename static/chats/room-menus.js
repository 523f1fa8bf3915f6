/**
 * The menus in the head of a chat. Loaded after the first paint.
 *
 * @module
 */

/** @import { ChatView, ChatSettings } from '../realtime/contract.js' */
/** @import { ReportedThing } from '../realtime/request-types.js' */

import { openReport } from '../moderation/open-report.js';
import { connect } from '../realtime/client.js';
import { router } from '../shell/router.js';
import { search } from '../shell/sidebar.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { chatTitle } from './list.js';

/** Jump to a day. @param {string} chat */
export function jumpForm(chat) {
  return html`<form class="jump-form" @submit=${(/** @type {SubmitEvent} */ event) => submitted(event, chat)}>
    <label class="field"><b>${t('Go to a day')}</b>
      <input class="input" type="date" name="date" required></label>
    <button class="btn btn-small">${t('Go')}</button>
  </form>`;
}

/** @param {SubmitEvent} event @param {string} chat */
function submitted(event, chat) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const date = new FormData(form).get('date');
  /** @type {HTMLElement | null} */ (form.closest('[popover]'))?.hidePopover();
  router.go(`/c/${chat}/on/${date}`);
}

/** @param {ChatView} chat
 * @param {{ showPins: () => void, showFiles: () => void, toUnread: () => void }} go */
export function chatMenuItems(chat, { showPins, showFiles, toUnread }) {
  const { id, kind, person, pinned, muted, archived, unread, marked_unread: marked } = chat;
  /** @type {[string, ChatSettings][]} */
  const settings = [
    [pinned ? t('Unpin') : t('Pin'), { pinned: !pinned }],
    [muted ? t('Unmute') : t('Mute'), { muted: !muted }],
    [archived ? t('Bring back from the archive') : t('Archive'), { archived: !archived }],
  ];
  if (!unread) {
    settings.push([marked ? t('Mark as read') : t('Mark as unread'), { marked_unread: !marked }]);
  }
  const toFirstUnread = html`<button class="menu-item" popovertarget="chat-menu" popovertargetaction="hide"
    @click=${toUnread}>${t('Go to the first unread')}</button>`;
  const searchHere = html`<button class="menu-item" popovertarget="chat-menu" popovertargetaction="hide" aria-keyshortcuts="Control+F"
    @click=${() => search(chatTitle(chat))}>${t('Search here')}</button>`;
  return html`${unread ? toFirstUnread : nothing}${searchHere}${settings.map(
    ([words, setting]) => html`<button class="menu-item" popovertarget="chat-menu" popovertargetaction="hide"
      @click=${() => connect().command({ type: 'chat.marks', chat: id, ...setting }).catch(() => {})}>${words}</button>`,
  )}<button class="menu-item" popovertarget="chat-menu" popovertargetaction="hide" @click=${() => openNotifications(id)}>${t('Notifications')}</button>
  <button class="menu-item" popovertarget="chat-menu" popovertargetaction="hide" @click=${showPins}>${t('Pinned messages')}</button>
  <button class="menu-item" popovertarget="chat-menu" popovertargetaction="hide" @click=${showFiles}>${t('Files')}</button>
  ${kind === 'group' || person ? html`<button class="menu-item menu-alert" popovertarget="chat-menu" popovertargetaction="hide" @click=${() => openReport(reported(id, person?.id), person?.id)}>${t('Report…')}</button>` : nothing}`;
}

/**
 * The other person of a direct chat, or else the group.
 *
 * @param {string} chat
 * @param {string} [person]
 * @returns {ReportedThing}
 */
const reported = (chat, person) => (person ? { kind: 'person', person, chat } : { kind: 'chat', chat });

/** Offline, and the module was never fetched: nothing opens. @param {string} chat */
function openNotifications(chat) {
  import('../notifications/chat-notifications.js').then(({ openChatNotifications }) => openChatNotifications(chat), () => {});
}
