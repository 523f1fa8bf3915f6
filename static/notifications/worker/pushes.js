/**
 * The service worker's second half: what is pushed is shown, one notification a chat.
 *
 * A push is `{kind: 'show', chat, seq, count, title, body, silent}` or `{kind: 'clear', chat}`
 * (docs/protocol.md, "Notifications").
 */
{
  /** @type {any} */
  const worker = self;
  const { icon, badge: badgeIcon, csrf, words, isApp } = worker.PARLEY;
  /** How long an open page may take to answer. */
  const ANSWER_TIMEOUT_MS = 500;

  /** @typedef {{ kind: string, chat: string, seq?: number, count?: number, title?: string,
   *   body?: string, silent?: boolean }} Push */

  worker.addEventListener('push', (/** @type {any} */ event) => {
    event.waitUntil(handlePush(event.data?.json() ?? {}));
  });

  worker.addEventListener('notificationclick', (/** @type {any} */ event) => {
    event.waitUntil(open(event.notification));
  });

  worker.addEventListener('pushsubscriptionchange', (/** @type {any} */ event) => {
    event.waitUntil(renew(event.newSubscription, event.oldSubscription));
  });

  /** @param {Push} push */
  async function handlePush(push) {
    if (!push.chat) return;
    const open = await windows();
    // An open page counts better: it knows all chats. Asked before, not after: a browser forgets
    // what it has not had the time to show.
    if (!open.length) await showBadge(push);
    if (push.kind === 'clear') {
      await clear(push.chat);
      return;
    }
    const seen = await isLookingAt(open, push.chat);
    if (!seen) await show(push);
    else if (await mustShowEveryPush()) await show({ ...push, silent: true });
  }

  /**
   * Whether pushes that show nothing are counted: Safari ends a subscription after three of them
   * (WWDC 2022, "Meet Web Push for Safari").
   */
  async function mustShowEveryPush() {
    const made = await worker.registration.pushManager.getSubscription().catch(() => null);
    return Boolean(made && new URL(made.endpoint).hostname.endsWith('.push.apple.com'));
  }

  /** @param {string} chat */
  async function clear(chat) {
    for (const one of await worker.registration.getNotifications({ tag: chat })) one.close();
  }

  /** @param {Push} push */
  async function show({ chat, seq = 0, count = 1, title = '', body = '', silent = false }) {
    const few = count > 1 ? words.many.replace('{n}', countText(count)) : words.one;
    await worker.registration.showNotification(title ? withCount(title, count) : 'Parley', {
      body: title ? body : few,
      tag: chat,
      icon,
      badge: badgeIcon,
      silent,
      renotify: !silent,
      data: { seq, path: seq ? `/c/${chat}/at/${seq}` : `/c/${chat}` },
    });
  }

  /** @param {string} title @param {number} count */
  const withCount = (title, count) => (count > 1 ? `${title} (${countText(count)})` : title);

  /** The server counts no further than a thousand. @param {number} count */
  const countText = (count) => (count < 1000 ? String(count) : '999+');

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
  async function isLookingAt(open, chat) {
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
      setTimeout(() => resolve(null), ANSWER_TIMEOUT_MS);
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

  /** As many chats as are push of. Nothing else may fail with it. @param {Push} push */
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
