/**
 * The menu of a chat: in its head, and in its row of the list. Loaded after the first paint.
 *
 * @module
 */

/** @import { ChatView, ChatSettings } from '../realtime/contract.js' */
/** @import { ChatComposer } from './composer.js' */
/** @import { ChatListMenu } from './list-menu.js' */
/** @import { ChatRoom } from './room.js' */
/** @import { RoomContext } from './room-actions.js' */
/** @import { Panel } from './side-panel.js' */
/** @import { ReportedThing } from '../realtime/request-types.js' */

import { openReport } from '../moderation/open-report.js';
import { connect } from '../realtime/client.js';
import { COMMAND } from '../shell/keys.js';
import { closeMenu, menuKey, unfolded } from '../shell/popover.js';
import { router } from '../shell/router.js';
import { search } from '../shell/sidebar.js';
import { endTime } from '../shell/times.js';
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
 * @param {Pick<RoomContext, 'showPanel' | 'toUnread'>} [open] what only an open chat has
 */
export function chatMenuItems(chat, open) {
  const { id, kind, person, pinned, archived, unread } = chat;
  /** @param {string} words @param {() => unknown} act @param {string} [look] @param {string} [keys] */
  const item = (words, act, look = '', keys) => html`<button class="menu-item ${look}" aria-keyshortcuts=${keys ?? nothing} @click=${closeThen(act)}>${words}</button>`;
  const show = (/** @type {Panel} */ panel) => (open ? open.showPanel(panel) : openPanel(id, panel));
  return html`<div @keydown=${menuKey}>${unread && open ? item(t('Go to the first unread'), open.toUnread) : nothing}
    ${open ? item(t('Search here'), () => search(chat), '', `${COMMAND}+F`) : nothing}
    ${isUnread(chat) ? item(t('Mark as read'), () => markRead(chat)) : item(t('Mark as unread'), () => setChat(id, { marked_unread: true }))}
    ${item(pinned ? t('Unpin chat') : t('Pin chat'), () => setChat(id, { pinned: !pinned }))}
    ${chat.muted ? item(t('Unmute'), () => setChat(id, { muted: false })) : nothing}${muteView(chat)}
    ${item(archived ? t('Unarchive') : t('Archive'), () => setArchived(chat, !archived))}
    ${item(t('Notifications'), () => openNotifications(id))}
    ${item(t('Pinned messages'), () => show({ name: 'pins' }))}
    ${item(t('Files'), () => show({ name: 'files' }))}
    ${item(t('How long messages are kept'), () => show({ name: 'retention' }))}
    ${item(t('Plugins…'), () => location.assign(`/c/${id}/plugins`))}
    ${item(t('Export chat…'), () => location.assign(`/settings/data?chat=${id}`))}
    ${kind === 'group' ? item(t('Leave…'), () => show({ name: 'members', isLeaving: true }), 'menu-alert') : person ? item(t('Block…'), () => askBlock(person.id), 'menu-alert') : nothing}
    ${kind === 'group' || person ? item(t('Report…'), () => openReport(reported(id, person?.id), person?.id), 'menu-alert') : nothing}</div>`;
}

/** How long it is muted. @param {ChatView} chat */
function muteView({ id, muted, muted_until: until }) {
  const words = until ? t('Muted until {when}', { when: endTime(until) }) : t('Muted');
  return html`<details class="menu-more menu-mute" @toggle=${unfolded}><summary class="menu-item">${muted ? words : t('Mute')}</summary>${muteTimes().map(
    ([time, settings]) => html`<button class="menu-item" @click=${closeThen(() => setChat(id, settings()))}>${time}</button>`,
  )}</details>`;
}

/** Open a chat with one of its panels. @param {string} chat @param {Panel} panel */
function openPanel(chat, panel) {
  const open = () => /** @type {ChatRoom | null} */ (document.querySelector('chat-room'))?.openPanel(panel);
  router.addEventListener('navigated', open, { once: true });
  router.go(`/c/${chat}`);
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

/** As above. @param {string} person */
function askBlock(person) {
  import('../contacts/person-card.js').then(({ openPersonCard }) => openPersonCard(person, 'block'), () => {});
}
