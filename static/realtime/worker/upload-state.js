/**
 * The first states of an upload, and how tabs see it.
 *
 * @module
 */

/** @import { ChosenFile, ExistingFile, FailureCode, PendingFile } from '../contract.js' */
/** @import { Upload } from '../stored-types.js' */

import { uuid } from '../both/platform.js';

/** @param {ChosenFile | ExistingFile} chosen @param {Pick<Upload, 'chat' | 'thread' | 'order'>} place @returns {Upload} */
export function begun(chosen, place) {
  const fresh = { ...place, client_id: uuid(), problem: /** @type {const} */ (''), again: false };
  if (!('blob' in chosen)) return { ...chosen, ...fresh, voice: null, state: 'ready', existing: true };
  const { blob: { type, size }, ...file } = chosen;
  return { ...file, ...fresh, type, size, file: null, state: 'waiting', existing: false };
}

/** @param {Upload} upload @param {boolean} again @returns {Upload} as if it had never been sent */
export const restarted = (upload, again) => ({
  ...upload,
  client_id: uuid(),
  file: null,
  state: 'waiting',
  problem: /** @type {FailureCode | ''} */ (''),
  again,
});

/** Whether the server refused a picture that can still be sent as it is. @param {Upload} upload */
export const canBeFile = ({ state, problem }) =>
  state === 'failed' && ['no_picture', 'too_many_pixels'].includes(problem);

/** @param {Upload} upload @returns {Upload} to be sent as it is, as a file to download */
export const asFile = (upload) => ({ ...restarted(upload, false), kind: 'file', asFile: true });

/** @param {Upload} upload @param {number} sent bytes @param {boolean} stored @returns {PendingFile} */
export function uploadView(upload, sent, stored) {
  const { id, kind, name, type, size, width, height, state, problem } = upload;
  const shown = { upload: id, kind, name, type, size, url: '', width, height };
  const file = { ...shown, state, problem, stored, canBeFile: canBeFile(upload) };
  return { ...file, sent: state === 'ready' ? size : sent };
}
