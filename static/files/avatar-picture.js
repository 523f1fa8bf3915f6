/**
 * `<avatar-picture>`: the picture of a person or a group, over their initials. It draws nothing
 * until it is loaded, if it cannot be loaded, and while pictures are not loaded by themselves. What
 * could not be loaded is asked for again once the connection is back.
 *
 * @module
 */

import { PEOPLE } from '../realtime/both/cache-databases.js';
import { connect } from '../realtime/client.js';
import { View, html, nothing } from '../shell/view.js';
import { LOADING_CHANGED, policy } from './data-saver.js';
import { whenNear } from './visibility.js';

export class AvatarPicture extends View {
  /** The chat whose picture it is; empty for a person's. */
  chat = '';
  #file = '';
  /** The file that is shown or being loaded. */
  #asked = '';
  #url = '';
  #isNear = false;
  #hasFailed = false;

  /** @param {string} file */
  set file(file) {
    this.#file = file;
    this.update();
  }

  start() {
    this.listen(window, LOADING_CHANGED, () => this.update());
    this.addCleanup(
      whenNear(this, (near) => {
        this.#isNear ||= near;
        this.update();
      }),
      connect().watchConnection(({ state }) => {
        if (state === 'online' && this.#hasFailed) this.#retry();
      }),
    );
  }

  stop() {
    this.#asked = '';
    this.#show('');
  }

  async #load() {
    const file = this.#file;
    this.#asked = file;
    this.#hasFailed = false;
    const at = { chat: this.chat || PEOPLE, seq: 0, file, variant: 'thumbnail' };
    const content = await connect().request('file', at).catch(() => null);
    if (this.#asked !== file) return;
    this.#hasFailed = !content;
    this.#show(content ? URL.createObjectURL(content) : '');
  }

  #retry() {
    this.#hasFailed = false;
    this.#asked = '';
    this.update();
  }

  /** @param {string} url */
  #show(url) {
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = url;
    this.update();
  }

  view() {
    if (this.#isNear && this.#asked !== this.#file && policy().loads) void this.#load();
    return this.#url ? html`<img alt="" src=${this.#url}>` : nothing;
  }
}

customElements.define('avatar-picture', AvatarPicture);
