/**
 * Sound and notifications for new messages while no tab is focused. One tab does this for all.
 *
 * @module
 */

/** @import { News as WireNews } from '../realtime/contract.js' */

/** `files`: of a message without text.
 * @typedef {WireNews & { files?: { kind: string, name: string }[] }} News */

import { plainLine } from '../chats/describe.js';
import { plainText } from '../chats/markup/plain.js';
import { t, tn } from '../shell/words.js';
import { clearShown, devicePreferences, mayNotify, getRegistration, getSubscription } from './device.js';

/** Two tones, a fourth apart: hertz, and when each begins, in seconds. */
const TONES = [
  [587, 0],
  [784, 0.12],
];
/** Least time between two sounds; a sound that is delayed longer than this is dropped. */
const MIN_INTERVAL_MS = 2000;
/** How many messages of a chat are remembered. */
const MAX_ANNOUNCED = 20;

let quietUntil = 0;
/** @type {AudioContext | null} */
let audio = null;

/** What notifications of this page were about, by chat, the newest last. @type {Map<string, News[]>} */
const announced = new Map();

/** @param {News[]} news */
export async function announce(news) {
  const isNew = news.some(({ change }) => !change);
  if (isNew && devicePreferences.get('sound') !== 'off') void playSound();
  // With a push subscription the service worker shows the notification, and changes it.
  if (!mayNotify() || devicePreferences.get('push') === 'off' || (await getSubscription())) return;
  for (const chat of new Set(news.map((one) => one.chat))) {
    await renew(chat, news.filter((one) => one.chat === chat));
  }
}

/** Show what is new in a chat, and what is left of what was announced. @param {string} chat
 * @param {News[]} news */
async function renew(chat, news) {
  const before = announced.get(chat) ?? [];
  const all = announcedAfter(before, news);
  announced.set(chat, all);
  const [newest, last] = [all.at(-1), before.at(-1)];
  if (news.some(({ change }) => !change) && newest) await showNotification(newest);
  else if (!newest && last) await clearShown((shown) => shown === chat);
  else if (newest && newest !== last && (await isShown(chat))) await showNotification(newest, true);
}

/**
 * What notifications of a chat are about after these messages and changes.
 *
 * @param {News[]} before
 * @param {News[]} news of the same chat
 * @returns {News[]}
 */
export function announcedAfter(before, news) {
  let all = before;
  for (const { change, ...one } of news) {
    const count = all.at(-1)?.count ?? one.count;
    if (!change) all = [...all.filter(({ message }) => message >= one.seq), one];
    else if (!all.some(({ message }) => message === one.message)) continue;
    else if (change === 'gone') {
      all = all.filter(({ message }) => message !== one.message).map((other) => ({ ...other, count: count - 1 }));
    } else {
      const same = (/** @type {News} */ { message, body }) => message !== one.message || body === one.body;
      if (!all.every(same)) all = all.map((other) => (same(other) ? other : { ...other, body: one.body, files: one.files }));
    }
  }
  return all.slice(-MAX_ANNOUNCED);
}

/** @param {string} chat */
async function isShown(chat) {
  return Boolean((await (await getRegistration())?.getNotifications?.({ tag: chat }))?.length);
}

/** Play the sound, unless the page was never touched: browsers keep such a page silent, and would
 * play all pending sounds at the first touch. */
export async function playSound() {
  const allowed = navigator.userActivation?.hasBeenActive && globalThis.AudioContext;
  if (!allowed || performance.now() < quietUntil) return;
  const until = performance.now() + MIN_INTERVAL_MS;
  quietUntil = until;
  audio ??= new AudioContext();
  await audio.resume().catch(() => {});
  if (audio.state !== 'running' || performance.now() >= until) return;
  for (const [hertz, after] of TONES) playTone(audio, hertz, after);
}

/** @param {AudioContext} audio @param {number} hertz @param {number} after */
function playTone(audio, hertz, after) {
  const begin = audio.currentTime + after;
  const [source, volume] = [audio.createOscillator(), audio.createGain()];
  source.frequency.value = hertz;
  volume.gain.setValueAtTime(0.0001, begin);
  volume.gain.exponentialRampToValueAtTime(0.12, begin + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.35);
  source.connect(volume).connect(audio.destination);
  source.start(begin);
  source.stop(begin + 0.4);
}

/** @param {News} news @param {boolean} [silent] */
async function showNotification({ chat, seq, count, title, body, by = '', files = [] }, silent = false) {
  const few = tn('New message', '{n} new messages', count);
  const headed = count > 1 ? `${title} (${count})` : title;
  // A worker that is still being installed shows none yet; it would be an error to ask it.
  const registration = (await getRegistration()) && (await navigator.serviceWorker.ready);
  await registration?.showNotification(title ? headed : t('Parley'), {
    body: title ? (by ? `${by}: ` : '') + plainLine(plainText(body), files) : few,
    tag: chat,
    silent,
    icon: new URL('../notifications/icons/icon-192.png', import.meta.url).href,
    data: { seq, path: `/c/${chat}/at/${seq}` },
  });
}
