import { watchTouch } from '../../../static/chats/list-touch.js';
import { equal, test } from './runner.js';

/** A list of one row, and what its touches did. */
function listOfOne() {
  const list = document.createElement('div');
  list.innerHTML = '<div data-row="crew"><a href="#crew">Crew</a></div>';
  document.body.append(list);
  const row = /** @type {HTMLElement} */ (list.firstElementChild);
  const link = /** @type {HTMLElement} */ (row.firstElementChild);
  /** @type {string[]} */
  const done = [];
  watchTouch(list, {
    pressed: () => done.push('pressed'),
    words: () => ({ start: 'Mute', end: 'Archive' }),
    swiped: (_, from) => done.push(from),
  });
  link.addEventListener('click', (event) => {
    event.preventDefault();
    done.push('opened');
  });
  /** @param {string} kind @param {number} x @param {number} [pointerId] */
  const finger = (kind, x, pointerId = 1) =>
    link.dispatchEvent(
      new PointerEvent(`pointer${kind}`, { bubbles: true, pointerType: 'touch', isPrimary: pointerId === 1, pointerId, clientX: x, clientY: 100 }),
    );
  return { row, link, done, finger };
}

test('a swipe from an edge of the window is left to the browser', () => {
  const { row, done, finger } = listOfOne();
  for (const [from, to] of [[2, 130], [innerWidth - 2, innerWidth - 130]]) {
    finger('down', from);
    finger('move', to);
    equal(row.dataset.swipe, undefined);
    finger('up', to);
  }
  finger('down', 100);
  finger('move', 220);
  finger('up', 220);
  equal(done, ['start']);
});

test('a second finger ends the swipe, and puts the row back', () => {
  const { row, done, finger } = listOfOne();
  finger('down', 100);
  finger('move', 200);
  equal(row.dataset.swipe, 'start');
  finger('down', 150, 2);
  equal([row.dataset.swipe, row.style.getPropertyValue('--swipe')], [undefined, '']);
  finger('move', 260, 2);
  finger('up', 260, 2);
  finger('up', 200);
  equal(done, []);
});

test('another pointer does not end a swipe', () => {
  const { done, finger } = listOfOne();
  finger('down', 100);
  finger('move', 200);
  finger('move', 101, 3);
  finger('up', 101, 3);
  equal(done, []);
  finger('up', 200);
  equal(done, ['start']);
});

test('the click of a swipe opens nothing, a key that clicks later does', () => {
  const { link, done, finger } = listOfOne();
  const swipe = () => {
    finger('down', 100);
    finger('move', 150);
    finger('up', 150);
  };
  swipe();
  link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, detail: 1 }));
  equal(done, []);
  swipe();
  link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, detail: 0 }));
  equal(done, ['opened']);
});
