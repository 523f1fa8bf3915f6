import { html } from './view.js';
import { t } from './words.js';

/**
 * Asks, in place of the buttons, before something that cannot be taken back.
 *
 * @param {object} asked
 * @param {string} asked.question
 * @param {string} asked.words of the button that does it
 * @param {boolean} [asked.isAlert]
 * @param {() => void} asked.yes
 * @param {() => void} asked.no
 */
export const questionView = ({ question, words, isAlert = true, yes, no }) =>
  html`<p class="question" role="status">${question}</p>
    <button class="btn btn-small btn-quiet" data-no @click=${no}>${t('Cancel')}</button>
    <button class="btn btn-small btn-quiet ${isAlert ? 'btn-alert' : ''}" @click=${yes}>${words}</button>`;

/**
 * Focus the harmless button of a question, or what stands there again after it.
 *
 * @param {Element | null} around
 */
export const focusQuestion = (around) =>
  /** @type {HTMLElement | null | undefined} */ (around?.querySelector('[data-no]') ?? around?.querySelector('button'))?.focus();
