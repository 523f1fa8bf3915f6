/** @import { ChosenFile } from '../../../static/realtime/contract.js' */

import { ComposerFiles } from '../../../static/files/composer-files.js';
import { connect } from '../../../static/realtime/client.js';
import { render } from '../../../static/shell/view.js';
import { equal, test } from './runner.js';

/** The files of a composer, and what the owner was given. */
function make() {
  /** @type {ChosenFile[]} */
  const given = [];
  Object.assign(connect(), {
    addFiles: async (/** @type {string} */ _, /** @type {ChosenFile[]} */ files) => void given.push(...files),
    cancelUpload: async () => {},
    watchMe: (/** @type {(me: object) => void} */ callback) => {
      callback({ limits: { files: 2, file_bytes: 1000 } });
      return () => {};
    },
  });
  /** @type {string[]} */
  const errors = [];
  const composer = Object.assign(document.createElement('div'), {
    chat: 'chat',
    to: { thread: null, quote: () => null },
    draft: { reply: null },
    input: document.createElement('textarea'),
    isEditing: false,
    update: () => {},
    tell: (/** @type {{ error?: string }} */ { error }) => void (error && errors.push(error)),
    withdraw: (/** @type {string} */ error) => void errors.splice(errors.indexOf(error), 1),
    send: () => {},
  });
  document.body.append(composer);
  const files = new ComposerFiles(composer);
  files.listen();
  return { files, given, errors, composer };
}

/** It takes a while to be measured. @param {string} name */
async function picture(name) {
  const canvas = new OffscreenCanvas(8, 6);
  canvas.getContext('2d');
  return new File([await canvas.convertToBlob()], name, { type: 'image/png' });
}

/** @param {ChosenFile[]} files */
const facts = (files) => files.map(({ name, kind, width, height }) => [name, kind, width, height]);

test('the second half of a double click on the button that sends does not record', async () => {
  const { files } = make();
  let asked = 0;
  navigator.mediaDevices.getUserMedia = async () => {
    asked += 1;
    throw new DOMException('', 'NotAllowedError');
  };
  const place = document.createElement('div');
  /** @param {boolean} isEmpty */
  const draw = (isEmpty) => render(files.recordButton(isEmpty), place);
  /** @param {number} at */
  const press = async (at) => {
    const before = asked;
    const event = Object.defineProperty(new MouseEvent('click'), 'timeStamp', { value: at });
    place.querySelector('button')?.dispatchEvent(event);
    await import('../../../static/files/voice-recorder.js');
    await new Promise((resolve) => setTimeout(resolve));
    return asked - before;
  };
  draw(true);
  equal(await press(performance.now()), 1);
  draw(false);
  equal(place.querySelector('button'), null);
  draw(true);
  const now = performance.now();
  equal([await press(now + 200), await press(now + 700), await press(now + 1400)], [0, 0, 1]);
});

test('a picture is given to the owner with its size', async () => {
  const { files, given } = make();
  await files.add([await picture('a.png')]);
  equal(facts(given), [['a.png', 'image', 8, 6]]);
});

test('a message that is sent at once has the picture, which is given once', async () => {
  const { files, given } = make();
  const added = files.add([await picture('a.png')]);
  const ids = files.take();
  equal(ids, given.map(({ id }) => id));
  equal(facts(given), [['a.png', 'file', 0, 0]]);
  equal(files.ids, []);
  await added;
  equal(given.length, 1);
});

test('files that are being measured count', async () => {
  const { files, given } = make();
  const [first, ...others] = await Promise.all(['a.png', 'b.png', 'c.png'].map(picture));
  await Promise.all([files.add([first]), files.add(others)]);
  equal(given.map(({ name }) => name), ['a.png', 'b.png']);
  const place = document.createElement('div');
  const told = () => {
    render(files.view(), place);
    return place.querySelector('.attach-refused')?.textContent?.trim();
  };
  equal(told(), 'A message may have up to 2 files. Not added: “c.png”.');
  // What else is told leaves it.
  files.follow(/** @type {any} */ ({ files: [] }));
  equal(told()?.startsWith('A message'), true);
  /** @type {HTMLElement} */ (place.querySelector('.attach-refused button')).click();
  equal(told(), '');
});

test('the problem of a file is told until the file is gone', () => {
  const { files, errors } = make();
  const file = { upload: 'a', name: 'a.png', kind: 'image', state: 'failed', problem: 'failed', url: '' };
  /** @param {object[]} held */
  const follow = (held) => files.follow(/** @type {any} */ ({ files: held }));
  follow([]);
  follow([file]);
  equal(errors, ['a.png: This file could not be uploaded.']);
  follow([file]);
  equal(errors.length, 1);
  follow([]);
  equal(errors, []);
});

test('a picture that is removed while it is measured is not given', async () => {
  const { files, given } = make();
  const added = files.add([await picture('a.png')]);
  const place = document.createElement('div');
  render(files.view(), place);
  /** @type {HTMLElement} */ (place.querySelector('[aria-label="Remove a.png"]')).click();
  equal(files.ids, []);
  await added;
  equal(given, []);
});

test('a file that is being measured is among those that a scheduled message waits for', async () => {
  const { files } = make();
  const added = files.add([await picture('a.png')]);
  equal(files.shown.map(({ name, state }) => [name, state]), [['a.png', 'waiting']]);
  await added;
});

test('the menu of the paper clip has the pages of plugins, for this chat and what is replied to', async () => {
  document.body.dataset.pluginPages = JSON.stringify([['New poll', 'chart-bar-horizontal', '/plugins/polls/new/00000000-0000-0000-0000-000000000000']]);
  const { files, composer } = make();
  const place = document.createElement('div');
  const href = () => {
    render(files.menu(), place);
    return place.querySelector('a')?.getAttribute('href');
  };
  equal(href(), '/plugins/polls/new/chat');
  composer.draft = /** @type {any} */ ({ reply: { seq: 7 } });
  equal(href(), '/plugins/polls/new/chat?reply_to=7');
  delete document.body.dataset.pluginPages;
});
