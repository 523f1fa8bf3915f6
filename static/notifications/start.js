/**
 * All of notifications that runs beside a page: begun behind the first paint.
 *
 * @module
 */

/** @import { ChatView, MeView } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';
import { holdForLife } from '../realtime/locks.js';
import { router } from '../shell/router.js';
import './install-prompt.js';
import { choices, clearShown, leave, mayNotify, subscribe } from './device.js';
import { notes } from './notices.js';

const WORKER = '/service-worker.js';
/** Between tries to be pushed to, while the line stands. */
const PAUSE_MS = 30_000;

/** Passes the one script address there is; the page's CSP names it in `trusted-types`. */
const policy = globalThis.trustedTypes?.createPolicy('parley-service-worker', {
  createScriptURL: (asked) => (asked === WORKER ? asked : ''),
});

let begun = false;
/** The key that this page has subscribed with, or is about to. */
let subscribed = '';
let notBefore = 0;

/**
 * @param {() => void} changed called when there may be another note
 * @returns {typeof notes}
 */
export function begin(changed) {
  if (begun) return notes;
  begun = true;
  const client = connect();
  remember(client.person);
  if (navigator.serviceWorker) serve();
  notes.addEventListener('changed', changed);
  choices.addEventListener('changed', changed);
  client.watchMe((view) => heard(view));
  client.watchChats((chats) => counted(chats));
  let online = false;
  client.watchConnection((view) => {
    const { state } = view;
    notes.connection(view);
    if (state === 'signed_out') void gone();
    const back = state === 'online' && !online;
    online = state === 'online';
    if (back) void subscribeAnew();
  });
  holdForLife(`parley-bell-${client.person}`, () => {
    void import('./page-alerts.js').then(({ ring }) => client.watchNews(ring), () => {});
  });
  return notes;
}

/** Whose page this is, for the page that is kept for being offline. @param {string} person */
function remember(person) {
  const { csrf = '' } = document.body.dataset;
  try {
    localStorage.setItem('parley.known', JSON.stringify({ person, csrf }));
  } catch {
    // Storage is refused: there is no app offline.
  }
}

function serve() {
  const { release = '' } = document.body.dataset;
  const { serviceWorker } = navigator;
  // What of this release is kept stays as long as this page is open.
  holdShared(`parley-release-${release}`);
  // The library's types know no trusted addresses; the browser takes them where it takes a text.
  const address = /** @type {string} */ (policy?.createScriptURL(WORKER) ?? WORKER);
  serviceWorker.register(address).then(
    (registration) => renew(registration, release),
    (error) => console.warn('The app is not kept on this device.', error),
  );
  serviceWorker.addEventListener('message', ({ data, ports: [port] }) => {
    port?.postMessage(answer(data));
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
async function renew(registration, release) {
  registration.active?.postMessage({ kind: 'sweep' });
  const kept = await caches.has(`parley-shell-${release}`);
  if (registration.active && !kept) await registration.update().catch(() => {});
}

/** @param {string} name */
function holdShared(name) {
  void navigator.locks?.request(name, { mode: 'shared' }, () => new Promise(() => {}));
}

/** What the service worker asks. @param {{ kind: string, chat?: string, path?: string }} asked */
function answer({ kind, chat, path = '/' }) {
  if (kind === 'looking') return router.place.name === 'chat' && router.place.chat === chat;
  if (kind === 'go') router.go(path);
  if (kind === 'subscribe') {
    subscribed = '';
    void subscribeAnew();
  }
  return true;
}

/** @type {MeView | null} */
let last = null;

/** @param {MeView} view */
function heard(view) {
  last = view;
  notes.me(view);
  void beSubscribed();
}

async function beSubscribed() {
  const key = last?.notifications?.push_key ?? '';
  if (!key || key === subscribed || !mayNotify() || performance.now() < notBefore) return;
  subscribed = key;
  if (await subscribe(key)) return;
  subscribed = '';
  notBefore = performance.now() + PAUSE_MS;
}

/** Something has changed: do not wait. */
function subscribeAnew() {
  notBefore = 0;
  return beSubscribed();
}

/** How far chats are read of which all is read. @type {Map<string, number>} */
let known = new Map();

/** @param {ChatView[]} chats */
function counted(chats) {
  notes.chats(chats);
  const unread = chats.filter((chat) => chat.unread && !chat.muted).length;
  void badge(unread);
  if (!mayNotify()) return;
  const read = new Map(chats.filter((chat) => !chat.unread).map(({ id, read_seq }) => [id, read_seq]));
  const moved = [...read].some(([id, seq]) => known.get(id) !== seq);
  known = read;
  if (!moved) return;
  // A push may be ahead of the page: what it tells of is unread, though nothing is known of it here.
  void clearShown((chat, seq) => (read.get(chat) ?? -1) >= seq).catch(() => {});
}

/** @param {number} unread chats */
async function badge(unread) {
  try {
    if (unread) await navigator.setAppBadge?.(unread);
    else await navigator.clearAppBadge?.();
  } catch {
    // Not installed, or not allowed: the title says it.
  }
}

async function gone() {
  await badge(0);
  await leave().catch(() => {});
}
