/**
 * `<emoji-picker>`: choose any emoji. The module and its list load when the picker is first opened.
 *
 * @module
 */

import { folded } from '../shell/folded.js';
import { icon } from '../shell/icon.js';
import { isComposing } from '../shell/keys.js';
import { placeBeside } from '../shell/popover.js';
import { View, html, nothing } from '../shell/view.js';
import { count, t } from '../shell/words.js';
import { emojiList } from './emoji.js';
import { customEmoji } from './markup/custom.js';
import { TONES, chooseTone, inOwnTone, noteUse, ownTone, usedEmoji, withTone } from './emoji-habits.js';

/** @import { Emoji } from './emoji.js' */

/** The group of those that the person uses most; it stands first. */
const USED = 'used';
/** The custom emoji of the installation, if there are any. */
const CUSTOM = 'custom';
const MAX_USED = 32;
const GROUPS = /** @type {Record<string, () => string>} */ ({
  [USED]: () => t('Often used'),
  [CUSTOM]: () => t('Emoji from here'),
  smileys: () => t('Faces and feelings'),
  people: () => t('People'),
  nature: () => t('Nature'),
  food: () => t('Food and drink'),
  travel: () => t('Places'),
  activities: () => t('Activities'),
  objects: () => t('Things'),
  symbols: () => t('Symbols'),
  flags: () => t('Flags'),
});
const MAX_FOUND = 80;

export class EmojiPicker extends View {
  /** @type {(emoji: string) => void} */
  #onChosen = () => {};
  /** @type {Record<string, Emoji[]> | null} */
  #all = null;
  #group = 'smileys';
  /** @type {Emoji[]} */
  #used = [];
  #query = '';
  #error = false;

  /** @param {Element} from the element to open beside @param {(emoji: string) => void} onChosen */
  async open(from, onChosen) {
    this.#onChosen = onChosen;
    this.#query = '';
    this.draw();
    const { sheet } = this;
    sheet.showPopover();
    placeBeside(sheet, from);
    const field = /** @type {HTMLInputElement} */ (sheet.querySelector('input'));
    field.value = '';
    if (matchMedia('(hover: hover)').matches) field.focus();
    try {
      this.#all = { [CUSTOM]: customEmoji.listed, ...(await emojiList()) };
      this.#error = false;
      const known = new Map(Object.values(this.#all).flat().map((one) => [one[0], one]));
      this.#used = usedEmoji().flatMap((emoji) => (known.has(emoji) ? [/** @type {Emoji} */ (known.get(emoji))] : []));
      this.#used.length = Math.min(this.#used.length, MAX_USED);
      this.#group = this.#used.length ? USED : 'smileys';
    } catch {
      this.#error = true;
    }
    this.draw();
    placeBeside(sheet, from);
  }

  get sheet() {
    return /** @type {HTMLElement} */ (this.querySelector('.picker'));
  }

  /** @param {string} emoji */
  #choose(emoji) {
    this.sheet.hidePopover();
    noteUse(emoji);
    this.#onChosen(emoji);
  }

  /** @returns {Emoji[]} */
  #shown() {
    if (!this.#all) return [];
    if (!this.#query) return this.#group === USED ? this.#used : this.#all[this.#group];
    const words = this.#query.toLowerCase();
    return Object.values(this.#all)
      .flat()
      .filter(([, label, codes, more = '']) => label.toLowerCase().includes(words) || codes.includes(words) || more.includes(folded(words)))
      .sort(([a], [b]) => this.#place(a) - this.#place(b))
      .slice(0, MAX_FOUND);
  }

  /** @param {string} emoji */
  #place(emoji) {
    const at = this.#used.findIndex(([one]) => one === emoji);
    return at < 0 ? MAX_USED : at;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (isComposing(event)) return;
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }[event.key];
    const all = /** @type {HTMLElement[]} */ ([...this.querySelectorAll('.picker-one')]);
    const at = all.indexOf(/** @type {HTMLElement} */ (event.target));
    if (event.key === 'Enter' && at < 0 && this.#query && all[0]) {
      event.preventDefault();
      all[0].click();
    }
    if (!by || (at < 0 && by !== 8)) return;
    event.preventDefault();
    if (at < 0) all[0]?.focus();
    else if (at + by < 0) this.querySelector('input')?.focus();
    else all[at + by]?.focus();
  }

  view() {
    return html`<div class="picker anchored" popover role="dialog" aria-label=${t('Choose an emoji')} @keydown=${this.#key}>
      <input class="input" role="searchbox" autocomplete="off" placeholder=${t('Find an emoji')} aria-label=${t('Find an emoji')}
        @input=${(/** @type {Event} */ event) => {
          this.#query = /** @type {HTMLInputElement} */ (event.target).value.trim();
          this.update();
        }}>
      ${this.#query ? nothing : this.#groups()}
      <div class="picker-all" role="group" aria-label=${t('Emoji')}>${this.#error
        ? html`<p class="error">${t('The emoji could not be loaded. Try again when you are online.')}</p>`
        : this.#shown().map(
            ([emoji, label], at) => html`<button class="picker-one" tabindex=${at ? -1 : 0} aria-label=${label} title=${label}
              @click=${() => this.#choose(inOwnTone(emoji))}>${customEmoji.drawn(inOwnTone(emoji))}</button>`,
          )}${this.#query && this.#all && !this.#shown().length ? html`<p class="picker-none">${t('No emoji by that name.')}</p>` : nothing}</div>
      ${this.#tones()}
    </div>`;
  }

  #tones() {
    const chosen = ownTone();
    return html`<div class="picker-tones" role="group" aria-label=${t('Skin tone')}>${TONES.map(
      (_, tone) => html`<button class="picker-group" aria-pressed=${tone === chosen ? 'true' : 'false'} aria-label=${tone ? t('Skin tone {n}', { n: count(tone) }) : t('No skin tone')}
        @click=${() => {
          chooseTone(tone);
          this.update();
        }}>${withTone('✋', tone)}</button>`,
    )}</div>`;
  }

  #groups() {
    const groups = Object.entries(GROUPS).filter(([name]) => (name === USED ? this.#used.length : name !== CUSTOM || this.#all?.[CUSTOM].length));
    return html`<div class="picker-groups" role="group" aria-label=${t('Kinds')}>${groups.map(
      ([name, words]) => html`<button class="picker-group" aria-pressed=${name === this.#group ? 'true' : 'false'}
        aria-label=${words()} title=${words()}
        @click=${() => {
          this.#group = name;
          this.update();
        }}>${name === USED ? icon('clock') : customEmoji.drawn(this.#all?.[name][0][0] ?? '')}</button>`,
    )}</div>`;
  }
}

customElements.define('emoji-picker', EmojiPicker);
