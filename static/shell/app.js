/**
 * `<parley-app>`: the two panes, and which place the address asks for.
 *
 * @module
 */

/** @import { ChatView, ConnectionView, ContactView, MeView } from '../realtime/contract.js' */

import { connect } from '../realtime/client.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { titleOf } from '../chats/list.js';
import '../chats/room.js';
import { router } from './router.js';
import { connectionLine, fetchMenu, search, sideView } from './sidebar.js';
import { useZone } from './times.js';
import { View, html, nothing } from './view.js';
import { count, loadWords, t } from './words.js';

export class ParleyApp extends View {
  /** @type {ChatView[] | null} */
  #chats = null;
  /** @type {ContactView[]} */
  #contacts = [];
  /** @type {ConnectionView | null} */
  #connection = null;
  /** @type {MeView | null} */
  #me = null;
  /** What else is said where the line about the connection is: `notifications/notices.js`. */
  #notes = { line: () => /** @type {unknown} */ (nothing) };

  start() {
    // The page brought the two panes as empty paper, so that nothing jumps; now they are drawn.
    this.replaceChildren();
    const client = connect();
    this.until(
      client.watchConnection((view) => {
        const ends = view.state === 'signed_out' && this.#connection?.state !== 'signed_out';
        this.#took(() => (this.#connection = view));
        // Once it is drawn, and dialogs have given the focus back to what is no more.
        if (ends) queueMicrotask(() => this.querySelector('main')?.focus());
      }),
      client.watchChats((chats) => this.#took(() => (this.#chats = chats))),
      client.watchContacts((contacts) => this.#took(() => (this.#contacts = contacts))),
      client.watchMe((view) =>
        this.#took(() => {
          useZone(view.me.time_zone);
          if (!this.#me) this.#prepare();
          this.#me = view;
        }),
      ),
    );
    this.listen(router, 'moved', () => this.#moved());
    this.listen(document, 'keydown', (event) => this.#key(event));
    // "Yesterday" and "20 minutes ago" grow old by themselves.
    const minute = setInterval(() => this.update(), 60_000);
    this.until(() => clearInterval(minute));
    if (router.place.name === 'people') void import('../contacts/people.js');
  }

  /** Fetch what the first paint did without, so that it is there (offline, too) when it is wanted. */
  #prepare() {
    const fetch = () => {
      fetchMenu().then(
        () => this.update(),
        () => {},
      );
      import('./prefetch.js').catch(() => {});
      import('../notifications/start.js').then(
        ({ begin }) => (this.#notes = begin(() => this.update())),
        () => {},
      );
    };
    // Safari waits for nothing: it gets a moment instead.
    if ('requestIdleCallback' in globalThis) requestIdleCallback(fetch, { timeout: 2000 });
    else setTimeout(fetch, 500);
  }

  /** @param {() => void} keep */
  #took(keep) {
    keep();
    this.update();
  }

  #moved() {
    if (router.place.name === 'people') void import('../contacts/people.js');
    this.draw();
    if (router.place.name !== 'chat') this.querySelector('main')?.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === 'F6' && event.ctrlKey) {
      event.preventDefault();
      this.#nextRegion(event.shiftKey ? -1 : 1);
    }
    if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
      event.preventDefault();
      if (this.#connection?.state !== 'signed_out') search();
    }
  }

  /** @param {number} by */
  #nextRegion(by) {
    const all = /** @type {HTMLElement[]} */ ([...this.querySelectorAll('[data-region]')]);
    const regions = all.filter((region) => region.checkVisibility());
    const here = regions.findIndex((region) => region.contains(document.activeElement));
    const region = regions[(here + by + regions.length) % regions.length];
    const inside = /** @type {HTMLElement | null} */ (
      region?.querySelector('[data-key][tabindex="0"], a[aria-current]')
    );
    (inside ?? region)?.focus();
  }

  view() {
    const { place } = router;
    this.#title();
    if (this.#connection?.state === 'signed_out') return DOOR();
    const about = connectionLine(this.#connection);
    const line = about === nothing ? this.#notes.line() : about;
    return html`<div class="app" data-pane=${place.name === 'home' ? 'list' : 'main'}>
      ${sideView({
        me: this.#me?.me ?? null,
        online: this.#connection?.state === 'online',
        invitations: this.#contacts.filter(({ state }) => state === 'incoming').length,
        chats: this.#chats,
        current: place.name === 'chat' ? place.chat : '',
        line,
      })}
      <main class="main" id="main" tabindex="-1">${repeat(
        [place],
        (at) => (at.name === 'chat' ? at.chat : at.name),
        (at) => this.#place(at, line),
      )}</main>
    </div>`;
  }

  /** @param {typeof router.place} place @param {unknown} line */
  #place(place, line) {
    if (place.name === 'chat') {
      return html`<chat-room .chat=${place.chat} .place=${place} .line=${line}></chat-room>`;
    }
    if (place.name === 'people') {
      return html`<people-view .query=${place.query} .contacts=${this.#contacts}></people-view>`;
    }
    if (place.name === 'notifications') {
      import('../notifications/settings.js').catch(() => {});
      return html`<notification-settings .me=${this.#me} .chats=${this.#chats}></notification-settings>`;
    }
    const none = this.#chats?.length === 0;
    return html`<div class="welcome">
      <h1>${none ? t('Welcome to Parley') : t('Pick up where you left off')}</h1>
      <p>${none ? t('Find somebody you know, invite them, and talk.') : t('Choose a chat, or find somebody to talk with.')}</p>
      <a class="btn btn-quiet" href="/people">${t('People')}</a>
    </div>`;
  }

  #title() {
    const { place } = router;
    if (this.#connection?.state === 'signed_out') {
      document.title = 'Parley';
      return;
    }
    const unread = (this.#chats ?? []).filter((chat) => chat.unread && !chat.muted).length;
    const here = place.name === 'chat' && this.#chats?.find(({ id }) => id === place.chat);
    const names = { people: t('People'), notifications: t('Notifications'), home: '', chat: '' };
    const name = here ? titleOf(here) : names[place.name];
    const title = name ? `${name} · Parley` : 'Parley';
    document.title = unread ? `(${count(unread)}) ${title}` : title;
  }
}

/** Whoever stands before it now may be somebody else: nothing of the person stays in sight. */
const DOOR = () => html`<main class="main" id="main" tabindex="-1"><div class="welcome">
  <h1>${t('You are signed out')}</h1>
  <p>${t('What you wrote and did not send is kept on this device until you are back.')}</p>
  <a class="btn" href="${document.body.dataset.login ?? '/'}?next=${encodeURIComponent(location.pathname)}">${t('Sign in')}</a>
</div></main>`;

// Nothing is drawn before this element is known, so the words are there for all of it.
await loadWords();
customElements.define('parley-app', ParleyApp);
