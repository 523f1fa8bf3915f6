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
import { html, nothing } from './view.js';
import { count, t, tn } from './words.js';

/**
 * @param {object} what
 * @param {Me | null} what.me
 * @param {boolean} what.online
 * @param {number} what.invitations that wait for an answer
 * @param {ChatView[] | null} what.chats
 * @param {string} what.current id of the open chat
 * @param {string} what.query
 * @param {(query: string) => void} what.find
 * @param {unknown} what.line about the connection
 */
export function sideView({ me, online, invitations, chats, current, query, find, line }) {
  return html`<nav class="side" aria-label=${t('Chats')}>
    <div class="brand">
      <a class="brand-name" href="/">Parley</a>
      <a class="tool" href="/people" title=${t('People')}>${icon('users', { label: t('People') })}${
        invitations
          ? html`<span class="badge" data-invitations=${invitations}><span aria-hidden="true">${count(invitations)}</span><span
              class="aside">${tn('{n} invitation', '{n} invitations', invitations)}</span></span>`
          : nothing
      }</a>
      <a class="tool" href="/people" title=${t('New chat')}>${icon('note-pencil', { label: t('New chat') })}</a>
    </div>
    <label class="find">${icon('magnifying-glass', { size: '16' })}
      <input class="find-input" type="search" data-region autocomplete="off" dir="auto"
        placeholder=${t('Find people and chats')} aria-label=${t('Find people and chats')}
        @input=${(/** @type {Event} */ event) => find(/** @type {HTMLInputElement} */ (event.target).value)}
        @keydown=${(/** @type {KeyboardEvent} */ event) => findKey(event, find)}>
      <span class="find-keys" aria-hidden="true">Ctrl K</span>
    </label>
    <chat-list class="chats" data-region tabindex="-1" .chats=${chats} .current=${current} .query=${query}></chat-list>
    <div class="line" role="status" ?hidden=${line === nothing}>${line}</div>
    <div class="me">
      <div class="me-who"><b class="me-name"><bdi>${me?.name || (me?.username ?? '')}</bdi>${onlineDot(online)}</b>
        <div>${me ? html`<bdi>@${me.username}</bdi>` : nothing}</div></div>
      <button class="tool" popovertarget="me-menu" aria-label=${t('Settings')} title=${t('Settings')}>${icon('gear-six')}</button>
      ${menu()}
    </div>
  </nav>`;
}

/** Enter opens the first chat that was found. @param {KeyboardEvent} event
 * @param {(query: string) => void} find */
function findKey(event, find) {
  const input = /** @type {HTMLInputElement} */ (event.target);
  if (event.key === 'Escape') {
    input.value = '';
    find('');
  }
  if (event.key !== 'Enter') return;
  const first = input.closest('.side')?.querySelector('chat-list a');
  if (input.value && first instanceof HTMLElement) first.click();
}

function menu() {
  const { profile, password, logout, csrf } = document.body.dataset;
  return html`<div class="menu" id="me-menu" popover>
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
