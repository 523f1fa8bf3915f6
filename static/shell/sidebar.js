/**
 * The sidebar: search, list of chats, connection banner, the reader's own menu.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */
/** @import { Me } from '../realtime/wire.js' */

import { moon, onlineDot, ownQuiet, quietEnd, statusLine, statusNow } from '../accounts/presence-mark.js';
import { icon } from './icon.js';
import { COMMAND, typeAhead } from './keys.js';
import { shortDate } from './times.js';
import { html, nothing } from './view.js';
import { count, t, tn } from './words.js';

/** The server counts no further. */
const MAX_WAITING = 100;

/**
 * @param {object} state
 * @param {Me | null} state.me
 * @param {boolean} state.online
 * @param {number} state.invitations number of unanswered ones
 * @param {ChatView[] | null} state.chats
 * @param {number} state.waiting how much waits for the reader as a moderator
 * @param {string} state.current id of the open chat
 * @param {unknown} state.banner about the connection, or another notice
 */
export function sidebarView({ me, online, invitations, waiting, chats, current, banner }) {
  return html`<nav class="side" aria-label=${t('Chats')}>
    <div class="brand">
      <a class="brand-name" href="/">Parley</a>
      <a class="tool" href="/people" title=${t('People')}>${icon('users', { label: t('People') })}${
        invitations
          ? html`<span class="badge" data-invitations=${invitations}><span aria-hidden="true">${count(invitations)}</span><span
              class="visually-hidden">${tn('{n} invitation', '{n} invitations', invitations)}</span></span>`
          : nothing
      }</a>
      <button class="tool" aria-label=${t('New group or chat')} title=${t('New group or chat')}
        @click=${() => ignoreOffline(import('../groups/new-chat.js').then(({ openNewChat }) => openNewChat()))}>${icon('note-pencil')}</button>
    </div>
    <button class="search-button" data-region aria-keyshortcuts=${`${COMMAND}+K`} @click=${() => search()}>${icon('magnifying-glass', { size: '16' })}
      <span class="search-button-text">${t('Find people, chats, messages')}</span><span class="search-button-keys" aria-hidden="true">${t('Ctrl K')}</span></button>
    <chat-list class="chats" data-region tabindex="-1" .chats=${chats} .current=${current}></chat-list>
    ${sideBanner(banner)}${footView({ me, online, waiting })}
  </nav>`;
}

/** @param {unknown} banner */
export const sideBanner = (banner) => html`<div class="banner" role="status" ?hidden=${banner === nothing}>${banner}</div>`;

/**
 * The reader: one button, with the menu that it opens.
 *
 * @param {{ me: Me | null, online: boolean, waiting: number }} state
 */
function footView({ me, online, waiting }) {
  const quiet = quietEnd(ownQuiet(me));
  return html`<button class="me" popovertarget="me-menu" title=${t('Status and settings')}>
      <span class="me-who"><b class="me-name"><bdi>${me?.name || (me?.username ?? '')}</bdi>${quiet ? moon() : onlineDot(online)}</b>
        ${me ? html`<span class="me-more">${statusText(me)}</span>` : nothing}
        ${quiet ? html`<span class="me-more">${t('Quiet until {when}', { when: quiet })}</span>` : nothing}</span>
      <span class="tool">${icon('gear-six', { label: t('Settings') })}${
        waiting ? waitingBadge(waiting) : me?.report_decided ? newsDot() : nothing
      }</span>
    </button>
    <div class="menu" id="me-menu" popover>${meMenu?.meMenu(me, waiting) ?? nothing}</div>`;
}

/** How much waits for the reader as a moderator. @param {number} waiting */
export const waitingBadge = (waiting) =>
  html`<span class="badge" data-waiting=${waiting}><span aria-hidden="true">${
    waiting < MAX_WAITING ? count(waiting) : `${count(MAX_WAITING - 1)}+`
  }</span><span class="visually-hidden">${tn('{n} waits for moderators', '{n} wait for moderators', waiting)}</span></span>`;

/** Something about the reader's reports was decided. */
export const newsDot = () =>
  html`<span class="dot dot-news"><span class="visually-hidden">${t('A report was decided')}</span></span>`;

/**
 * The module of the reader's own menu; null until it is loaded.
 *
 * @type {typeof import('./me-menu.js') | null}
 */
let meMenu = null;

/** Load the module of the reader's own menu. */
export async function loadMenu() {
  meMenu ??= await import('./me-menu.js');
}

/** Open the search. What is typed while its module loads becomes the query.
 * @param {ChatView} [chat] the only one to search in */
export function search(chat) {
  if (document.querySelector('search-dialog, .type-ahead')) return;
  const typed = typeAhead();
  ignoreOffline(import('../search/search-dialog.js').then(
    ({ openSearch }) => openSearch(typed.end(), chat),
    () => typed.end(),
  ));
}

/** Offline, and the module was never fetched: nothing opens. @param {Promise<unknown>} opening */
function ignoreOffline(opening) {
  opening.catch(() => {});
}

/** @param {Me} me */
function statusText(me) {
  const status = statusNow(me);
  if (!status) return html`<bdi>@${me.username}</bdi>`;
  const words = statusLine(me);
  return status.until ? html`${words} ${t('until {when}', { when: shortDate(status.until) })}` : words;
}
