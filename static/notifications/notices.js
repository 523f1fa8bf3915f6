/**
 * One quiet line at a time, where the line about the connection stands while all is well: may we
 * notify, what could not be told, how to install.
 *
 * @module
 */

/** @import { ChatView, ConnectionView, MeView } from '../realtime/contract.js' */

import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { choices, needsHomeScreen, turnOn } from './device.js';

class Notes extends EventTarget {
  /** @type {MeView | null} */
  #me = null;
  /** @type {Map<string, ChatView>} */
  #chats = new Map();
  /** Chats with an own message under way. @type {Set<string>} */
  #sending = new Set();
  /** Undelivered that were seen: `chat:seq`. @type {Set<string>} */
  #seen = new Set();
  #asking = false;
  #uncached = false;
  #uncachedSeen = false;

  /** @param {MeView} view */
  me(view) {
    this.#me = view;
    this.changed();
  }

  /** @param {ChatView[]} chats */
  chats(chats) {
    this.#chats = new Map(chats.map((chat) => [chat.id, chat]));
    for (const { id, last } of chats) {
      const own = last?.mine && last.kind === 'text';
      if (own && last.state === 'pending') this.#sending.add(id);
      else if (own && last.state === 'sent' && this.#sending.delete(id) && !choices.get('sent')) {
        choices.set('sent', 'yes');
      }
    }
    this.changed();
  }

  /** @param {ConnectionView} view */
  connection({ uncached }) {
    if (uncached === this.#uncached) return;
    this.#uncached = uncached;
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event('changed'));
  }

  /** @returns {unknown} a template, or nothing */
  line() {
    return this.#undelivered() ?? this.#nothingStored() ?? this.#permission() ?? this.#homeScreen() ?? nothing;
  }

  #undelivered() {
    const missed = (this.#me?.undelivered ?? []).filter(({ chat, last_seq }) => {
      const { read_seq = last_seq } = this.#chats.get(chat) ?? {};
      return read_seq < last_seq && !this.#seen.has(`${chat}:${last_seq}`);
    });
    if (!missed.length) return null;
    const words = tn(
      'While you were away, {n} chat could not reach your devices.',
      'While you were away, {n} chats could not reach your devices.',
      missed.length,
    );
    const [{ chat, first_seq }] = missed;
    const close = () => {
      for (const one of missed) this.#seen.add(`${one.chat}:${one.last_seq}`);
      this.changed();
    };
    return note('bell-slash', words, html`<a class="link" href="/c/${chat}/at/${first_seq}">${t('Read it')}</a>`, close);
  }

  #nothingStored() {
    if (!this.#uncached || this.#uncachedSeen) return null;
    const words = t('This browser stores nothing more: chats cannot be read offline. Nothing is lost.');
    const close = () => {
      this.#uncachedSeen = true;
      this.changed();
    };
    return note('warning-circle', words, nothing, close);
  }

  /** Asked once, when they have shown that they want to talk here. */
  #permission() {
    const asks = globalThis.Notification?.permission === 'default' && !this.#asking;
    if (!asks || !choices.get('sent') || choices.get('asked') || !this.#me?.notifications) return null;
    const { push_key: key } = this.#me.notifications;
    const allow = async () => {
      this.#asking = true;
      this.changed();
      await turnOn(key).catch(() => {});
      this.#asking = false;
      this.changed();
    };
    return html`<div class="line-in" data-note="permission">${icon('bell', { size: '16' })}<span>${t('Shall this device tell you when somebody answers?')}</span>
      <button class="link" @click=${allow}>${t('Yes')}</button>
      <button class="link" @click=${() => choices.set('asked', 'no')}>${t('Not now')}</button></div>`;
  }

  #homeScreen() {
    if (!needsHomeScreen() || choices.get('install') || !choices.get('sent')) return null;
    const words = t('To be notified here, add Parley to your home screen: Share, then “Add to Home Screen”.');
    return note('download-simple', words, nothing, () => choices.set('install', 'no'));
  }
}

/** @param {string} picture @param {string} words @param {unknown} verb @param {() => void} close */
const note = (picture, words, verb, close) =>
  html`<div class="line-in" data-note=${picture}>${icon(picture, { size: '16' })}<span>${words}</span>${verb}
    <button class="link" @click=${close}>${t('Close')}</button></div>`;

export const notes = new Notes();
