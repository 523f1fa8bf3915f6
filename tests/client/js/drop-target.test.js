import { listenForDrops, pastedFiles } from '../../../static/files/drop-target.js';
import { equal, test } from './runner.js';

const file = new File(['words'], 'notes.txt', { type: 'text/plain' });

/** An item of a transfer. @param {File} of @param {boolean} isDirectory */
const item = (of, isDirectory) => ({
  kind: 'file', getAsFile: () => of, webkitGetAsEntry: () => ({ isDirectory }),
});

/** The names of the files that a paste with these types adds. @param {string[]} types */
function pasted(types) {
  const clipboardData = { types, items: [{ kind: 'string' }, item(file, false)] };
  return pastedFiles(/** @type {any} */ ({ clipboardData })).map(({ name }) => name);
}

test('a file that is copied in a file manager is pasted, although its name comes with it', () => {
  equal(pasted(['text/plain', 'Files']), ['notes.txt']);
  equal(pasted(['text/uri-list', 'text/plain', 'Files']), ['notes.txt']);
});

test('a picture that is copied on a web page is pasted', () => {
  equal(pasted(['text/html', 'Files']), ['notes.txt']);
  equal(pasted(['Files']), ['notes.txt']);
});

test('a picture of the text that an office program copies is not pasted', () => {
  equal(pasted(['text/plain', 'text/html', 'text/rtf', 'Files']), []);
  equal(pasted(['text/plain', 'text/html', 'Files']), []);
  equal(pasted(['text/plain', 'text/rtf', 'Files']), []);
});

test('a folder is an empty file, whatever its size', () => {
  const clipboardData = { types: ['Files'], items: [item(file, true), item(file, false)] };
  const sizes = pastedFiles(/** @type {any} */ ({ clipboardData })).map(({ size }) => size);
  equal(sizes, [0, 5]);
});

test('a text has no files', () => {
  equal(pasted(['text/plain']), []);
});

test('files that are dropped on a thread are not those of its chat', () => {
  document.body.innerHTML = '<chat-room><p></p><aside class="panel-thread"><i></i></aside></chat-room>';
  /** @type {string[]} */
  const taken = [];
  const stops = ['chat-room', '.panel-thread'].map((area) =>
    listenForDrops(/** @type {HTMLElement} */ (document.querySelector(area)), { hovering: () => {}, dropped: () => taken.push(area) }));
  const effects = ['p', 'i', 'body'].map((place) => {
    const target = /** @type {Element} */ (document.querySelector(place));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(file);
    /** @type {{ dropEffect: string }} */
    const seen = { dropEffect: '' };
    for (const kind of ['dragenter', 'dragover', 'drop']) {
      const event = new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer });
      // Untrusted events do not keep an effect.
      Object.defineProperty(event, 'dataTransfer', { value: { types: ['Files'], items: dataTransfer.items, set dropEffect(/** @type {string} */ how) { seen.dropEffect = how; } } });
      target.dispatchEvent(event);
    }
    return seen.dropEffect;
  });
  for (const stop of stops) stop();
  equal([taken, effects], [['chat-room', '.panel-thread'], ['copy', 'copy', 'none']]);
});
