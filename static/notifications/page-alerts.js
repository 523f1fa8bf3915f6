/**
 * Sound and notifications for new messages while no tab is focused. One tab does this for all.
 *
 * @module
 */

/** @import { News as WireNews } from '../realtime/contract.js' */

/** `files`: of a message without text.
 * @typedef {WireNews & { files?: { kind: string, name: string }[] }} News */

import { plainLine } from '../chats/describe.js';
import { t, tn } from '../shell/words.js';
import { devicePreferences, mayNotify, getRegistration, getSubscription } from './device.js';

/** Two tones, a fourth apart: hertz, and when each begins, in seconds. */
const TONES = [
  [587, 0],
  [784, 0.12],
];
/** Least time between two sounds; a sound that is delayed longer than this is dropped. */
const MIN_INTERVAL_MS = 2000;

let quietUntil = 0;
/** @type {AudioContext | null} */
let audio = null;

/** @param {News[]} news */
export async function announce(news) {
  if (devicePreferences.get('sound') !== 'off') void playSound();
  // With a push subscription the service worker shows the notification.
  if (!mayNotify() || devicePreferences.get('push') === 'off' || (await getSubscription())) return;
  for (const one of news) await showNotification(one);
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

/** @param {News} news */
async function showNotification({ chat, seq, count, title, body, by = '', files = [] }) {
  const few = tn('New message', '{n} new messages', count);
  const headed = count > 1 ? `${title} (${count})` : title;
  await (await getRegistration())?.showNotification(title ? headed : t('Parley'), {
    body: title ? (by ? `${by}: ` : '') + plainLine(body, files) : few,
    tag: chat,
    icon: new URL('../notifications/icons/icon-192.png', import.meta.url).href,
    data: { seq, path: `/c/${chat}/at/${seq}` },
  });
}
