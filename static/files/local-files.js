/**
 * Unsent files as a tab shows them: with an object URL of their bytes, and with the problem in words.
 *
 * @module
 */

/** @import { PendingFile, Row } from '../realtime/contract.js' */

import { problemText } from './problem-text.js';

/** So many files stay in reach; rows of sent messages may show them until the server's come. */
const MAX_URLS = 100;

/** By upload, oldest first. @type {Map<string, string>} */
const urls = new Map();
/** Uploads whose bytes are asked for, and whom to call then. @type {Map<string, Set<() => void>>} */
const asked = new Map();

/** Draws who waits for it. @param {string} upload @param {Blob} blob @returns {string} */
export function addUrl(upload, blob) {
  const url = urls.get(upload) ?? URL.createObjectURL(blob);
  urls.set(upload, url);
  for (const [old, address] of [...urls].slice(0, -MAX_URLS)) {
    URL.revokeObjectURL(address);
    urls.delete(old);
  }
  const waiting = asked.get(upload) ?? [];
  asked.delete(upload);
  for (const changed of waiting) changed();
  return url;
}

/**
 * @param {PendingFile} file as the owner sends it
 * @param {(upload: string) => Promise<Blob | null>} ask the owner for its bytes
 * @param {() => void} changed called when its URL became known
 * @returns {PendingFile}
 */
export function localFile(file, ask, changed) {
  const { upload, problem } = file;
  const url = urls.get(upload);
  if (url === undefined) void askOnce(upload, ask, changed);
  return { ...file, url: url ?? '', problem: problem && problemText(problem) };
}

/**
 * @param {string} upload
 * @param {(upload: string) => Promise<Blob | null>} ask
 * @param {() => void} changed
 */
async function askOnce(upload, ask, changed) {
  const waiting = asked.get(upload);
  if (waiting) {
    waiting.add(changed);
    return;
  }
  asked.set(upload, new Set([changed]));
  const blob = await ask(upload).catch(() => undefined);
  if (blob) addUrl(upload, blob);
  // What does not exist is not asked for again; what could not be asked is.
  else if (blob === undefined) asked.delete(upload);
}

/**
 * @param {Row[]} rows
 * @param {(upload: string) => Promise<Blob | null>} ask
 * @param {() => void} changed
 * @returns {Row[]}
 */
export const withLocalFiles = (rows, ask, changed) =>
  rows.map((row) => ({
    ...row,
    files: row.files.map((file) => ('upload' in file ? localFile(file, ask, changed) : file)),
  }));
