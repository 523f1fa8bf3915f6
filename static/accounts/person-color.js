/**
 * How to show a person or a group: a picture, or else initials on one of eight hues; and a name that
 * leads to the person's card.
 *
 * @module
 */

import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';

export const HUES = 8;

/** The hues of the members of a chat (voices.js). @type {Map<string, Map<string, number>>} */
export const voices = new Map();

/**
 * The CSS class of a person's hue, the same on every device. In a chat whose members are known it
 * differs from those of the others.
 *
 * @param {string} id
 * @param {string} [chat]
 */
export const personColor = (id, chat = '') => `hue-${voices.get(chat)?.get(id) ?? hueOf(id)}`;

/** From 1 to HUES. @param {string} id */
export function hueOf(id) {
  // FNV-1a: short, and spreads UUIDs evenly although their first half is a timestamp.
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) {
    hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  }
  // The low bits depend only on the low bits of each character; use the upper half.
  return ((hash >>> 16) % HUES) + 1;
}

/** Initials of the first and the last word. @param {string} name */
export function initials(name) {
  const words = name.trim().split(/\s+/u);
  const ends = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return ends.map((word) => [...word][0] ?? '').join('').toLocaleUpperCase();
}

/**
 * The picture of a person or a group beside their name, or else their initials, which stay below it
 * until it is loaded (files/avatar-picture.js).
 *
 * @param {{ id: string, name: string, picture?: string | null }} shown
 * @param {string} [chat] the chat whose picture it is; empty for a person's
 * @param {string} [size] a class
 */
export const avatar = ({ id, name, picture }, chat = '', size = '') =>
  html`<span class="avatar ${size} ${personColor(id)}" aria-hidden="true">${initials(name)}${
    picture ? html`<avatar-picture .file=${picture} .chat=${chat}></avatar-picture>` : nothing
  }</span>`;

/** Beside the name of a bot. @param {boolean | undefined} bot */
export const botMark = (bot) =>
  bot ? html` <span class="moon">${icon('robot', { size: '14' })}</span><span class="visually-hidden">, ${t('bot')}</span>` : nothing;

/**
 * A name that opens the person's card when it is pressed (`app.js` listens). The card of a deleted
 * account has nothing to show.
 *
 * @param {{ id: string, username: string, name: unknown, bot?: boolean }} person
 * @param {number} [tabindex]
 */
export const nameButton = ({ id, username, name, bot }, tabindex = 0) =>
  username
    ? html`<button class="name-button" type="button" tabindex=${tabindex} data-card=${id}><bdi>${name}</bdi>${botMark(bot)}</button>`
    : html`<bdi>${name}</bdi>${botMark(bot)}`;
