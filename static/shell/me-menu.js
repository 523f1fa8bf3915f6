/**
 * The reader's own menu at the foot of the sidebar: status, saved messages, settings, sign-out.
 * Loaded after the first paint.
 *
 * @module
 */

/** @import { Me } from '../realtime/wire.js' */

import { connect } from '../realtime/client.js';
import { icon } from './icon.js';
import { rememberChat } from './last-chat.js';
import { closeMenu } from './popover.js';
import { newsDot, waitingBadge } from './sidebar.js';
import { html, nothing } from './view.js';
import { t } from './words.js';

/** @param {Me | null} me @param {number} waiting how much waits for the reader as a moderator */
export function meMenu(me, waiting) {
  const { profile, admin, logout, csrf } = document.body.dataset;
  return html`<button class="menu-item" popovertarget="me-menu" popovertargetaction="hide"
      @click=${() => whenLoaded(import('../accounts/status.js'), ({ openStatus }) => openStatus(me?.status ?? null))}>${icon('smiley')}${t('Set your status')}</button>
    ${quietItems(me)}
    <button class="menu-item" popovertarget="me-menu" popovertargetaction="hide"
      @click=${() => whenLoaded(import('../chats/saved-messages.js'), ({ openSaved }) => openSaved())}>${icon('bookmark-simple')}${t('Saved messages')}</button>
    <button class="menu-item" popovertarget="me-menu" popovertargetaction="hide"
      @click=${() => whenLoaded(import('../chats/scheduled-messages.js'), ({ openScheduled }) => openScheduled())}>${icon('clock')}${t('Scheduled messages')}</button>
    <a class="menu-item" href=${profile ?? '/'}>${icon('gear-six')}${t('Settings')}</a>
    <a class="menu-item" href="/settings/notifications" @click=${closeMenu}>${icon('bell')}${t('Notifications')}</a>
    <button class="menu-item" popovertarget="me-menu" popovertargetaction="hide"
      @click=${() => whenLoaded(import('../files/data-saver-settings.js'), ({ openDataSaver }) => openDataSaver())}>${icon('image')}${t('Pictures and data')}</button>
    <button class="menu-item" popovertarget="me-menu" popovertargetaction="hide"
      @click=${() => whenLoaded(import('../moderation/my-reports.js'), ({ openMyReports }) => openMyReports())}>${icon('warning-circle')}${t('My reports')}${me?.report_decided ? newsDot() : nothing}</button>
    ${admin ? html`<a class="menu-item" href=${admin}>${icon('gear-six')}${t('Administration')}${waiting ? waitingBadge(waiting) : nothing}</a>` : nothing}
    <div class="menu-part">${themes()}</div>
    <form method="post" action=${logout ?? '/'} @submit=${signOut}>
      <input type="hidden" name="csrfmiddlewaretoken" value=${csrf ?? ''}>
      <button class="menu-item">${icon('sign-out', { flip: true })}${t('Sign out')}</button>
    </form>`;
}

/** Do not disturb, from here. @param {Me | null} me */
function quietItems(me) {
  const until = me?.do_not_disturb?.until;
  const isOn = Boolean(until && Date.parse(until) > Date.now());
  /** @param {string} words @param {(module: typeof import('../notifications/do-not-disturb.js')) => unknown} act */
  const item = (words, act) => html`<button class="menu-item" popovertarget="me-menu" popovertargetaction="hide"
    @click=${() => whenLoaded(import('../notifications/do-not-disturb.js'), act)}>${words}</button>`;
  return html`<details class="menu-more"><summary class="menu-item">${icon('moon-fill')}${t('Do not disturb')}</summary>
    ${item(t('For an hour'), ({ setQuiet, quietTimes }) => setQuiet(me, quietTimes()[0][1]()))}
    ${item(t('For four hours'), ({ setQuiet, quietTimes }) => setQuiet(me, quietTimes()[1][1]()))}
    ${item(t('Until tomorrow'), ({ setQuiet, quietTimes }) => setQuiet(me, quietTimes()[2][1]()))}
    ${isOn ? item(t('Turn off'), ({ setQuiet }) => setQuiet(me, null)) : nothing}
    ${item(t('Every day…'), ({ openDoNotDisturb }) => openDoNotDisturb(me))}</details>`;
}

function themes() {
  const chosen = document.documentElement.dataset.theme ?? 'system';
  const choices = [
    ['system', t('System')],
    ['light', t('Light')],
    ['dark', t('Dark')],
  ];
  return html`<div class="choice" role="radiogroup" aria-label=${t('Appearance')}>${choices.map(
    ([value, words]) => html`<label><input type="radio" name="theme" value=${value} ?checked=${value === chosen}>${words}</label>`,
  )}</div>`;
}

/**
 * Delete the person's data on this device, then sign out. A slow store must not block the sign-out.
 *
 * @param {SubmitEvent} event
 */
async function signOut(event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  rememberChat('');
  const timeout = new Promise((resolve) => setTimeout(resolve, 2000));
  const cleared = import('../notifications/device.js').then(({ clearDevice }) => clearDevice()).catch(() => {});
  const forgotten = import('../share/shared-store.js').then(({ forgetShared }) => forgetShared()).catch(() => {});
  await Promise.race([Promise.all([cleared, forgotten, connect().forget().catch(() => {})]), timeout]);
  // The app may have removed the menu by now, and only a form in the page can be submitted.
  form.hidden = true;
  document.body.append(form);
  form.submit();
}

/** Offline, and the module was never fetched: nothing opens.
 * @template M @param {Promise<M>} module @param {(module: M) => unknown} open */
function whenLoaded(module, open) {
  module.then(open, () => {});
}
