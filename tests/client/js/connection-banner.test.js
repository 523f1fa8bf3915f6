/** @import { ConnectionView } from '../../../static/realtime/contract.js' */

import { notices } from '../../../static/notifications/notices.js';
import { connectionBanner } from '../../../static/shell/connection-banner.js';
import { nothing, render } from '../../../static/shell/view.js';
import { equal, test } from './runner.js';

/** @param {object} view */
function text(view) {
  const place = document.createElement('div');
  const all = { state: 'online', retryAt: null, queued: 0, unstored: 0, uncached: false, release: null, ...view };
  render(connectionBanner(/** @type {ConnectionView} */ (all)), place);
  return place.textContent ?? '';
}

test('there is no banner while online', () => {
  equal(connectionBanner(null) === nothing, true);
  equal(text({}), '');
});

test('the banner counts messages queued offline', () => {
  equal(text({ state: 'offline', queued: 2 }).includes('2 messages are kept'), true);
});

test('a new release is offered', () => {
  equal(text({ release: 'newer' }).includes('Load it'), true);
});

test('a page whose unsent messages cannot be stored is not offered a reload', () => {
  const words = text({ release: 'newer', queued: 1, unstored: 1 });
  equal([words.includes('Leave this page open'), words.includes('Load it')], [true, false]);
});

test('the message of the day has its address as a link, and stays closed until it says something else', async () => {
  const place = document.createElement('div');
  document.body.append(place);
  const show = async (/** @type {string} */ motd) => {
    notices.me(/** @type {any} */ ({ motd }));
    render(notices.banner(), place);
    await Promise.resolve();
    return place.textContent?.includes('Sunday');
  };
  equal(await show(''), false);
  equal(await show('Away on Sunday: https://status.example.org'), true);
  const link = place.querySelector('a');
  equal([link?.href, link?.tabIndex], ['https://status.example.org/', 0]);
  place.querySelector('button')?.click();
  equal(await show('Away on Sunday: https://status.example.org'), false);
  equal(await show('Away on Sunday until noon'), true);
  equal(await show(''), false);
});
