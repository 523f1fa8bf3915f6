/**
 * The service worker's second half: what is pushed is shown, one notification a chat.
 *
 * A push is `{kind: 'show', chat, seq, count, title, body, silent}` or `{kind: 'clear', chat}`
 * (docs/protocol.md, "Notifications").
 */
{
  /** @type {any} */
  const worker = self;
  const { icon, badge: sign, csrf, words, isApp } = worker.PARLEY;
  /** How long an open page may take to answer. */
  const ANSWER_MS = 500;

  /** @typedef {{ kind: string, chat: string, seq?: number, count?: number, title?: string,
   *   body?: string, silent?: boolean }} Told */

  worker.addEventListener('push', (/** @type {any} */ event) => {
    event.waitUntil(take(event.data?.json() ?? {}));
  });

  worker.addEventListener('notificationclick', (/** @type {any} */ event) => {
    event.waitUntil(open(event.notification));
  });

  worker.addEventListener('pushsubscriptionchange', (/** @type {any} */ event) => {
    event.waitUntil(renew(event.newSubscription, event.oldSubscription));
  });

  /** @param {Told} told */
  async function take(told) {
    if (!told.chat) return;
    const open = await windows();
    // An open page counts better: it knows all chats. Asked before, not after: a browser forgets
    // what it has not had the time to show.
    if (!open.length) await badge(told);
    if (told.kind === 'clear') {
      await clear(told.chat);
      return;
    }
    const seen = await looking(open, told.chat);
    if (!seen) await show(told);
    else if (await mustShow()) await show({ ...told, silent: true });
  }

  /**
   * Whether pushes that show nothing are counted: Safari ends a subscription after three of them
   * (WWDC 2022, "Meet Web Push for Safari").
   */
  async function mustShow() {
    const made = await worker.registration.pushManager.getSubscription().catch(() => null);
    return Boolean(made && new URL(made.endpoint).hostname.endsWith('.push.apple.com'));
  }

  /** @param {string} chat */
  async function clear(chat) {
    for (const one of await worker.registration.getNotifications({ tag: chat })) one.close();
  }

  /** @param {Told} told */
  async function show({ chat, seq = 0, count = 1, title = '', body = '', silent = false }) {
    const few = count > 1 ? words.many.replace('{n}', many(count)) : words.one;
    await worker.registration.showNotification(title ? headed(title, count) : 'Parley', {
      body: title ? body : few,
      tag: chat,
      icon,
      badge: sign,
      silent,
      renotify: !silent,
      data: { seq, path: seq ? `/c/${chat}/at/${seq}` : `/c/${chat}` },
    });
  }

  /** @param {string} title @param {number} count */
  const headed = (title, count) => (count > 1 ? `${title} (${many(count)})` : title);

  /** The server counts no further than a thousand. @param {number} count */
  const many = (count) => (count < 1000 ? String(count) : '999+');

  /** Open pages of this app, and no others of this server. @returns {Promise<any[]>} */
  async function windows() {
    const all = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
    return all.filter((/** @type {any} */ { url }) => isApp(url));
  }

  /**
   * Whether somebody looks at the chat just now: only the page itself knows its place.
   *
   * @param {any[]} open
   * @param {string} chat
   */
  async function looking(open, chat) {
    const seen = open.filter(({ focused, visibilityState }) => focused && visibilityState === 'visible');
    const answers = await Promise.all(seen.map((one) => ask(one, { kind: 'looking', chat })));
    return answers.includes(true);
  }

  /**
   * Ask a page; null when it does not answer, because it is not ready or lies frozen.
   *
   * @param {any} client
   * @param {object} question
   * @returns {Promise<boolean | null>}
   */
  function ask(client, question) {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => resolve(data);
      setTimeout(() => resolve(null), ANSWER_MS);
      client.postMessage(question, [port2]);
    });
  }

  /** Go to what was clicked on, in a page that is open or in a new one. @param {any} notification */
  async function open(notification) {
    notification.close();
    const path = notification.data?.path ?? '/';
    const all = (await windows()).sort((a, b) => Number(b.focused) - Number(a.focused));
    for (const one of all) {
      // A browser gives the focus only to who was really clicked on, and then opens no window.
      await one.focus().catch(() => {});
      if (await ask(one, { kind: 'go', path })) return;
    }
    await worker.clients.openWindow(path).catch(() => {});
  }

  /** The browser has changed the subscription by itself: tell the server of the new one.
   * @param {any} next @param {any} last */
  async function renew(next, last) {
    const key = last?.options?.applicationServerKey;
    const made = next ?? (key && (await worker.registration.pushManager
      .subscribe({ userVisibleOnly: true, applicationServerKey: key }).catch(() => null)));
    // Open pages do it under a name of the device; so does the next page that begins.
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

  /** As many chats as are told of. Nothing else may fail with it. @param {Told} told */
  async function badge(told) {
    try {
      await count(told);
    } catch {
      // Not installed, or not allowed.
    }
  }

  /** @param {Told} told */
  async function count({ kind, chat }) {
    const chats = new Set((await worker.registration.getNotifications()).map((/** @type {any} */ one) => one.tag));
    if (kind === 'clear') chats.delete(chat);
    else chats.add(chat);
    if (chats.size) await worker.navigator.setAppBadge?.(chats.size);
    else await worker.navigator.clearAppBadge?.();
  }
}
