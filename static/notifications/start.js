/**
 * Everything about notifications that runs in a page. Started after the first paint.
 *
 * @module
 */

/** @import { ChatView, MeView } from '../realtime/contract.js' */

import { isWaiting } from '../chats/attention.js';
import { connect } from '../realtime/client.js';
import { deviceZone } from '../realtime/both/clock-times.js';
import { holdForLife } from '../realtime/both/platform.js';
import { router } from '../shell/router.js';
import { api } from './api.js';
import './install-prompt.js';
import { devicePreferences, clearShown, clearDevice, mayNotify, subscribe } from './device.js';
import { notices } from './notices.js';

const WORKER = '/service-worker.js';
/** Between attempts to subscribe to pushes while online. */
const RETRY_MS = 30_000;

/**
 * Accepts the service worker's address only; the page's CSP names this policy in `trusted-types`.
 */
const policy = globalThis.trustedTypes?.createPolicy('parley-service-worker', {
  createScriptURL: (asked) => (asked === WORKER ? asked : ''),
});

let started = false;
/** The key that this page has subscribed with, or is subscribing with. */
let subscribed = '';
let notBefore = 0;

/**
 * @param {() => void} changed called when the notice may have changed
 * @returns {typeof notices}
 */
export function startNotifications(changed) {
  if (started) return notices;
  started = true;
  const client = connect();
  rememberPerson(client.person);
  import('../share/shared-store.js').then(({ claimShared }) => claimShared(client.person)).catch(() => {});
  if (navigator.serviceWorker) registerServiceWorker();
  notices.addEventListener('changed', changed);
  devicePreferences.addEventListener('changed', changed);
  client.watchMe((view) => meChanged(view));
  client.watchChats((chats) => chatsChanged(chats));
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && tellZone());
  let online = false;
  client.watchConnection((view) => {
    const { state } = view;
    notices.connection(view);
    if (state === 'signed_out') void signedOut();
    const back = state === 'online' && !online;
    online = state === 'online';
    if (back) void subscribeNow();
  });
  holdForLife(`parley-bell-${client.person}`, () => {
    void import('./page-alerts.js').then(({ announce }) => client.watchNews(announce), () => {});
  });
  return notices;
}

/** Store the person's id for the offline page (`restore-person.js`). @param {string} person */
function rememberPerson(person) {
  const { csrf = '' } = document.body.dataset;
  try {
    localStorage.setItem('parley.known', JSON.stringify({ person, csrf }));
  } catch {
    // Storage is unavailable: the app cannot start offline.
  }
}

function registerServiceWorker() {
  const { release = '' } = document.body.dataset;
  const { serviceWorker } = navigator;
  // The cache of this release is not deleted while this page is open.
  holdShared(`parley-release-${release}`);
  // TypeScript's DOM types do not know TrustedScriptURL here.
  const address = /** @type {string} */ (policy?.createScriptURL(WORKER) ?? WORKER);
  serviceWorker.register(address).then(
    (registration) => updateServiceWorker(registration, release),
    (error) => console.warn('Could not register the service worker.', error),
  );
  serviceWorker.addEventListener('message', ({ data, ports: [port] }) => {
    port?.postMessage(handleWorkerMessage(data));
  });
  serviceWorker.startMessages();
}

/**
 * Delete caches of older releases, and cache this one soon: browsers look for a new worker only
 * when the current one is idle, which may be much later.
 *
 * @param {ServiceWorkerRegistration} registration
 * @param {string} release of this page
 */
async function updateServiceWorker(registration, release) {
  registration.active?.postMessage({ kind: 'sweep' });
  const kept = await caches.has(`parley-shell-${release}`);
  if (registration.active && !kept) await registration.update().catch(() => {});
}

/** @param {string} name */
function holdShared(name) {
  void navigator.locks?.request(name, { mode: 'shared' }, () => new Promise(() => {}));
}

/**
 * Answer a message of the service worker.
 *
 * @param {{ kind: string, chat?: string, path?: string }} asked
 */
function handleWorkerMessage({ kind, chat, path = '/' }) {
  if (kind === 'looking') return router.route.name === 'chat' && router.route.chat === chat;
  if (kind === 'go') router.go(path);
  if (kind === 'subscribe') {
    subscribed = '';
    void subscribeNow();
  }
  return true;
}

/** @type {MeView | null} */
let me = null;

/** The zone of this device that this page has told, or needed not to tell. */
let toldZone = '';

/** @param {MeView} view */
function meChanged(view) {
  me = view;
  notices.me(view);
  void ensureSubscribed();
  tellZone();
}

/** The server uses the zone of the device used last until the person chooses one. Told again only
 * when this device is in another one: another device may be elsewhere. */
function tellZone() {
  const { time_zone, time_zone_chosen } = me?.me ?? {};
  const zone = deviceZone();
  if (zone === toldZone || time_zone_chosen !== false) return;
  toldZone = zone;
  if (time_zone !== zone) api.setDeviceTimeZone(zone).catch(() => (toldZone = ''));
}

async function ensureSubscribed() {
  const key = me?.notifications?.push_key ?? '';
  if (!key || key === subscribed || !mayNotify() || performance.now() < notBefore) return;
  subscribed = key;
  if (await subscribe(key)) return;
  subscribed = '';
  notBefore = performance.now() + RETRY_MS;
}

/** Something changed: subscribe without waiting for the retry time. */
function subscribeNow() {
  notBefore = 0;
  return ensureSubscribed();
}

/** Read position of each chat without unread messages. @type {Map<string, number>} */
let lastRead = new Map();

/** @param {ChatView[]} chats */
function chatsChanged(chats) {
  notices.chats(chats);
  void showBadge(chats.filter(isWaiting).length);
  if (!mayNotify()) return;
  const read = new Map(chats.filter((chat) => !chat.unread).map(({ id, read_seq }) => [id, read_seq]));
  const moved = [...read].some(([id, seq]) => lastRead.get(id) !== seq);
  lastRead = read;
  if (!moved) return;
  // A push may be ahead of the page, so a notification may be about a message that the page does
  // not know yet: clear only up to the read position.
  void clearShown((chat, seq) => (read.get(chat) ?? -1) >= seq).catch(() => {});
}

/** @param {number} unread chats */
async function showBadge(unread) {
  try {
    if (unread) await navigator.setAppBadge?.(unread);
    else await navigator.clearAppBadge?.();
  } catch {
    // Not installed, or not allowed: the title shows the count.
  }
}

async function signedOut() {
  await showBadge(0);
  await clearDevice().catch(() => {});
}
