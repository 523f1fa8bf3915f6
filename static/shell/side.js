/**
 * The side: who, whom, and with what result so far.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */
/** @import { Me } from '../realtime/wire.js' */

import { onlineDot } from '../chats/list.js';
import { connect } from '../realtime/client.js';
import { icon } from './icon.js';
import { stamp } from './times.js';
import { html, nothing } from './view.js';
import { count, t, tn } from './words.js';

/**
 * @param {object} what
 * @param {Me | null} what.me
 * @param {boolean} what.online
 * @param {number} what.invitations that wait for an answer
 * @param {ChatView[] | null} what.chats
 * @param {string} what.current id of the open chat
 * @param {unknown} what.line about the connection
 */
export function sideView({ me, online, invitations, chats, current, line }) {
  return html`<nav class="side" aria-label=${t('Chats')}>
    <div class="brand">
      <a class="brand-name" href="/">Parley</a>
      <a class="tool" href="/people" title=${t('People')}>${icon('users', { label: t('People') })}${
        invitations
          ? html`<span class="badge" data-invitations=${invitations}><span aria-hidden="true">${count(invitations)}</span><span
              class="aside">${tn('{n} invitation', '{n} invitations', invitations)}</span></span>`
          : nothing
      }</a>
      <button class="tool" aria-label=${t('New group or chat')} title=${t('New group or chat')}
        @click=${() => opened(import('../groups/new.js').then(({ openNewChat }) => openNewChat()))}>${icon('note-pencil')}</button>
    </div>
    <button class="find" data-region aria-keyshortcuts="Control+K" @click=${search}>${icon('magnifying-glass', { size: '16' })}
      <span class="find-words">${t('Find people, chats, messages')}</span><span class="find-keys" aria-hidden="true">Ctrl K</span></button>
    <chat-list class="chats" data-region tabindex="-1" .chats=${chats} .current=${current}></chat-list>
    <div class="line" role="status" ?hidden=${line === nothing}>${line}</div>
    <div class="me">
      <div class="me-who"><b class="me-name"><bdi>${me?.name || (me?.username ?? '')}</bdi>${onlineDot(online)}</b>
        <div>${me ? statusWords(me) : nothing}</div></div>
      <button class="tool" popovertarget="me-menu" aria-label=${t('Settings')} title=${t('Settings')}>${icon('gear-six')}</button>
      ${menu(me)}
    </div>
  </nav>`;
}

/** Open the search; its code comes when it is first wanted. */
export const search = () => opened(import('../search/dialog.js').then(({ openSearch }) => openSearch()));

/** Offline before it was ever fetched: it stays closed. @param {Promise<unknown>} opening */
function opened(opening) {
  opening.catch(() => {});
}

/** @param {Me} me */
function statusWords({ username, status }) {
  if (!status) return html`<bdi>@${username}</bdi>`;
  const words = html`${status.emoji} <bdi>${status.text}</bdi>`;
  return status.until ? html`${words} ${t('until {when}', { when: stamp(status.until) })}` : words;
}

/** @param {Me | null} me */
function menu(me) {
  const { profile, password, logout, csrf } = document.body.dataset;
  return html`<div class="menu" id="me-menu" popover>
    <button class="menu-item" popovertarget="me-menu" popovertargetaction="hide"
      @click=${() => opened(import('../accounts/status.js').then(({ openStatus }) => openStatus(me?.status ?? null)))}>${icon('smiley')}${t('Set your status')}</button>
    <button class="menu-item" popovertarget="me-menu" popovertargetaction="hide"
      @click=${() => opened(import('../chats/saved.js').then(({ openSaved }) => openSaved()))}>${icon('bookmark-simple')}${t('Kept messages')}</button>
    <a class="menu-item" href=${profile ?? '/'}>${icon('pencil-simple')}${t('Your profile')}</a>
    <a class="menu-item" href=${password ?? '/'}>${icon('key')}${t('Change your password')}</a>
    <div class="menu-part">${themes()}</div>
    <form method="post" action=${logout ?? '/'} @submit=${signOut}>
      <input type="hidden" name="csrfmiddlewaretoken" value=${csrf ?? ''}>
      <button class="menu-item">${icon('sign-out', { flip: true })}${t('Sign out')}</button>
    </form>
  </div>`;
}

function themes() {
  const chosen = document.documentElement.dataset.theme ?? 'system';
  const choices = [
    ['system', t('System')],
    ['light', t('Light')],
    ['dark', t('Dark')],
  ];
  return html`<div class="choice" role="radiogroup" aria-label=${t('Colours')}>${choices.map(
    ([value, words]) => html`<label><input type="radio" name="theme" value=${value} ?checked=${value === chosen}>${words}</label>`,
  )}</div>`;
}

/** What this device keeps of the person goes first; a slow store must not keep them in.
 * @param {SubmitEvent} event */
async function signOut(event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const patience = new Promise((resolve) => setTimeout(resolve, 2000));
  await Promise.race([connect().forget().catch(() => {}), patience]);
  // The page has closed the door by now, and only a form in the page can be sent.
  form.hidden = true;
  document.body.append(form);
  form.submit();
}
