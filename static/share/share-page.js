/**
 * `<share-page>`: choose the chat for what another app shared. It becomes the draft of that chat.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */
/** @import { Limits } from '../realtime/wire.js' */
/** @import { Shared } from './shared-store.js' */

import { personColor } from '../accounts/person-color.js';
import { errorView } from '../chats/error-text.js';
import { chatAvatar, chatTitle } from '../chats/list.js';
import { checked, chosenFile, measured } from '../files/chosen-files.js';
import { addUrl } from '../files/local-files.js';
import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { router } from '../shell/router.js';
import { View, html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { deleteShared, keepFiles, readShared } from './shared-store.js';

/** So many are shown; the rest is found by name. */
const MAX_SHOWN = 100;

export class SharePage extends View {
  /** Why the service worker kept nothing. */
  problem = '';
  /** @type {Shared | null} null until it is read */
  #shared = null;
  /** @type {ChatView[]} */
  #chats = [];
  /** @type {Limits | null} */
  #limits = null;
  #query = '';
  #error = '';
  #isGiving = false;
  /** The chat that could not take all files. @type {ChatView | null} */
  #filled = null;

  start() {
    this.draw();
    const client = connect();
    this.addCleanup(
      client.watchChats((chats) => {
        this.#chats = chats.filter(({ writable }) => writable);
        this.update();
      }),
      client.watchMe(({ limits }) => {
        this.#limits = limits;
        this.update();
      }),
    );
    readShared(client.person).then(
      (shared) => {
        this.#shared = shared;
        this.update();
      },
      () => {
        this.#error = t('What was shared cannot be read in this browser.');
        this.update();
      },
    );
  }

  /** @param {ChatView} chat */
  async #give(chat) {
    const shared = this.#shared;
    if (!shared || this.#isGiving) return;
    this.#isGiving = true;
    this.#error = '';
    try {
      const refused = await this.#addFiles(chat.id, chat.files.length, shared);
      await this.#addText(chat.id, shared.text);
      shared.text = '';
      if (refused) {
        await keepFiles(shared.keys, shared.files);
        this.#error = refused;
        this.#filled = chat;
      } else {
        await deleteShared(shared.keys);
        router.go(`/c/${chat.id}`, { replace: true });
      }
    } catch {
      this.#error = t('It could not be put into this chat. Nothing was lost: try again.');
    }
    this.#isGiving = false;
    this.update();
  }

  /**
   * Move the files to the draft of a chat, as far as it takes them.
   *
   * @param {string} chat
   * @param {number} present how many files its draft has
   * @param {Shared} shared
   * @returns {Promise<string>} why the others stay
   */
  async #addFiles(chat, present, shared) {
    const { taken, refused } = checked(shared.files, present, this.#limits);
    const chosen = taken.map(chosenFile);
    for (const file of chosen) addUrl(file.id, file.blob);
    if (chosen.length) await connect().addFiles(chat, await Promise.all(chosen.map(measured)));
    shared.files = shared.files.filter((file) => !taken.includes(file));
    return refused;
  }

  /** After what the draft of the chat says. @param {string} chat @param {string} added */
  async #addText(chat, added) {
    if (!added) return;
    const { text, reply } = await connect().draft(chat);
    await connect().saveDraft(chat, [text, added].filter(Boolean).join('\n'), reply);
  }

  async #discard() {
    await deleteShared(this.#shared?.keys ?? []).catch(() => {});
    router.go('/', { replace: true });
  }

  view() {
    return html`<div class="people">
      <div class="people-top">
        <a class="tool back" href="/" aria-label=${t('Back to your chats')}>${icon('arrow-left', { flip: true })}</a>
        <h1>${t('Share')}</h1>
      </div>
      ${errorView(this.#error || problemText(this.problem))}
      ${this.#shared ? this.#sharedView(this.#shared) : nothing}
    </div>`;
  }

  /** @param {Shared} shared */
  #sharedView({ keys, text, files }) {
    if (!keys.length) {
      return html`${this.problem ? nothing : html`<p class="people-none">${t('There is nothing to share here any more. Share it again from where you have it.')}</p>`}
        <p><a class="btn btn-quiet" href="/">${t('Back to your chats')}</a></p>`;
    }
    const { refused } = checked(files, 0, this.#limits);
    const filled = this.#filled;
    return html`<div class="shared">
        ${text ? html`<blockquote class="said shared-text" dir="auto">${text}</blockquote>` : nothing}
        ${files.length ? html`<ul role="list">${files.map(({ name }) => html`<li>${icon('file', { size: '16' })} <bdi>${name}</bdi></li>`)}</ul>` : nothing}
        ${filled
          ? html`<p>${t('The rest is kept here. Choose another chat for it, or discard it.')}
              <a href=${`/c/${filled.id}`}>${t('Open {name}', { name: chatTitle(filled) })}</a></p>`
          : errorView(refused)}
        <div><button class="btn btn-small btn-quiet" @click=${() => this.#discard()}>${t('Discard')}</button></div>
      </div>
      <section aria-labelledby="share-with"><h2 class="people-head" id="share-with">${t('Choose a chat. Nothing is sent before you send it there.')}</h2>
        ${this.#chats.length ? this.#chatsView() : this.#noChatView()}
      </section>`;
  }

  #noChatView() {
    return html`<p class="people-none">${t('There is no chat in which you can write. Find somebody to talk with, then come back here: what you share is kept for a day.')}</p>
      <p><a class="btn btn-quiet" href="/people">${t('People')}</a></p>`;
  }

  #chatsView() {
    const query = this.#query.toLocaleLowerCase();
    const found = this.#chats.filter((chat) => `${chatTitle(chat)} ${chat.person?.username ?? ''}`.toLocaleLowerCase().includes(query));
    return html`<label class="search-field">${icon('magnifying-glass')}
        <input class="search-input" type="search" autocomplete="off" dir="auto" placeholder=${t('Name of a chat')} aria-label=${t('Find among your chats')}
          @input=${(/** @type {Event} */ event) => {
            this.#query = /** @type {HTMLInputElement} */ (event.target).value.trim();
            this.update();
          }}></label>
      <ul role="list">${repeat(
        found.slice(0, MAX_SHOWN),
        ({ id }) => id,
        (chat) => html`<li><button class="hit hit-person ${personColor(chat.person?.id ?? chat.id)}" data-chat=${chat.id}
          @click=${() => void this.#give(chat)}>${chatAvatar(chat)}<b><bdi>${chatTitle(chat)}</bdi></b></button></li>`,
      )}</ul>`;
  }
}

/** @param {string} problem */
function problemText(problem) {
  if (problem === 'large') return t('That is too much to share at once. Share fewer files, or add them in the chat.');
  return problem ? t('What you shared did not arrive. Share it again.') : '';
}

customElements.define('share-page', SharePage);
