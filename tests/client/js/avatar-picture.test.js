/** @import { ConnectionView } from '../../../static/realtime/contract.js' */

import '../../../static/files/avatar-picture.js';
import { connect } from '../../../static/realtime/client.js';
import { equal, test } from './runner.js';

/** Wait until a condition holds. @param {() => unknown} condition */
async function until(condition) {
  for (const end = performance.now() + 5000; !condition(); ) {
    if (performance.now() > end) throw new Error(`never: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('a picture that could not be loaded is loaded once the connection is back', async () => {
  let requests = 0;
  /** @type {((view: ConnectionView) => void)[]} */
  const watching = [];
  /** @type {Blob | null} */
  let content = null;
  Object.assign(connect(), {
    request: async () => {
      requests += 1;
      if (!content) throw new Error('offline');
      return content;
    },
    watchConnection: (/** @type {(view: ConnectionView) => void} */ callback) => {
      watching.push(callback);
      return () => {};
    },
  });
  /** @param {'online' | 'offline'} state */
  const become = (state) => watching.forEach((callback) => callback(/** @type {any} */ ({ state })));
  const avatar = document.createElement('avatar-picture');
  document.body.append(Object.assign(avatar, { file: 'one', textContent: '' }));
  await until(() => requests);
  await new Promise((resolve) => setTimeout(resolve));
  become('offline');
  content = new Blob(['picture']);
  become('online');
  await until(() => avatar.querySelector('img'));
  become('online');
  await new Promise((resolve) => setTimeout(resolve));
  equal(requests, 2);
});
