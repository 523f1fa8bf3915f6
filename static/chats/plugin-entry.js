/**
 * `<plugin-entry>`: an entry that the browser module of a plugin draws. Loaded with the first one.
 *
 * The module is `static/<plugin>/entry.js` of the server's release; docs/plugins.md has its interface.
 * Until it is loaded, without one, and once it throws, the text of the message is shown: one entry
 * cannot harm the rows around it.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { RowContext } from './row.js' */

import { connect } from '../realtime/client.js';
import { html, nothing, View } from '../shell/view.js';
import { fillIn, t as ownText, tn as ownPlural } from '../shell/words.js';
import { errorText } from './error-text.js';
import { MessageRows } from './message-rows.js';

/**
 * What the module draws.
 *
 * @typedef {{ chat: string, seq: number, sender: string, mine: boolean, at: string, text: string,
 *   data: Record<string, any> }} Entry
 */

/**
 * What the module gets to draw with. `act`: calls an action of the plugin on the server; rejects with
 * `{ code, detail }`. `state`: the module's own, of this entry, while it is shown; call `update` after
 * a change. `returns`: how often the reader has come back to the page; entries are drawn then.
 * `explain`: why an action failed, in the reader's language.
 *
 * @typedef {object} Host
 * @property {typeof html} html
 * @property {typeof nothing} nothing
 * @property {(words: string, values?: Record<string, string | number>) => string} t
 * @property {(one: string, many: string, n: number, values?: Record<string, string | number>) => string} tn
 * @property {string} me the reader's id
 * @property {boolean} writable whether the reader may write in the chat
 * @property {boolean} leads whether the reader is an owner or admin of the group
 * @property {(id: string) => string} nameOf of a person, empty while it is not known
 * @property {(name: string, data?: Record<string, unknown>) => Promise<any>} act
 * @property {Record<string, any>} state
 * @property {() => void} update
 * @property {number} returns
 * @property {(error: unknown) => string} explain
 */

/** @typedef {{ draw: (entry: Entry, host: Host) => unknown, words: Record<string, string | [string, string]> }} Drawing */

/** By plugin; a failed one is tried again some time later. @type {Map<string, Promise<Drawing>>} */
const drawings = new Map();
/** Rows are drawn often, and a plugin that is switched off has no module. */
const RETRY_MS = 10_000;

let returns = 0;
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  returns += 1;
  for (const entry of document.querySelectorAll('plugin-entry')) /** @type {PluginEntry} */ (entry).update();
});

/** @param {string} plugin @returns {Promise<Drawing>} */
function drawingOf(plugin) {
  let found = drawings.get(plugin);
  if (!found) {
    found = load(plugin);
    drawings.set(plugin, found);
    found.catch(() => setTimeout(() => drawings.delete(plugin), RETRY_MS));
  }
  return found;
}

/** @param {string} plugin @returns {Promise<Drawing>} */
async function load(plugin) {
  // An archive of another server may name anything.
  if (/\W/.test(plugin)) throw new Error(plugin);
  const base = `/static/${document.body.dataset.release}/${plugin}/`;
  const module = await import(`${base}entry.js`);
  if (module.stylesheet) await addSheet(base + module.stylesheet);
  const { lang } = document.documentElement;
  const words = module.languages?.includes(lang) ? await (await fetch(`${base}words/${lang}.json`)).json() : {};
  return { draw: module.draw, words };
}

/** @param {string} href @returns {Promise<unknown>} when it applies, or cannot be fetched */
function addSheet(href) {
  return new Promise((done) => {
    const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href, onload: done, onerror: done });
    document.head.append(link);
  });
}

/** @typedef {{ row: Row, context: RowContext, plain: unknown }} Given `plain`: the message as text */

export class PluginEntry extends View {
  /** @type {Given | null} */
  #given = null;
  /** @type {Drawing | null} */
  #drawing = null;
  #plugin = '';
  #hasFailed = false;
  /** @type {Record<string, any>} */
  #state = {};

  /** @param {Given} given */
  set given(given) {
    this.#given = given;
    const plugin = given.row.layout?.plugin ?? '';
    if (plugin !== this.#plugin) void this.#load(plugin);
    this.update();
  }

  /** @param {string} plugin */
  async #load(plugin) {
    this.#plugin = plugin;
    this.#drawing = null;
    try {
      this.#drawing = await drawingOf(plugin);
    } catch {
      // Offline, or its plugin is switched off: the text stays.
      this.#plugin = '';
    }
    this.update();
  }

  draw() {
    try {
      super.draw();
    } catch (error) {
      this.#fail(error);
      super.draw();
    }
    const list = this.closest('chat-timeline, thread-rows');
    if (list instanceof MessageRows) list.entryDrawn(this);
  }

  view() {
    const given = this.#given;
    if (!given) return nothing;
    return this.#drawing && !this.#hasFailed ? this.#drawing.draw(this.#entry(given), this.#host(given, this.#drawing)) : given.plain;
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#hasFailed = true;
    console.error(this.#plugin, 'cannot draw an entry', error);
    // What it has drawn may be half done.
    this.replaceChildren();
    delete (/** @type {any} */ (this)._$litPart$);
  }

  /** @param {Given} given @returns {Entry} */
  #entry({ row, context }) {
    const { seq, sender, mine, at, text, layout } = row;
    return { chat: context.chat, seq: seq ?? 0, sender, mine, at, text, data: layout?.data ?? {} };
  }

  /** @param {Given} given @param {Drawing} drawing @returns {Host} */
  #host({ row, context }, { words }) {
    return {
      html,
      nothing,
      t: (key, values) => {
        const found = words[key];
        return typeof found === 'string' ? fillIn(found, values) : ownText(key, values);
      },
      tn: (one, many, n, values) => {
        const found = words[one];
        return Array.isArray(found) ? ownPlural(found[0], found[1], n, values) : ownPlural(one, many, n, values);
      },
      me: connect().person,
      writable: context.writable,
      leads: context.leads,
      nameOf: (id) => context.people[id]?.name ?? '',
      act: (name, data = {}) => connect().request('act', context.chat, row.seq ?? 0, name, data),
      state: this.#state,
      update: () => this.update(),
      returns,
      explain: errorText,
    };
  }
}

customElements.define('plugin-entry', PluginEntry);

/** @param {Row} row @param {RowContext} context @param {unknown} plain */
export const entryView = (row, context, plain) =>
  html`<plugin-entry .given=${{ row, context, plain }}></plugin-entry>`;
