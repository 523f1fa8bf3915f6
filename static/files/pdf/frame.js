/**
 * The page in the sandboxed frame that shows one PDF. It has no origin and no network: the page
 * around it sends the bytes, and is told what is shown (`messages.js`).
 *
 * @module
 */

/** @import { FromFrame, ToFrame } from './messages.js' */

import { GlobalWorkerOptions, getDocument } from '../../vendor/pdfjs/pdf.min.mjs';
import { Pages } from './pages.js';

/** A picture with more pixels is left out. */
const MAX_IMAGE_PIXELS = 40_000_000;
const MAX_PAGES = 5000;

/** @param {string} name in the folder of pdf.js */
const library = (name) => new URL(`${document.body.dataset.library}${name}`, location.href).href;

/** @param {FromFrame} message */
function tell(message) {
  // The frame has no origin, so it cannot name that of the page. The messages contain nothing of the file.
  parent.postMessage(message, '*');
}

/**
 * A worker must be of the frame's origin, which has no addresses: so its script is a blob. Chromium
 * starts no module worker from one without an origin.
 *
 * @returns {Promise<Worker>} once pdf.js runs in it
 */
function startWorker() {
  const script = new Blob([`import(${JSON.stringify(library('pdf.worker.min.mjs'))})`], { type: 'text/javascript' });
  const worker = new Worker(URL.createObjectURL(script));
  worker.addEventListener('error', () => tell({ kind: 'failed', reason: 'broken' }));
  // What is sent before pdf.js listens would be lost. It begins with a message of its own.
  return new Promise((resolve) => {
    worker.addEventListener('message', () => resolve(worker), { once: true });
  });
}

/** @param {ArrayBuffer} bytes @param {string} label */
async function open(bytes, label) {
  try {
    GlobalWorkerOptions.workerPort = await startWorker();
    const pdf = await getDocument({
      data: new Uint8Array(bytes),
      cMapUrl: library('cmaps/'),
      standardFontDataUrl: library('standard_fonts/'),
      wasmUrl: library('wasm/'),
      iccUrl: library('iccs/'),
      useWorkerFetch: true,
      isEvalSupported: false,
      enableXfa: false,
      maxImageSize: MAX_IMAGE_PIXELS,
    }).promise;
    if (pdf.numPages > MAX_PAGES) return tell({ kind: 'failed', reason: 'large' });
    pages = new Pages(pdf, { label, changed: (shown) => tell({ kind: 'shown', ...shown }) });
    await pages.start();
  } catch (error) {
    const isLocked = /** @type {Error} */ (error)?.name === 'PasswordException';
    tell({ kind: 'failed', reason: isLocked ? 'locked' : 'broken' });
  }
}

/** @type {Pages | null} */
let pages = null;
let isOpened = false;

window.addEventListener('message', (event) => {
  if (event.source !== parent) return;
  const message = /** @type {ToFrame} */ (event.data);
  if (message.kind === 'open' && !isOpened) {
    isOpened = true;
    void open(message.bytes, message.label);
  }
  if (message.kind === 'zoom') pages?.zoom(message.by);
  if (message.kind === 'go') pages?.go(message.page);
  if (message.kind === 'scroll') pages?.scroll(message.by);
});

window.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') tell({ kind: 'escape' });
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  /** @type {Record<string, number>} */
  const zooms = { '+': 1, '=': 1, '-': -1, 0: 0 };
  if (!(event.key in zooms)) return;
  event.preventDefault();
  pages?.zoom(zooms[event.key]);
});

window.addEventListener(
  'wheel',
  (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    pages?.zoom(-Math.sign(event.deltaY));
  },
  { passive: false },
);

tell({ kind: 'ready' });
