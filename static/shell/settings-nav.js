/**
 * The list of the settings' pages, beside the one that the app shows. The server's pages have the
 * same (apps/core/templatetags/settings_sections.py).
 *
 * @module
 */

/** @import { Me } from '../realtime/wire.js' */

import { onlineDot } from '../accounts/presence-mark.js';
import { icon } from './icon.js';
import { html, nothing } from './view.js';
import { t } from './words.js';

/** @param {{ banner: unknown, me: Me | null, online: boolean }} parts */
export function settingsNav({ banner, me, online }) {
  const { profile, appearance, security, ownFiles, ownData, emojiPage, bots, teams, logout } = document.body.dataset;
  /** @type {[string | undefined, string, string][]} */
  const sections = [
    [profile, 'pencil-simple', t('You')],
    ['/settings/notifications', 'bell', t('Notifications')],
    [appearance, 'palette', t('Appearance')],
    [security, 'key', t('Security')],
    [ownFiles, 'file', t('Your files')],
    [ownData, 'download-simple', t('Your data')],
    [emojiPage, 'smiley', t('Emoji')],
    [bots, 'robot', t('Bots')],
    ...(teams ? [/** @type {[string, string, string]} */ ([teams, 'users', t('Microsoft Teams')])] : []),
    [logout, 'sign-out', t('Sign out')],
  ];
  return html`<nav class="side settings-nav" aria-label=${t('Settings')}>
    <div class="settings-nav-top"><a class="tool" href="/" aria-label=${t('Back to your chats')}>${icon('arrow-left', { flip: true })}</a><b>${t('Settings')}</b></div>
    <ul role="list">${sections.map(
      ([path, name, words]) => html`<li><a class="settings-nav-link" href=${path ?? '/'}
        aria-current=${path === '/settings/notifications' ? 'page' : nothing}>${icon(name, { flip: name === 'sign-out' })}${words}</a></li>`,
    )}</ul>
    ${banner}
    <p class="settings-nav-foot"><b class="me-name"><bdi>${me?.name || me?.username}</bdi>${onlineDot(online)}</b><bdi>${me ? `@${me.username}` : nothing}</bdi></p>
  </nav>`;
}
