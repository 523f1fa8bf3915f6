import { styled } from '../../../static/chats/program-styles.js';
import { equal, test } from './runner.js';

/** What becomes of the styles when their fetch ends so. @param {'load' | 'error'} how */
async function fetching(how) {
  let fetches = 0;
  document.head.append = (/** @type {any} */ sheet) => {
    fetches += 1;
    queueMicrotask(() => sheet.dispatchEvent(new Event(how)));
  };
  try {
    await styled();
    return [fetches, 'styled'];
  } catch {
    return [fetches, 'failed'];
  } finally {
    Reflect.deleteProperty(document.head, 'append');
  }
}

test('styles that could not be fetched are fetched again, and others once', async () => {
  equal(await fetching('error'), [1, 'failed']);
  equal(await fetching('load'), [1, 'styled']);
  equal(await fetching('load'), [0, 'styled']);
});
