/** @import { PendingFile } from '../realtime/contract.js' */

import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { iconOf, shortName, sizeText } from './file-texts.js';
import { asFileButton } from './pending-view.js';

/**
 * @typedef {object} StripActions
 * @property {(upload: string, name: string) => void} remove
 * @property {(upload: string) => void} retry
 * @property {() => void} decided a picture is sent as a file
 */

/**
 * The files of a draft: one chip for each.
 *
 * @param {PendingFile[]} files
 * @param {StripActions} actions
 */
export function stripView(files, actions) {
  if (!files.length) return nothing;
  return html`<ul class="attach-strip" role="list" aria-label=${t('Files of this message')}>${repeat(
    files,
    ({ upload }) => upload,
    (file) => chipView(file, actions),
  )}</ul>`;
}

/** @param {PendingFile} file @param {StripActions} actions */
function chipView(file, { remove, retry, decided }) {
  const { upload, kind, name, url, size, sent, state, canBeFile } = file;
  const isSending = state === 'uploading';
  return html`<li class="attach-chip" data-upload=${upload} data-state=${state}>
    ${kind === 'image' && url
      ? html`<img class="attach-thumb" src=${url} alt="">`
      : html`<span class="attach-thumb">${icon(iconOf(file))}</span>`}
    <span class="attach-text"><bdi class="attach-name" title=${name}>${shortName(name, 24)}</bdi><span class="attach-state">${stateText(file)}</span>
      ${canBeFile ? asFileButton(upload, name, decided) : nothing}</span>
    ${state === 'failed'
      ? html`<button type="button" class="tool" aria-label=${t('Upload {name} again', { name })} title=${t('Try again')}
          @click=${() => retry(upload)}>${icon('arrow-clockwise')}</button>`
      : nothing}
    <button type="button" class="tool" aria-label=${t('Remove {name}', { name })} title=${t('Remove')}
      @click=${() => remove(upload, name)}>${icon('x')}</button>
    ${isSending ? html`<progress class="attach-progress" max=${size} .value=${sent} aria-label=${t('Upload of {name}', { name })}></progress>` : nothing}
  </li>`;
}

/** @param {PendingFile} file */
function stateText({ size, sent, state, problem, stored }) {
  if (state === 'failed') return html`<span class="attach-problem">${problem}</span>`;
  if (!stored) return t('Only in this page: leave it open until it is sent.');
  if (state === 'uploading') return t('{sent} of {size}', { sent: sizeText(sent), size: sizeText(size) });
  if (state === 'processing') return t('being processed');
  return state === 'waiting' ? `${sizeText(size)}, ${t('waiting')}` : sizeText(size);
}
