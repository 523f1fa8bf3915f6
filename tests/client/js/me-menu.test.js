import { meMenu } from '../../../static/shell/me-menu.js';
import { settingsNav } from '../../../static/shell/settings-nav.js';
import { nothing, render } from '../../../static/vendor/lit-html/lit-html.js';
import { equal, test } from './runner.js';

/** @param {unknown} template */
function linksOf(template) {
  const there = document.createElement('div');
  render(template, there);
  return [...there.querySelectorAll('a')].map((link) => [link.textContent, link.getAttribute('href')]);
}

test('the menu and the list of the settings lead to the pages of the reader', () => {
  Object.assign(document.body.dataset, {
    profile: '/settings/profile',
    appearance: '/settings/appearance',
    security: '/settings/security',
    ownFiles: '/settings/files',
    ownData: '/settings/data',
    logout: '/accounts/logout/',
  });
  equal(linksOf(meMenu(null, 0)).filter(([, path]) => path?.startsWith('/settings/')), [
    ['Settings', '/settings/profile'],
    ['Notifications', '/settings/notifications'],
  ]);
  equal(linksOf(settingsNav({ banner: nothing, me: null, online: false })).filter(([, path]) => path !== '/'), [
    ['You', '/settings/profile'],
    ['Notifications', '/settings/notifications'],
    ['Appearance', '/settings/appearance'],
    ['Security', '/settings/security'],
    ['Your files', '/settings/files'],
    ['Your data', '/settings/data'],
    ['Sign out', '/accounts/logout/'],
  ]);
});
