import { meMenu } from '../../../static/shell/me-menu.js';
import { render } from '../../../static/vendor/lit-html/lit-html.js';
import { equal, test } from './runner.js';

test('the menu leads to the pages of the reader', () => {
  Object.assign(document.body.dataset, { ownFiles: '/settings/files', ownData: '/settings/data' });
  const menu = document.createElement('div');
  render(meMenu(null, 0), menu);
  const links = [...menu.querySelectorAll('a')].map((link) => [link.textContent, link.getAttribute('href')]);
  equal(links.filter(([, path]) => path?.startsWith('/settings/')), [
    ['Notifications', '/settings/notifications'],
    ['Your files', '/settings/files'],
    ['Your data', '/settings/data'],
  ]);
});
