import { router } from '../../../static/shell/router.js';
import { equal, test } from './runner.js';

/** @type {string[]} */
let told = [];
router.addEventListener('navigated', () => told.push(location.pathname));

/** Go to a page of the app, and forget what was told. @param {string} path */
function goTo(path) {
  router.go(path);
  told = [];
}

/** The person goes back. Resolves when so many entries were left. @param {number} entries */
async function goBack(entries) {
  const left = new Promise((resolve) => {
    let count = 0;
    const heard = () => {
      count += 1;
      if (count < entries) return;
      removeEventListener('popstate', heard);
      resolve(null);
    };
    addEventListener('popstate', heard);
  });
  history.back();
  await left;
}

test('Back closes the last of what is open, and stays on the page', async () => {
  goTo('/people');
  router.closeOnBack(() => told.push('panel'));
  router.closeOnBack(() => told.push('menu'));
  await goBack(1);
  await goBack(1);
  equal([told, location.pathname], [['menu', 'panel'], '/people']);
});

test('Back goes on at once when what it would close went with its part of the page', async () => {
  goTo('/people');
  goTo('/share');
  router.closeOnBack(() => told.push('menu'), () => false);
  await goBack(2);
  equal([told, location.pathname], [['menu', '/people'], '/people']);
});

test('what was opened while the browser removes an entry late stays', async () => {
  goTo('/people');
  const closed = router.closeOnBack(() => told.push('first'));
  const { setTimeout } = window;
  // The browser takes longer than the router waits.
  Object.assign(window, { setTimeout: queueMicrotask });
  closed();
  Object.assign(window, { setTimeout });
  await Promise.resolve();
  const moved = new Promise((resolve) => addEventListener('popstate', resolve, { once: true }));
  router.closeOnBack(() => told.push('second'));
  await moved;
  equal(told, []);
  await goBack(1);
  equal([told, location.pathname], [['second'], '/people']);
});
