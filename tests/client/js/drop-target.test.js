import { pastedFiles } from '../../../static/files/drop-target.js';
import { equal, test } from './runner.js';

const file = new File(['words'], 'notes.txt', { type: 'text/plain' });

/** The names of the files that a paste with these types adds. @param {string[]} types */
function pasted(types) {
  const clipboardData = { types, files: [file] };
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

test('a text has no files', () => {
  equal(pasted(['text/plain']), []);
});
