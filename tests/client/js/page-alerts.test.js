import { announce } from '../../../static/notifications/page-alerts.js';
import { equal, test } from './runner.js';

test('a notification waits for a service worker that is being installed', async () => {
  /** @type {string[]} */
  const shown = [];
  /** @param {string} by */
  const registration = (by) => ({ showNotification: async () => void shown.push(by) });
  let activate = (/** @type {unknown} */ _) => {};
  const ready = new Promise((resolve) => {
    activate = resolve;
  });
  const serviceWorker = { getRegistration: async () => registration('an inactive worker'), ready };
  Object.defineProperty(navigator, 'serviceWorker', { value: serviceWorker, configurable: true });
  Object.defineProperty(Notification, 'permission', { value: 'granted', configurable: true });
  try {
    const news = { chat: 'c', seq: 1, message: 1, count: 1, title: 'Bob', body: 'Hello' };
    const announced = announce([/** @type {any} */ (news)]);
    await serviceWorker.getRegistration();
    activate(registration('an active worker'));
    await announced;
    equal(shown, ['an active worker']);
  } finally {
    Reflect.deleteProperty(navigator, 'serviceWorker');
    Reflect.deleteProperty(Notification, 'permission');
  }
});
