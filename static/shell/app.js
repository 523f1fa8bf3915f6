/**
 * `<parley-app>`: the two panes, and the page of the current route.
 *
 * @module
 */

/** @import { ChatView, ConnectionView, ContactView, MeView } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { isWaiting } from '../chats/attention.js';
import { chatTitle } from '../chats/list.js';
import '../chats/room.js';
import { openLink } from '../contacts/open-link.js';
import { isCommand } from './keys.js';
import { lastChat, rememberChat } from './last-chat.js';
import { router } from './router.js';
import { loadMenu, search, sideBanner, sidebarView } from './sidebar.js';
import { useZone } from './times.js';
import { View, html, nothing } from './view.js';
import { count, loadWords, t } from './words.js';

export class ParleyApp extends View {
  /** @type {ChatView[] | null} */
  #chats = null;
  /** @type {ContactView[]} */
  #contacts = [];
  /** How much waits for the reader as a moderator. */
  #waiting = 0;
  /** @type {ConnectionView | null} */
  #connection = null;
  /** @type {typeof import('./connection-banner.js').connectionBanner} */
  #connectionBanner = () => nothing;
  /** @type {MeView | null} */
  #me = null;
  /** The list of the settings' pages, once one of them was opened.
   * @type {typeof import('./settings-nav.js').settingsNav | null} */
  #settingsNav = null;
  /** Shown in place of the connection banner while there is none: `notifications/notices.js`. */
  #notices = { banner: () => /** @type {unknown} */ (nothing) };

  start() {
    // The server rendered two empty panes, so that nothing jumps: replace them.
    this.replaceChildren();
    const client = connect();
    this.addCleanup(
      client.watchConnection((view) => {
        const ends = view.state === 'signed_out' && this.#connection?.state !== 'signed_out';
        this.#set(() => (this.#connection = view));
        // After the draw, and after closing dialogs returned the focus to elements that are gone.
        if (ends) queueMicrotask(() => this.querySelector('main')?.focus());
      }),
      client.watchChats((chats) => {
        const isFirst = !this.#chats;
        this.#set(() => (this.#chats = chats));
        if (isFirst) this.#begin();
      }),
      client.watchContacts((contacts) => this.#set(() => (this.#contacts = contacts))),
      client.watchMe((view) =>
        this.#set(() => {
          useZone(view.me);
          if (!this.#me) this.#prefetch();
          this.#me = view;
          if (view.me.warnings?.length) showWarnings();
        }),
      ),
    );
    whenIdle(() => {
      import('./connection-banner.js').then(
        ({ connectionBanner }) => this.#set(() => (this.#connectionBanner = connectionBanner)),
        () => {},
      );
    }, 2000);
    router.start();
    this.listen(router, 'navigated', () => this.#navigated());
    this.listen(document, 'keydown', (event) => this.#key(event));
    this.listen(document, 'click', openCard);
    // Relative times (“20 minutes ago”) change with time alone.
    const minute = setInterval(() => this.update(), 60_000);
    this.addCleanup(() => clearInterval(minute));
    if (router.route.name === 'people') void import('../contacts/people.js');
  }

  /**
   * Fetch the modules that the first paint did not need: first those that every page uses, then
   * those that open on a click, so that they are there when wanted, also offline.
   */
  #prefetch() {
    whenIdle(() => {
      loadMenu().then(
        () => this.update(),
        () => {},
      );
      // Pictures of people and chats are on every page.
      import('../files/avatar-picture.js').catch(() => {});
      if ('moderates' in document.body.dataset) {
        import('../moderation/waiting.js').then(
          ({ watchWaiting }) => watchWaiting((waiting) => this.#set(() => (this.#waiting = waiting))),
          () => {},
        );
      }
      openAsked();
      import('./chat-keys.js').then(({ watchKeys }) => this.addCleanup(watchKeys(() => this.#chats ?? [])), () => {});
      import('./open-menus.js').then(({ closeMenusOnBack }) => this.addCleanup(closeMenusOnBack()), () => {});
      import('../accounts/remember-me.js').then(({ keepRemembered }) => keepRemembered(), () => {});
      import('../notifications/start.js').then(
        ({ startNotifications }) => (this.#notices = startNotifications(() => this.update())),
        () => {},
      );
    }, 2000);
    whenIdle(() => import('./prefetch.js').catch(() => {}), 8000);
  }

  /** @param {() => void} change */
  #set(change) {
    change();
    this.update();
  }

  #navigated() {
    if (router.route.name === 'people') void import('../contacts/people.js');
    this.draw();
    if (router.route.name === 'chat') rememberChat(router.route.chat);
    openAsked();
    if (router.route.name !== 'chat') this.querySelector('main')?.focus({ preventScroll: true });
  }

  /** On a wide screen the page begins with the chat that was open last. */
  #begin() {
    const { route } = router;
    if (route.name === 'chat') rememberChat(route.chat);
    if (route.name !== 'home' || asked() || matchMedia('(max-width: 640px)').matches) return;
    const chat = lastChat(this.#chats ?? []);
    if (chat) router.go(`/c/${chat}`, { replace: true });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === 'F6' && event.ctrlKey) {
      event.preventDefault();
      this.#nextRegion(event.shiftKey ? -1 : 1);
    }
    if (isCommand(event, 'k')) {
      event.preventDefault();
      if (this.#connection?.state !== 'signed_out') search();
    }
    if ((event.key === 'Enter' || event.key === ' ') && event.target instanceof HTMLSpanElement) openCard(event);
    if (isCommand(event, 'f')) this.#searchHere(event);
  }

  /** Search in the open chat. A second Ctrl+F is the browser's own. @param {KeyboardEvent} event */
  #searchHere(event) {
    const { route } = router;
    const chat = route.name === 'chat' && this.#chats?.find(({ id }) => id === route.chat);
    if (!chat || event.defaultPrevented || document.querySelector('dialog[open], .type-ahead')) return;
    event.preventDefault();
    search(chat);
  }

  /** @param {number} by */
  #nextRegion(by) {
    const all = /** @type {HTMLElement[]} */ ([...this.querySelectorAll('[data-region]')]);
    const regions = all.filter((region) => region.checkVisibility() && !region.closest('[inert]'));
    // The field of a thread lies in its panel.
    const here = regions.findLastIndex((region) => region.contains(document.activeElement));
    const region = regions[(here + by + regions.length) % regions.length];
    const inside = /** @type {HTMLElement | null} */ (
      region?.querySelector('[data-key][tabindex="0"], .chat[tabindex="0"]')
    );
    (inside ?? region)?.focus();
  }

  view() {
    const { route } = router;
    this.#title();
    if (this.#connection?.state === 'signed_out') return signedOutView();
    const connection = this.#connectionBanner(this.#connection);
    const banner = connection === nothing ? this.#notices.banner() : connection;
    const reader = { me: this.#me?.me ?? null, online: this.#connection?.state === 'online', waiting: this.#waiting };
    const nav = route.name === 'notifications' ? this.#settingsNav : null;
    return html`<div class="app ${nav ? 'settings-shell' : ''}" data-pane=${route.name === 'home' ? 'list' : 'main'}>
      ${nav ? nav({ ...reader, banner: sideBanner(banner) }) : sidebarView({
        ...reader,
        invitations: this.#contacts.filter(({ state }) => state === 'incoming').length,
        chats: this.#chats,
        current: route.name === 'chat' ? route.chat : '',
        banner,
      })}
      <main class="main" id="main" tabindex="-1">${repeat(
        [route],
        (at) => (at.name === 'chat' ? at.chat : at.name),
        (at) => this.#page(at, banner),
      )}</main>
    </div>`;
  }

  /** @param {typeof router.route} route @param {unknown} banner */
  #page(route, banner) {
    if (route.name === 'chat') {
      return html`<chat-room .chat=${route.chat} .route=${route} .statusBanner=${banner}></chat-room>`;
    }
    if (route.name === 'people') {
      return html`<people-view .query=${route.query} .contacts=${this.#contacts}></people-view>`;
    }
    if (route.name === 'notifications') {
      import('../notifications/settings.js').catch(() => {});
      if (!this.#settingsNav) {
        import('./settings-nav.js').then(({ settingsNav }) => this.#set(() => (this.#settingsNav = settingsNav)), () => {});
      }
      return html`<notification-settings .me=${this.#me} .chats=${this.#chats}></notification-settings>`;
    }
    if (route.name === 'share') {
      import('../share/share-page.js').catch(() => {});
      return html`<share-page .problem=${route.problem}></share-page>`;
    }
    const none = this.#chats?.length === 0;
    return html`<div class="welcome">
      <h1>${none ? t('Welcome to Parley') : t('Pick up where you left off')}</h1>
      <p>${none ? t('Find somebody you know, or give people your link, and talk.') : t('Choose a chat, or find somebody to talk with.')}</p>
      <div class="welcome-ways"><a class="btn btn-quiet" href="/people">${t('People')}</a>${
        none ? html`<button class="btn btn-quiet" @click=${openLink}>${t('Invite by a link')}</button>` : nothing
      }</div>
    </div>`;
  }

  #title() {
    const { route } = router;
    if (this.#connection?.state === 'signed_out') {
      document.title = 'Parley';
      return;
    }
    const unread = (this.#chats ?? []).filter(isWaiting).length;
    const here = route.name === 'chat' && this.#chats?.find(({ id }) => id === route.chat);
    const names = { people: t('People'), notifications: t('Notifications'), share: t('Share'), home: '', chat: '' };
    const name = here ? chatTitle(here) : names[route.name];
    const title = name ? `${name} · Parley` : 'Parley';
    document.title = unread ? `(${count(unread)}) ${title}` : title;
  }
}

/**
 * Call `work` when the page is idle.
 *
 * @param {() => void} work
 * @param {number} within ms: then it is called anyway
 */
function whenIdle(work, within) {
  // Safari has no requestIdleCallback.
  if ('requestIdleCallback' in globalThis) requestIdleCallback(work, { timeout: within });
  else setTimeout(work, within / 4);
}

/**
 * Shown after sign-out. Another person may use the device next, so nothing personal stays visible.
 */
function signedOutView() {
  import('../moderation/suspension-notice.js').catch(() => {});
  return html`<main class="main" id="main" tabindex="-1"><div class="welcome">
  <h1>${t('You are signed out')}</h1>
  <p>${t('What you wrote and did not send is kept on this device until you are back.')}</p>
  <suspension-notice></suspension-notice>
  <a class="btn" href="${document.body.dataset.login ?? '/'}?next=${encodeURIComponent(location.pathname)}">${t('Sign in')}</a>
</div></main>`;
}

/** A name was pressed, with the mouse, or a mention by a key. Offline, and the module was never
 * fetched: nothing opens. @param {Event} event */
function openCard(event) {
  const name = /** @type {HTMLElement?} */ (/** @type {Element} */ (event.target).closest('[data-card]'));
  const person = name?.dataset.card;
  // A name inside a link, as in what a search finds, leads where the link does.
  if (!person || name?.closest('a')) return;
  event.preventDefault();
  import('../contacts/person-card.js').then(({ openPersonCard }) => openPersonCard(person), () => {});
}

/** What opens above the start page: a notification about a report leads to the list of them, and the
 * icon of the installed app has two shortcuts (the manifest).
 * @type {Record<string, () => unknown>} */
const ASKED = {
  '?reports': () => import('../moderation/my-reports.js').then(({ openMyReports }) => openMyReports(), () => {}),
  '?new': () => import('../groups/new-chat.js').then(({ openNewChat }) => openNewChat(), () => {}),
  '?search': search,
};

const asked = () => (location.pathname === '/' ? ASKED[location.search] : undefined);

function openAsked() {
  const open = asked();
  if (!open) return;
  history.replaceState(history.state, '', '/');
  open();
}

/** Offline, and the module was never fetched: the next page shows them. */
function showWarnings() {
  import('../moderation/warning-notice.js').then((module) => module.showWarnings(), () => {});
}

// The owner starts and reads what is stored, while the translations are fetched.
connect();
// Load translations before defining the element: nothing is drawn before that.
await loadWords();
customElements.define('parley-app', ParleyApp);
