/**
 * The menu of a chat: in its head, and in its row of the list. Loaded after the first paint.
 *
 * @module
 */

/** @import { ChatView, ChatSettings } from '../realtime/contract.js' */
/** @import { ChatComposer } from './composer.js' */
/** @import { ChatListMenu } from './list-menu.js' */
/** @import { ReportedThing } from '../realtime/request-types.js' */

import { openReport } from '../moderation/open-report.js';
import { connect } from '../realtime/client.js';
import { COMMAND } from '../shell/keys.js';
import { closeMenu, menuKey, unfolded } from '../shell/popover.js';
import { search } from '../shell/sidebar.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { isUnread } from './attention.js';
import { errorText } from './error-text.js';
import { chatTitle } from './list.js';
import { muteTimes } from './mute-times.js';

/**
 * Change the reader's settings of a chat. Why it failed is told in the list, or in the chat where it
 * covers the list.
 *
 * @param {string} chat
 * @param {ChatSettings} settings
 * @returns {Promise<boolean>} whether it was done
 */
export async function setChat(chat, settings) {
  try {
    await connect().command({ type: 'chat.marks', chat, ...settings });
    return true;
  } catch (error) {
    const list = listMenu();
    const composer = /** @type {ChatComposer | null} */ (document.querySelector('chat-room .foot chat-composer'));
    if (composer && !list?.checkVisibility()) composer.tell({ error: errorText(error) });
    else list?.tell(errorText(error));
    return false;
  }
}

/** The archive is easily chosen by mistake: the list offers to take it back.
 * @param {ChatView} chat @param {boolean} archived */
export async function setArchived(chat, archived) {
  if ((await setChat(chat.id, { archived })) && archived) listMenu()?.offerBack(chat);
}

const listMenu = () => /** @type {ChatListMenu | null} */ (document.querySelector('chat-list-menu'));

/**
 * @param {ChatView} chat
 * @param {{ showPins: () => void, showFiles: () => void, toUnread: () => void }} [open] what only an
 *   open chat has
 */
export function chatMenuItems(chat, open) {
  const { id, kind, person, pinned, archived, unread } = chat;
  /** @param {string} words @param {() => unknown} act @param {string} [look] @param {string} [keys] */
  const item = (words, act, look = '', keys) => html`<button class="menu-item ${look}" aria-keyshortcuts=${keys ?? nothing} @click=${closeThen(act)}>${words}</button>`;
  return html`<div @keydown=${menuKey}>${unread && open ? item(t('Go to the first unread'), open.toUnread) : nothing}
    ${open ? item(t('Search here'), () => search(chat), '', `${COMMAND}+F`) : nothing}
    ${isUnread(chat) ? item(t('Mark as read'), () => markRead(chat)) : item(t('Mark as unread'), () => setChat(id, { marked_unread: true }))}
    ${item(pinned ? t('Unpin') : t('Pin'), () => setChat(id, { pinned: !pinned }))}
    ${chat.muted ? item(t('Unmute'), () => setChat(id, { muted: false })) : muteView(id)}
    ${item(archived ? t('Bring back from the archive') : t('Archive'), () => setArchived(chat, !archived))}
    ${item(t('Notifications'), () => openNotifications(id))}
    ${open ? item(t('Pinned messages'), open.showPins) : nothing}
    ${open ? item(t('Files'), open.showFiles) : nothing}
    ${kind === 'group' || person ? item(t('Report…'), () => openReport(reported(id, person?.id), person?.id), 'menu-alert') : nothing}</div>`;
}

/** @param {string} chat */
function muteView(chat) {
  return html`<details class="menu-more" @toggle=${unfolded}><summary class="menu-item">${t('Mute')}</summary>${muteTimes().map(
    ([words, settings]) => html`<button class="menu-item" @click=${closeThen(() => setChat(chat, settings()))}>${words}</button>`,
  )}</details>`;
}

/** Messages are read up to the newest that is known; a mark alone is taken away.
 * @param {ChatView} chat */
const markRead = ({ id, unread }) => (unread ? connect().markRead([id]) : setChat(id, { marked_unread: false }));

/** @param {() => unknown} act @returns {(event: Event) => void} */
const closeThen = (act) => (event) => {
  closeMenu(event);
  act();
};

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
