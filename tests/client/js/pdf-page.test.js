import { Page } from '../../../static/files/pdf/page.js';
import { equal, test } from './runner.js';

test('a page that is far away keeps neither its picture nor what it was drawn from', async () => {
  /** @type {string[]} */
  const calls = [];
  const read = {
    getViewport: () => ({ width: 100, height: 100 }),
    render: () => ({ promise: new Promise(() => {}), cancel: () => calls.push('cancel') }),
    cleanup: () => calls.push('cleanup'),
  };
  const pdf = /** @type {any} */ ({ getPage: async () => read });
  const page = new Page(pdf, 1, { label: 'Page 1', width: 100, height: 100 });
  page.resize(100);
  void page.show();
  await new Promise((resolve) => setTimeout(resolve));
  page.hide();
  equal(calls, ['cancel', 'cleanup']);
  equal(page.element.childNodes.length, 0);
});
