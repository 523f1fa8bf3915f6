/**
 * Uploading on the page *Your files*: one file after another, each kept once it is ready. The list
 * of files comes from the server, and is fetched again after each.
 *
 * @module
 */

/** @import { Transferred } from '../realtime/both/upload-transfer.js' */

import { ParleyError } from '../realtime/both/failure.js';
import { Http } from '../realtime/both/http.js';
import { uuid } from '../realtime/both/platform.js';
import { PartSize, transfer } from '../realtime/both/upload-transfer.js';
import { loadWords, t } from '../shell/words.js';
import { listenForDrops } from './drop-target.js';
import { cleanName, sizeText } from './file-texts.js';
import { problemText } from './problem-text.js';
import { refresh } from './settings-list.js';
import { UploadRow } from './upload-row.js';

const http = new Http(location.origin, () => location.reload());
const part = new PartSize();
/** Files that wait for their turn, and the one that is being sent. @type {Sending[]} */
const queue = [];

/** @typedef {{ blob: File, upload: Transferred, row: UploadRow, stop: AbortController }} Sending */

/** @param {HTMLElement} section @param {File[]} files */
function add(section, files) {
  const list = /** @type {HTMLElement} */ (section.querySelector('[data-sending]'));
  for (const blob of files) {
    const { size } = blob;
    const name = cleanName(blob.name);
    const row = new UploadRow(name, size);
    list.append(row.element);
    const max = Number(section.dataset.fileBytes);
    if (size > max) {
      const most = sizeText(max);
      row.fail(t('Too large: it has {size}, and a file may have up to {most}.', { size: sizeText(size), most }));
    } else if (!size) {
      row.fail(t('This file is empty.'));
    } else {
      const upload = { client_id: uuid(), name, size, file: null, voice: null };
      begin(section, { blob, upload, row, stop: new AbortController() });
    }
  }
}

/** @param {HTMLElement} section @param {Sending} sending */
function begin(section, sending) {
  sending.stop = new AbortController();
  sending.row.wait(() => cancel(sending));
  queue.push(sending);
  if (queue.length === 1) void sendAll(section);
}

/** @param {HTMLElement} section */
async function sendAll(section) {
  for (let [next] = queue; next; [next] = queue) {
    const { row, stop, upload } = next;
    const problem = stop.signal.aborted ? null : await send(next).catch((error) => error);
    if (stop.signal.aborted) {
      await discard(upload);
    } else if (problem) {
      const { code, passing } = problem instanceof ParleyError ? problem : new ParleyError('failed');
      row.fail(reason(code), passing ? () => begin(section, next) : undefined);
    } else {
      row.remove();
    }
    queue.shift();
    await refresh();
  }
}

/** @param {Sending} sending */
async function send({ blob, upload, row, stop }) {
  const { client_id, name, size } = upload;
  // Before the transfer, which forgets what it began when it is cancelled at once.
  upload.file ??= (await http.post('/files', { client_id, name, size })).id;
  await transfer(upload, blob, {
    http,
    part,
    signal: stop.signal,
    now: () => performance.now(),
    progress: ({ sent, state }) => {
      if (state === 'processing') row.process();
      else row.progress(sent);
    },
  });
  await http.put(`/files/${upload.file}/kept`);
  say(t('{name} is uploaded and kept.', { name }));
}

/** @param {Sending} sending */
function cancel({ row, stop }) {
  stop.abort();
  row.remove();
}

/** @param {Transferred} upload */
async function discard({ file }) {
  if (file) await http.delete(`/files/${file}`).catch(() => {});
}

/** @param {string} code a `FailureCode` */
function reason(code) {
  if (code === 'offline') return t('The server could not be reached.');
  if (code === 'rate_limited') return t('Too many files at once. Wait a little, then try again.');
  return problemText(code);
}

/** @param {string} text */
function say(text) {
  const status = document.querySelector('[data-said]');
  if (status) status.textContent = text;
}

const section = document.querySelector('[data-upload]');
const main = document.querySelector('main');
if (section instanceof HTMLElement && main) {
  await loadWords();
  http.csrf = document.body.dataset.csrf ?? '';
  const choose = /** @type {HTMLInputElement} */ (section.querySelector('[data-choose]'));
  choose.addEventListener('change', () => {
    add(section, [...(choose.files ?? [])]);
    choose.value = '';
  });
  listenForDrops(main, {
    hovering: (is) => main.classList.toggle('drop-over', is),
    dropped: (files) => add(section, files),
  });
  addEventListener('beforeunload', (event) => {
    if (queue.length) event.preventDefault();
  });
  section.hidden = false;
}
