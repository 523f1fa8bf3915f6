/**
 * This device: what it may, what is chosen on it alone, and its subscription to pushes.
 *
 * @module
 */

import { api } from './api.js';

/** A browser without a push service may never answer. */
const BROWSER_TIMEOUT_MS = 15_000;

/**
 * How pushes stand here. `unsupported`: the browser cannot; `home_screen`: it can once the app is
 * installed; `no_key`: the server sends none; `denied`, `default`: what the person told the
 * browser; `off`: may, but is not wanted; `on`; `failed`: wanted, but the browser or its push
 * service refuses.
 *
 * @typedef {'unsupported' | 'home_screen' | 'no_key' | 'denied' | 'default' | 'off' | 'on' | 'failed'
 *   } PushState
 */

/** What is chosen on this device. Storage may be refused: then it holds for the page. */
class DevicePreferences extends EventTarget {
  /** @type {Map<string, string>} */
  #page = new Map();

  /** @param {'asked' | 'push' | 'sound' | 'sent' | 'install'} name */
  get(name) {
    try {
      return localStorage.getItem(`parley.${name}`) ?? this.#page.get(name) ?? '';
    } catch {
      return this.#page.get(name) ?? '';
    }
  }

  /** @param {'asked' | 'push' | 'sound' | 'sent' | 'install'} name @param {string} value */
  set(name, value) {
    this.#page.set(name, value);
    try {
      localStorage.setItem(`parley.${name}`, value);
    } catch {
      // See above.
    }
    this.dispatchEvent(new Event('changed'));
  }
}

export const devicePreferences = new DevicePreferences();

export const mayNotify = () => globalThis.Notification?.permission === 'granted';

const isApple = () => /iPhone|iPad|Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1;

const isInstalled = () =>
  matchMedia('(display-mode: standalone)').matches || /** @type {any} */ (navigator).standalone === true;

/** Whether the app must be on the home screen before this browser takes pushes. */
export const needsHomeScreen = () => isApple() && !isInstalled() && !globalThis.PushManager;

const canPush = () => Boolean(navigator.serviceWorker && globalThis.PushManager && globalThis.Notification);

/** @returns {Promise<ServiceWorkerRegistration | undefined>} undefined where there is none */
export const getRegistration = async () => navigator.serviceWorker?.getRegistration('/');

export async function getSubscription() {
  const found = await getRegistration();
  return (await found?.pushManager?.getSubscription()) ?? null;
}

/** @param {string} key of the server; empty: it sends no pushes @returns {Promise<PushState>} */
export async function pushState(key) {
  if (needsHomeScreen()) return 'home_screen';
  if (!canPush()) return 'unsupported';
  if (!key) return 'no_key';
  if (Notification.permission !== 'granted') return Notification.permission;
  if (devicePreferences.get('push') === 'off') return 'off';
  return (await getSubscription()) ? 'on' : 'failed';
}

/**
 * Ask the person, who has just pressed a button, and subscribe.
 *
 * @param {string} key
 * @returns {Promise<PushState>}
 */
export async function enablePush(key) {
  devicePreferences.set('asked', 'yes');
  if (globalThis.Notification?.permission === 'default') await Notification.requestPermission();
  devicePreferences.set('push', 'on');
  await subscribe(key);
  return pushState(key);
}

/**
 * Subscribe where it is wanted, and tell the server: again at each start, for it changes nothing
 * there, and the session may be another.
 *
 * @param {string} key
 * @returns {Promise<boolean>} whether this device takes pushes now
 */
export async function subscribe(key) {
  if (!key || !canPush() || !mayNotify() || devicePreferences.get('push') === 'off') return false;
  try {
    const manager = (await withTimeout(navigator.serviceWorker.ready)).pushManager;
    let subscription = await manager.getSubscription();
    if (subscription && !usesKey(subscription, key)) {
      await subscription.unsubscribe();
      subscription = null;
    }
    subscription ??= await withTimeout(
      manager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) }),
    );
    const { endpoint, keys } = subscription.toJSON();
    await api.addDevice({ endpoint, keys, name: deviceName() });
  } catch (error) {
    console.warn('No pushes on this device.', error);
    return false;
  }
  devicePreferences.dispatchEvent(new Event('changed'));
  return true;
}

/** Take no more pushes here, until it is wanted again. */
export async function disablePush() {
  const mine = (await api.devices()).find(({ current }) => current);
  if (mine) await api.removeDevice(mine.id);
  await (await getSubscription())?.unsubscribe();
  devicePreferences.set('push', 'off');
}

/** Who leaves leaves nothing in sight, and no way to reach them: the server's row goes with the
 * session. */
export async function clearDevice() {
  try {
    localStorage.removeItem('parley.known');
  } catch {
    // Storage is refused: nobody was remembered.
  }
  await clearShown();
  await (await getSubscription())?.unsubscribe();
}

/** Take notifications away. @param {(chat: string, seq: number) => boolean} [which] all of them;
 * `seq`: the first message that it tells of */
export async function clearShown(which = () => true) {
  const shown = (await (await getRegistration())?.getNotifications?.()) ?? [];
  for (const one of shown) if (which(one.tag, one.data?.seq ?? 0)) one.close();
}

/** @template T @param {Promise<T>} work @returns {Promise<T>} */
function withTimeout(work) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error('The browser does not answer.')), BROWSER_TIMEOUT_MS);
  });
  return Promise.race([work, /** @type {Promise<never>} */ (late)]);
}

/** @param {PushSubscription} subscription @param {string} key */
function usesKey({ options }, key) {
  const held = options?.applicationServerKey;
  if (!held) return true;
  const [a, b] = [new Uint8Array(held), bytesOf(key)];
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** From base64url. @param {string} key */
function bytesOf(key) {
  const plain = atob(key.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** @type {[RegExp, string][]} */
const BROWSERS = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrom(e|ium)\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
/** @type {[RegExp, string][]} */
const SYSTEMS = [
  [/Android/, 'Android'],
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Macintosh/, 'Mac'],
  [/Windows/, 'Windows'],
  [/CrOS/, 'ChromeOS'],
  [/Linux|X11/, 'Linux'],
];

/** `Firefox on Linux`, so that people know it again. */
export function deviceName(agent = navigator.userAgent) {
  /** @param {[RegExp, string][]} names */
  const first = (names) => names.find(([sign]) => sign.test(agent))?.[1] ?? '';
  return [first(BROWSERS), first(SYSTEMS)].filter(Boolean).join(' on ') || 'Browser';
}
