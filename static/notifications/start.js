/**
 * All of notifications that runs beside a page: started behind the first paint.
 *
 * @module
 */

/** @import { ChatView, MeView } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';
import { holdForLife } from '../realtime/locks.js';
import { router } from '../shell/router.js';
import './install-prompt.js';
import { devicePreferences, clearShown, clearDevice, mayNotify, subscribe } from './device.js';
import { notices } from './notices.js';

const WORKER = '/service-worker.js';
/** Between tries to be pushed to, while the line stands. */
const RETRY_MS = 30_000;

/** Passes the one script address there is; the page's CSP names it in `trusted-types`. */
const policy = globalThis.trustedTypes?.createPolicy('parley-service-worker', {
  createScriptURL: (asked) => (asked === WORKER ? asked : ''),
});

let started = false;
/** The key that this page has subscribed with, or is about to. */
let subscribed = '';
let notBefore = 0;

/**
 * @param {() => void} changed called when there may be another note
 * @returns {typeof notices}
 */
export function startNotifications(changed) {
  if (started) return notices;
  started = true;
  const client = connect();
  rememberPerson(client.person);
  if (navigator.serviceWorker) registerServiceWorker();
  notices.addEventListener('changed', changed);
  devicePreferences.addEventListener('changed', changed);
  client.watchMe((view) => meChanged(view));
  client.watchChats((chats) => chatsChanged(chats));
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

/** Whose page this is, for the page that is kept for being offline. @param {string} person */
function rememberPerson(person) {
  const { csrf = '' } = document.body.dataset;
  try {
    localStorage.setItem('parley.known', JSON.stringify({ person, csrf }));
  } catch {
    // Storage is refused: there is no app offline.
  }
}

function registerServiceWorker() {
  const { release = '' } = document.body.dataset;
  const { serviceWorker } = navigator;
  // What of this release is kept stays as long as this page is open.
  holdShared(`parley-release-${release}`);
  // The library's types know no trusted addresses; the browser takes them where it takes a text.
  const address = /** @type {string} */ (policy?.createScriptURL(WORKER) ?? WORKER);
  serviceWorker.register(address).then(
    (registration) => updateServiceWorker(registration, release),
    (error) => console.warn('The app is not kept on this device.', error),
  );
  serviceWorker.addEventListener('message', ({ data, ports: [port] }) => {
    port?.postMessage(handleWorkerMessage(data));
  });
  serviceWorker.startMessages();
}

/**
 * Nothing of older releases stays, and this one is kept soon: browsers look for another worker when
 * the present one has nothing to do, which may be long after.
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

/** What the service worker asks. @param {{ kind: string, chat?: string, path?: string }} asked */
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

/** @param {MeView} view */
function meChanged(view) {
  me = view;
  notices.me(view);
  void ensureSubscribed();
}

async function ensureSubscribed() {
  const key = me?.notifications?.push_key ?? '';
  if (!key || key === subscribed || !mayNotify() || performance.now() < notBefore) return;
  subscribed = key;
  if (await subscribe(key)) return;
  subscribed = '';
  notBefore = performance.now() + RETRY_MS;
}

/** Something has changed: do not wait. */
function subscribeNow() {
  notBefore = 0;
  return ensureSubscribed();
}

/** How far chats are read of which all is read. @type {Map<string, number>} */
let lastRead = new Map();

/** @param {ChatView[]} chats */
function chatsChanged(chats) {
  notices.chats(chats);
  const unread = chats.filter((chat) => chat.unread && !chat.muted).length;
  void showBadge(unread);
  if (!mayNotify()) return;
  const read = new Map(chats.filter((chat) => !chat.unread).map(({ id, read_seq }) => [id, read_seq]));
  const moved = [...read].some(([id, seq]) => lastRead.get(id) !== seq);
  lastRead = read;
  if (!moved) return;
  // A push may be ahead of the page: what it tells of is unread, though nothing is known of it here.
  void clearShown((chat, seq) => (read.get(chat) ?? -1) >= seq).catch(() => {});
}

/** @param {number} unread chats */
async function showBadge(unread) {
  try {
    if (unread) await navigator.setAppBadge?.(unread);
    else await navigator.clearAppBadge?.();
  } catch {
    // Not installed, or not allowed: the title says it.
  }
}

async function signedOut() {
  await showBadge(0);
  await clearDevice().catch(() => {});
}
