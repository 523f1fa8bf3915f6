/** @import { PendingFile, UploadActions } from './types.js' */

import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { sizeText } from './file-texts.js';

/**
 * The progress of an upload, with what can be done about it.
 *
 * @param {PendingFile} file
 * @param {UploadActions} actions
 */
export function pendingView({ upload, name, size, sent, state, problem, canBeFile }, { cancelUpload, retryUpload }) {
  return html`<div class="upload upload-${state}">
    <span class="upload-text">${stateText({ size, sent, state, problem })}</span>
    ${canBeFile ? asFileButton(upload, name) : nothing}
    ${state === 'failed'
      ? html`<button class="tool" aria-label=${t('Upload {name} again', { name })} title=${t('Try again')} @click=${() => retryUpload(upload)}>${icon('arrow-clockwise')}</button>`
      : nothing}
    ${state === 'ready'
      ? nothing
      : html`<button class="tool" aria-label=${t('Do not send {name}', { name })} title=${t('Do not send it')} @click=${() => cancelUpload(upload)}>${icon('x')}</button>`}
    ${state === 'uploading' ? html`<progress class="upload-bar" max=${size} .value=${sent} aria-label=${t('Upload of {name}', { name })}></progress>` : nothing}
  </div>`;
}

/**
 * Offers to send a picture that the server refused as it is.
 *
 * @param {string} upload
 * @param {string} name
 * @param {() => void} [done] called when the person has agreed
 */
export function asFileButton(upload, name, done = () => {}) {
  // Offline, and the module was never fetched: nothing opens.
  const ask = () => void import('./send-as-file.js').then(({ openSendAsFile }) => openSendAsFile({ upload, name, done }), () => {});
  return html`<button type="button" class="link" aria-label=${t('Send as a file: {name}', { name })} @click=${ask}>${t('Send as a file…')}</button>`;
}

/** @param {Pick<PendingFile, 'size' | 'sent' | 'state' | 'problem'>} file */
function stateText({ size, sent, state, problem }) {
  switch (state) {
    case 'waiting':
      return t('waiting');
    case 'uploading':
      return t('{sent} of {size}', { sent: sizeText(sent), size: sizeText(size) });
    case 'processing':
      return t('processing');
    case 'failed':
      return problem || t('could not be sent');
    default:
      return '';
  }
}
