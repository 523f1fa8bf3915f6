/**
 * This device: permissions, settings that apply to it alone, and its push subscription.
 *
 * @module
 */

import { api } from './api.js';

/** A browser without a push service may never settle its promise. */
const BROWSER_TIMEOUT_MS = 15_000;
/** As in worker/pushes.js. */
const HANDLED_PUSHES = 'parley-handled-pushes';

/**
 * State of pushes on this device. `unsupported`: not by this browser; `home_screen`: only once the
 * app is installed; `no_key`: the server sends none; `denied`, `default`: the browser's permission;
 * `off`: permitted, but turned off; `on`; `failed`: turned on, but the browser or its push service
 * refuses.
 *
 * @typedef {'unsupported' | 'home_screen' | 'no_key' | 'denied' | 'default' | 'off' | 'on' | 'failed'
 *   } PushState
 */

/** Settings of this device. Without storage they last for the page. */
class DevicePreferences extends EventTarget {
  /** @type {Map<string, string>} */
  #page = new Map();

  /** @param {'asked' | 'push' | 'sound' | 'sent' | 'install' | 'motd'} name */
  get(name) {
    try {
      return localStorage.getItem(`parley.${name}`) ?? this.#page.get(name) ?? '';
    } catch {
      return this.#page.get(name) ?? '';
    }
  }

  /** @param {'asked' | 'push' | 'sound' | 'sent' | 'install' | 'motd'} name @param {string} value */
  set(name, value) {
    this.#page.set(name, value);
    try {
      localStorage.setItem(`parley.${name}`, value);
    } catch {
      // Storage is unavailable: `#page` has the value.
    }
    this.dispatchEvent(new Event('changed'));
  }
}

export const devicePreferences = new DevicePreferences();

export const mayNotify = () => globalThis.Notification?.permission === 'granted';

const isApple = () => /iPhone|iPad|Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1;

const isInstalled = () =>
  matchMedia('(display-mode: standalone)').matches || /** @type {any} */ (navigator).standalone === true;

/** Whether the app must be on the home screen before this browser supports pushes. */
export const needsHomeScreen = () => isApple() && !isInstalled() && !globalThis.PushManager;

const canPush = () => Boolean(navigator.serviceWorker && globalThis.PushManager && globalThis.Notification);

/** @returns {Promise<ServiceWorkerRegistration | undefined>} undefined when there is none */
export const getRegistration = async () => navigator.serviceWorker?.getRegistration('/');

export async function getSubscription() {
  const found = await getRegistration();
  return (await found?.pushManager?.getSubscription()) ?? null;
}

/** @param {string} key the server's; empty when it sends no pushes @returns {Promise<PushState>} */
export async function pushState(key) {
  if (needsHomeScreen()) return 'home_screen';
  if (!canPush()) return 'unsupported';
  if (!key) return 'no_key';
  if (Notification.permission !== 'granted') return Notification.permission;
  if (devicePreferences.get('push') === 'off') return 'off';
  return (await getSubscription()) ? 'on' : 'failed';
}

/**
 * Ask for permission and subscribe. Call this from a click: browsers require one.
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
 * Subscribe, if pushes are turned on, and register the subscription with the server. Repeated at
 * each start: it is idempotent, and the session may have changed.
 *
 * @param {string} key
 * @returns {Promise<boolean>} whether this device receives pushes now
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
    console.warn('Could not subscribe to pushes on this device.', error);
    return false;
  }
  devicePreferences.dispatchEvent(new Event('changed'));
  return true;
}

/** Turn pushes off on this device. */
export async function disablePush() {
  const mine = (await api.devices()).find(({ current }) => current);
  if (mine) await api.removeDevice(mine.id);
  await (await getSubscription())?.unsubscribe();
  devicePreferences.set('push', 'off');
}

/**
 * After sign-out: remove shown notifications, the push subscription and the stored person. The
 * server deletes its subscription row with the session.
 */
export async function clearDevice() {
  try {
    localStorage.removeItem('parley.known');
    localStorage.removeItem('parley.custom-emoji');
  } catch {
    // Storage is unavailable: nothing was stored.
  }
  await clearShown();
  await globalThis.caches?.delete(HANDLED_PUSHES);
  await (await getSubscription())?.unsubscribe();
}

/** Close shown notifications. @param {(chat: string, seq: number) => boolean} [which] default all;
 * `seq` is the first message that the notification is about */
export async function clearShown(which = () => true) {
  const shown = (await (await getRegistration())?.getNotifications?.()) ?? [];
  for (const one of shown) if (which(one.tag, one.data?.seq ?? 0)) one.close();
}

/** @template T @param {Promise<T>} work @returns {Promise<T>} */
function withTimeout(work) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error('The browser did not respond in time.')), BROWSER_TIMEOUT_MS);
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

/** Decode base64url. @param {string} key */
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

/** `Firefox on Linux`: how people recognise the device in a list. */
export function deviceName(agent = navigator.userAgent) {
  /** @param {[RegExp, string][]} names */
  const first = (names) => names.find(([sign]) => sign.test(agent))?.[1] ?? '';
  return [first(BROWSERS), first(SYSTEMS)].filter(Boolean).join(' on ') || 'Browser';
}
