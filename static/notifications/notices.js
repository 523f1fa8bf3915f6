/**
 * Notices, one at a time, shown in place of the connection banner: undelivered messages, full
 * storage, the message of the day, the permission to notify, how to install the app.
 *
 * @module
 */

/** @import { ChatView, ConnectionView, MeView } from '../realtime/contract.js' */

import { renderText } from '../chats/markup/render.js';
import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { devicePreferences, needsHomeScreen, enablePush } from './device.js';

/** `<motd-text>`: the message of the day. Tab reaches its links, which in a list of messages it does
 * only in one row. */
class MotdText extends View {
  text = '';

  draw() {
    super.draw();
    for (const link of this.querySelectorAll('a')) link.tabIndex = 0;
  }

  view() {
    return renderText(this.text);
  }
}

customElements.define('motd-text', MotdText);

class Notices extends EventTarget {
  /** @type {MeView | null} */
  #me = null;
  /** @type {Map<string, ChatView>} */
  #chats = new Map();
  /** Chats with an own message that is being sent. @type {Set<string>} */
  #sending = new Set();
  /** Closed notices about undelivered messages: `chat:seq`. @type {Set<string>} */
  #closed = new Set();
  #isAsking = false;
  #uncached = false;
  #uncachedClosed = false;

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
      else if (own && last.state === 'sent' && this.#sending.delete(id) && !devicePreferences.get('sent')) {
        devicePreferences.set('sent', 'yes');
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
  banner() {
    return this.#undelivered() ?? this.#storageFull() ?? this.#messageOfTheDay() ?? this.#permission() ?? this.#homeScreen() ?? nothing;
  }

  #undelivered() {
    const missed = (this.#me?.undelivered ?? []).filter(({ chat, last_seq }) => {
      const { read_seq = last_seq } = this.#chats.get(chat) ?? {};
      return read_seq < last_seq && !this.#closed.has(`${chat}:${last_seq}`);
    });
    if (!missed.length) return null;
    const words = tn(
      'While you were away, {n} chat could not reach your devices.',
      'While you were away, {n} chats could not reach your devices.',
      missed.length,
    );
    const [{ chat, first_seq }] = missed;
    const close = () => {
      for (const one of missed) this.#closed.add(`${one.chat}:${one.last_seq}`);
      this.changed();
    };
    return noticeView('bell-slash', words, html`<a class="link" href="/c/${chat}/at/${first_seq}">${t('Read it')}</a>`, close);
  }

  #storageFull() {
    if (!this.#uncached || this.#uncachedClosed) return null;
    const words = t('This browser stores nothing more: chats cannot be read offline. Nothing is lost.');
    const close = () => {
      this.#uncachedClosed = true;
      this.changed();
    };
    return noticeView('warning-circle', words, nothing, close);
  }

  /** Shown on this device until it is closed, and again when it says something else. */
  #messageOfTheDay() {
    const { motd = '' } = this.#me ?? {};
    if (!motd || devicePreferences.get('motd') === motd) return null;
    return noticeView('bell', html`<motd-text dir="auto" .text=${motd}></motd-text>`, nothing, () => devicePreferences.set('motd', motd));
  }

  /** Ask for permission once, after the first sent message. */
  #permission() {
    const asks = globalThis.Notification?.permission === 'default' && !this.#isAsking;
    if (!asks || !devicePreferences.get('sent') || devicePreferences.get('asked') || !this.#me?.notifications) return null;
    const { push_key: key } = this.#me.notifications;
    const allow = async () => {
      this.#isAsking = true;
      this.changed();
      await enablePush(key).catch(() => {});
      this.#isAsking = false;
      this.changed();
    };
    return html`<div class="banner-in" data-notice="permission">${icon('bell', { size: '16' })}<span>${t('Notify you on this device when someone replies?')}</span>
      <button class="link" @click=${allow}>${t('Turn on')}</button>
      <button class="link" @click=${() => devicePreferences.set('asked', 'no')}>${t('Not now')}</button></div>`;
  }

  #homeScreen() {
    if (!needsHomeScreen() || devicePreferences.get('install') || !devicePreferences.get('sent')) return null;
    const words = t('To be notified here, add Parley to your home screen: Share, then “Add to Home Screen”.');
    return noticeView('download-simple', words, nothing, () => devicePreferences.set('install', 'no'));
  }
}

/** @param {string} picture @param {unknown} words @param {unknown} verb @param {() => void} close */
const noticeView = (picture, words, verb, close) =>
  html`<div class="banner-in" data-notice=${picture}>${icon(picture, { size: '16' })}<span>${words}</span>${verb}
    <button class="link" @click=${close}>${t('Close')}</button></div>`;

export const notices = new Notices();
