/**
 * Messages of one list that are being selected: in a chat, or in a thread. Loaded with the first.
 *
 * @module
 */

/** @import { ChatView, Row } from '../realtime/contract.js' */
/** @import { Person } from '../realtime/wire.js' */
/** @import { ChatComposer } from './composer.js' */
/** @import { MessageRows } from './message-rows.js' */

import { router } from '../shell/router.js';
import { html, nothing } from '../shell/view.js';
import { Selection } from './selection.js';

/** @typedef {Row & { seq: number }} SentRow */

/**
 * @typedef {object} SelectingDeps
 * @property {() => MessageRows} rows the list
 * @property {() => ChatComposer} composer hidden meanwhile
 * @property {() => void} draw the bar in place of the composer
 */

export class Selecting {
  /** @type {Selection | null} */
  selection = null;
  /** How often it has changed. */
  #changes = 0;
  /** To be called when it ends. @type {(() => void) | null} */
  #uncover = null;
  #deps;

  /** @param {SelectingDeps} deps */
  constructor(deps) {
    this.#deps = deps;
  }

  /** With this message. @param {Row} row */
  begin(row) {
    const selection = new Selection();
    selection.press(/** @type {SentRow} */ (row));
    this.set(selection);
  }

  /** Messages are being selected, or (null) no more. @param {Selection | null} selection */
  set(selection) {
    const { rows, composer, draw } = this.#deps;
    this.selection = selection;
    this.#changes += 1;
    rows().selection = selection;
    if (selection) this.#uncover ??= router.closeOnBack(() => this.set(null));
    else this.leave();
    draw();
    if (!selection && matchMedia('(hover: hover)').matches) composer().input?.focus();
  }

  /** The list goes. */
  leave() {
    this.#uncover?.();
    this.#uncover = null;
  }

  /** @param {Row} row @param {Row[] | null} rows with all before it */
  pressed(row, rows) {
    this.selection?.press(/** @type {SentRow} */ (row), /** @type {SentRow[] | undefined} */ (rows ?? undefined));
    this.set(this.selection?.size ? this.selection : null);
  }

  /** @param {Row[]} rows that came or changed @param {boolean} isAll whether no others are known */
  follow(rows, isAll) {
    const { selection } = this;
    if (selection?.follow(/** @type {SentRow[]} */ (rows), isAll)) this.set(selection.size ? selection : null);
  }

  /** Above the composer. @param {ChatView | null} chat @param {Record<string, Person>} people */
  view(chat, people) {
    if (!this.selection) return nothing;
    return html`<selection-bar .selection=${this.selection} .stamp=${this.#changes} .chat=${chat} .people=${people}
      .composer=${this.#deps.composer()} .end=${() => this.set(null)}></selection-bar>`;
  }
}
