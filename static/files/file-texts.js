/**
 * Sizes, durations and kinds of files, in the reader's words.
 *
 * @module
 */

/** @import { File } from '../realtime/wire.js' */

import { cut, cutStart } from '../realtime/both/platform.js';
import { language } from '../shell/words.js';

export const PDF = 'application/pdf';
const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];

/** Without characters that cannot be seen or turn the direction of writing, as the server takes it.
 * @param {string} name */
export const cleanName = (name) => name.replace(/(?![\u200c\u200d])\p{C}/gu, '');

/** A long name keeps its end, which tells what it is. @param {string} name @param {number} length */
export function shortName(name, length) {
  const letters = [...name];
  const end = Math.min(12, Math.floor(length / 3));
  return letters.length <= length ? name : `${cut(name, length - end - 1)}…${cutStart(name, end)}`;
}

/** `84 kB` @param {number} bytes */
export function sizeText(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const amount = bytes / 1000 ** power;
  return new Intl.NumberFormat(language(), {
    style: 'unit',
    unit: UNITS[power],
    unitDisplay: power ? 'short' : 'long',
    maximumFractionDigits: power > 1 && amount < 10 ? 1 : 0,
  }).format(amount);
}

/** `2:07` @param {number} seconds */
export function durationText(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}

/** `PDF`, `ZIP`: the end of the name, or of the media type. @param {Pick<File, 'name' | 'type'>} file */
export function formatText({ name, type }) {
  const ending = /\.([A-Za-z0-9]{1,5})$/.exec(name)?.[1];
  return (ending ?? type.split('/').at(-1)?.slice(0, 8) ?? '').toUpperCase();
}

/** @param {Pick<File, 'kind' | 'type'>} file */
export function iconOf({ kind, type }) {
  if (kind === 'image') return 'image';
  if (kind === 'video') return 'film-strip';
  if (kind === 'audio' || kind === 'voice') return 'file-audio';
  if (type === PDF) return 'file-pdf';
  if (type.startsWith('text/')) return 'file-text';
  return /zip|tar|compressed/.test(type) ? 'file-zip' : 'file';
}

/** @param {string} file @param {string} variant @param {boolean} [download] */
export const contentAddress = (file, variant, download = false) =>
  `/api/v1/files/${file}/content/${variant}${download ? '?download' : ''}`;
