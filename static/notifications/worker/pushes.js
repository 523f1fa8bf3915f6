/**
 * The push half of the service worker: shows pushes, one notification per chat.
 *
 * A push is `{kind: 'show', chat, seq, count, title, body, silent, picture, path, last, renew}` or
 * `{kind: 'clear', chat}`. With `path` it is about no message; `chat` only names it
 * (docs/protocol.md, "Notifications").
 */
{
  /** @type {any} */
  const worker = self;
  const { icon, badge: badgeIcon, csrf, words, isApp } = worker.PARLEY;
  /** How long to wait for a page's answer. */
  const ANSWER_TIMEOUT_MS = 500;
  /** How long a notification waits for its picture. */
  const PICTURE_TIMEOUT_MS = 2000;
  const MAX_PICTURE_BYTES = 512 * 1024;
  /** A cache with the last message of each chat that a push was about. As in device.js. */
  const HANDLED = 'parley-handled-pushes';

  /** @typedef {{ kind: string, chat: string, seq?: number, count?: number, title?: string,
   *   body?: string, silent?: boolean, picture?: string, path?: string, last?: number,
   *   renew?: boolean }} Push */

  /** The last push of each chat, until it is handled: what `hurry` aborts is not waited for.
   * @type {Map<string, { handled: Promise<void>, hurry: AbortController }>} */
  const last = new Map();

  worker.addEventListener('push', (/** @type {any} */ event) => {
    event.waitUntil(inOrder(event.data?.json() ?? {}));
  });

  worker.addEventListener('notificationclick', (/** @type {any} */ event) => {
    event.waitUntil(open(event.notification));
  });

  worker.addEventListener('pushsubscriptionchange', (/** @type {any} */ event) => {
    event.waitUntil(renew(event.newSubscription, event.oldSubscription));
  });

  /** Handle a push after those before it of the same chat, which wait for no picture any more: a
   * notification must not come back after it was cleared or replaced. @param {Push} push */
  async function inOrder(push) {
    if (!push.chat) return;
    const before = last.get(push.chat);
    before?.hurry.abort();
    const hurry = new AbortController();
    const handling = Promise.resolve(before?.handled).then(() => handlePush(push, hurry.signal));
    const one = { handled: handling.catch(() => {}), hurry };
    last.set(push.chat, one);
    await handling.finally(() => last.get(push.chat) === one && last.delete(push.chat));
  }

  /** @param {Push} push @param {AbortSignal} hurry */
  async function handlePush(push, hurry) {
    if (push.renew && (await wasClosed(push)) && !(await mustShowEveryPush())) return;
    const open = await windows();
    // An open page knows all chats, so it counts better. Count before showing: Chromium may forget
    // a notification when it is asked for the list before it has shown it.
    if (!open.length) await showBadge(push);
    if (push.kind === 'clear') {
      await clear(push.chat);
      return;
    }
    await remember(push).catch(() => {});
    // An open page shows what is no message by itself.
    const seen = push.path ? open.some(isSeen) : await isLookingAt(open, push.chat);
    if (!seen) await show(push, hurry);
    else if (await mustShowEveryPush()) await show({ ...push, silent: true }, hurry);
  }

  /**
   * Whether every push must show a notification: Safari ends a subscription after three silent
   * pushes (WWDC 2022, "Meet Web Push for Safari").
   */
  async function mustShowEveryPush() {
    const made = await worker.registration.pushManager.getSubscription().catch(() => null);
    return Boolean(made && new URL(made.endpoint).hostname.endsWith('.push.apple.com'));
  }

  /** Remember the last message of the push. @param {Push} push */
  async function remember({ chat, last }) {
    if (last) await (await caches.open(HANDLED)).put(`/handled/${chat}`, new Response(String(last)));
  }

  /** Whether this device had the notification that the push renews, and does not show it any more.
   * It never had it when the push service has replaced the push of it by this one. @param {Push} push */
  async function wasClosed({ chat, last = 0 }) {
    try {
      const handled = await (await caches.open(HANDLED)).match(`/handled/${chat}`);
      if (!handled || Number(await handled.text()) < last) return false;
      return !(await worker.registration.getNotifications({ tag: chat })).length;
    } catch {
      return false;
    }
  }

  /** @param {string} chat */
  async function clear(chat) {
    for (const one of await worker.registration.getNotifications({ tag: chat })) one.close();
  }

  /** @param {Push} push @param {AbortSignal} hurry */
  async function show({ chat, seq = 0, count = 1, title = '', body = '', silent = false, picture, path }, hurry) {
    const few = count > 1 ? words.many.replace('{n}', countText(count)) : words.one;
    await worker.registration.showNotification(title ? withCount(title, count) : 'Parley', {
      body: title ? body : few,
      tag: chat,
      icon,
      badge: badgeIcon,
      ...(picture && { image: await load(picture, hurry) }),
      silent,
      renotify: !silent,
      data: { seq, path: path ?? (seq ? `/c/${chat}/at/${seq}` : `/c/${chat}`) },
    });
  }

  /**
   * A picture as a `data:` URL, loaded with the person's session: no other address of it works.
   * Undefined on a poor network, after a sign-out, or if it takes too long.
   *
   * @param {string} picture a file
   * @param {AbortSignal} hurry
   * @returns {Promise<string | undefined>}
   */
  async function load(picture, hurry) {
    const { saveData, effectiveType = '' } = worker.navigator.connection ?? {};
    if (saveData || /^(slow-)?2g$|^3g$/.test(effectiveType)) return undefined;
    try {
      const signal = AbortSignal.any([hurry, AbortSignal.timeout(PICTURE_TIMEOUT_MS)]);
      const response = await fetch(`/api/v1/files/${picture}/content/thumbnail`, { signal });
      const bytes = new Uint8Array(await response.arrayBuffer());
      const type = response.headers.get('Content-Type') ?? '';
      if (!response.ok || !type.startsWith('image/') || bytes.length > MAX_PICTURE_BYTES) return undefined;
      return `data:${type};base64,${btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''))}`;
    } catch {
      return undefined;
    }
  }

  /** @param {string} title @param {number} count */
  const withCount = (title, count) => (count > 1 ? `${title} (${countText(count)})` : title);

  /** The server stops counting at a thousand. @param {number} count */
  const countText = (count) => (count < 1000 ? String(count) : '999+');

  /** Open pages of the app; not other pages of this server. @returns {Promise<any[]>} */
  async function windows() {
    const all = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
    return all.filter((/** @type {any} */ { url }) => isApp(url));
  }

  /** @param {any} client */
  const isSeen = ({ focused, visibilityState }) => focused && visibilityState === 'visible';

  /**
   * Whether a focused page shows the chat. Only the page knows its route, so ask it.
   *
   * @param {any[]} open
   * @param {string} chat
   */
  async function isLookingAt(open, chat) {
    const seen = open.filter(isSeen);
    const answers = await Promise.all(seen.map((one) => ask(one, { kind: 'looking', chat })));
    return answers.includes(true);
  }

  /**
   * Ask a page; null when it does not answer in time because it is loading or frozen.
   *
   * @param {any} client
   * @param {object} question
   * @returns {Promise<boolean | null>}
   */
  function ask(client, question) {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => resolve(data);
      setTimeout(() => resolve(null), ANSWER_TIMEOUT_MS);
      client.postMessage(question, [port2]);
    });
  }

  /**
   * Open the clicked notification's chat, in an open page or a new one.
   *
   * @param {any} notification
   */
  async function open(notification) {
    notification.close();
    const path = notification.data?.path ?? '/';
    const inApp = isApp(new URL(path, worker.location.origin).href);
    const all = (inApp ? await windows() : []).sort((a, b) => Number(b.focused) - Number(a.focused));
    for (const one of all) {
      // Focus may be refused, and after a focus the browser refuses to open a window.
      await one.focus().catch(() => {});
      if (await ask(one, { kind: 'go', path })) return;
    }
    await worker.clients.openWindow(path).catch(() => {});
  }

  /** The browser replaced the subscription: register the new one with the server.
   * @param {any} next @param {any} last */
  async function renew(next, last) {
    const key = last?.options?.applicationServerKey;
    const made = next ?? (key && (await worker.registration.pushManager
      .subscribe({ userVisibleOnly: true, applicationServerKey: key }).catch(() => null)));
    // An open page registers it with the device's name; so does the next page that starts.
    for (const one of await windows()) if (await ask(one, { kind: 'subscribe' })) return;
    const token = await worker.cookieStore?.get(csrf).catch(() => null);
    if (!made || !token) return;
    const { endpoint, keys } = made.toJSON();
    await fetch('/api/v1/push/devices', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token.value },
      body: JSON.stringify({ endpoint, keys }),
    }).catch(() => {});
  }

  /**
   * Show the number of notified chats. A failure must not affect anything else.
   *
   * @param {Push} push
   */
  async function showBadge(push) {
    try {
      await countChats(push);
    } catch {
      // Not installed, or not allowed.
    }
  }

  /** @param {Push} push */
  async function countChats({ kind, chat }) {
    const chats = new Set((await worker.registration.getNotifications()).map((/** @type {any} */ one) => one.tag));
    if (kind === 'clear') chats.delete(chat);
    else chats.add(chat);
    if (chats.size) await worker.navigator.setAppBadge?.(chats.size);
    else await worker.navigator.clearAppBadge?.();
  }
}
