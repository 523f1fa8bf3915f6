/**
 * `<avatar-picture>`: the picture of a person or a group, over their initials. It draws nothing
 * until it is loaded, if it cannot be loaded, and while pictures are not loaded by themselves.
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
    );
  }

  stop() {
    this.#asked = '';
    this.#show('');
  }

  async #load() {
    const file = this.#file;
    this.#asked = file;
    const at = { chat: this.chat || PEOPLE, seq: 0, file, variant: 'thumbnail' };
    const content = await connect().request('file', at).catch(() => null);
    if (this.#asked === file) this.#show(content ? URL.createObjectURL(content) : '');
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
