/**
 * The template of a composer.
 *
 * @module
 */

/** @import { Me } from '../realtime/wire.js' */
/** @import { ChatComposer } from './composer.js' */
/** @import { SendLater } from './send-later.js' */

import { icon } from '../shell/icon.js';
import { lastInput } from '../shell/keys.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { typingText } from './describe.js';
import { chatTitle } from './list.js';

/**
 * What is loaded after the first paint is null before.
 *
 * @typedef {object} ComposerState
 * @property {number} left characters
 * @property {Me['slowdown']} slowdown
 * @property {string} error
 * @property {string} note
 * @property {boolean} isInCode whether Enter is a new line of code
 * @property {typeof import('./composer-parts.js') | null} parts
 * @property {SendLater | null} sendLater
 * @property {{ beforeInput: (event: InputEvent) => void, typed: (event: Event) => void,
 *   key: (event: KeyboardEvent) => void, menuToggled: (event: ToggleEvent) => void }} handlers
 */

/** @param {ChatComposer} composer @param {ComposerState} state */
export function composerView(composer, state) {
  const { chatView: chat, files, editing, input, to } = composer;
  const { parts, handlers, sendLater } = state;
  if (chat && !chat.writable) return parts?.readOnlyView(chat, composer) ?? nothing;
  return html`<form class="composer" @submit=${(/** @type {Event} */ event) => void composer.send(event)}>
      ${statusView(composer, state)}
      ${editing?.view() ?? nothing}
      ${parts?.slowdownView(state.slowdown) ?? nothing}${(to.thread === null && parts?.heldView(chat)) || nothing}${parts?.notesView(composer) ?? nothing}${quoteView(composer, state)}${files?.view() ?? nothing}
      ${boxView(composer, state)}
      ${(to.thread === null && parts?.formattingHint(state.isInCode)) || nothing}
    </form>
    <div class="menu anchored later-menu" id=${menuId(composer)} popover role="dialog" aria-label=${t('Send later')} @toggle=${handlers.menuToggled}>${
      chat ? (sendLater?.view(chat, Boolean(input?.value.trim())) ?? nothing) : nothing
    }</div>`;
}

/** @param {ChatComposer} composer */
const menuId = ({ to }) => (to.thread === null ? 'later' : 'later-in-thread');

/** @param {ChatComposer} composer @param {ComposerState} state */
function statusView({ chatView, to }, { error, note, parts, left }) {
  const isChat = to.thread === null;
  const typing = error || note || !isChat ? '' : typingText(chatView?.typing ?? []);
  const full = (isChat && chatView?.draft_full && parts?.draftFullText()) || '';
  return html`<div class="composer-status"><span class="composer-error" role="alert">${error}</span><span role="status">${note || full}</span><span class="typing">${typing}</span>${parts?.counterView(left) ?? nothing}</div>`;
}

/** The message that is edited or replied to. @param {ChatComposer} composer @param {ComposerState} state */
function quoteView(composer, { parts }) {
  const { people, editing, draft, isEditing } = composer;
  const quote = editing?.current?.quote ?? draft.reply;
  if (!quote || !parts) return nothing;
  return parts.quotedMessageView({ quote, people, editing: isEditing, cancel: () => composer.cancel() });
}

/** @param {ChatComposer} composer @param {ComposerState} state */
function boxView(composer, { parts, handlers }) {
  const { chatView: chat, to, isEditing, files, suggestions, input } = composer;
  const notNow = isEditing ? t('Not while you edit a message.') : null;
  return html`<div class="composer-box">
        ${suggestions?.view(() => composer.input) ?? nothing}
        <textarea class="composer-input" data-region rows="1" dir="auto" autocomplete="off" enterkeyhint="enter"
          placeholder=${placeholder(composer)} aria-label=${label(composer)} aria-autocomplete="list"
          aria-controls=${suggestions?.isOpen ? 'suggestions' : nothing}
          aria-activedescendant=${suggestions?.active ?? nothing}
          aria-keyshortcuts="Control+B Control+I Control+Shift+X" @beforeinput=${handlers.beforeInput} @input=${handlers.typed} @keydown=${handlers.key} @focus=${focused} @blur=${() => suggestions?.dismiss()}></textarea>
        <button type="button" class="tool" aria-label=${t('Add files and more')} title=${notNow ?? t('Add files and more')} ?disabled=${isEditing || !files}
          popovertarget=${files?.menuId ?? nothing}>${icon('paperclip')}</button>${files?.menu() ?? nothing}
        <button type="button" class="tool" aria-label=${t('Emoji')} title=${t('Emoji')}
          @click=${(/** @type {Event} */ event) =>
            composer.pickEmoji(/** @type {Element} */ (event.currentTarget), (emoji) => void composer.insert(emoji))}>${icon('smiley')}</button>
        <button type="button" class="tool later" aria-label=${t('Send later')} title=${notNow ?? t('Send later')} popovertarget=${menuId(composer)}
          aria-keyshortcuts="Control+Shift+Enter" ?disabled=${isEditing}>${icon('clock')}${parts?.scheduledBadge(to.thread === null ? (chat?.scheduled ?? []) : []) ?? nothing}</button>
        ${files?.recordButton(!input?.value) ?? html`<button class="send" aria-label=${t('Send')}>${icon('paper-plane-right-fill', { flip: true })}</button>`}
      </div>`;
}

/** @param {FocusEvent} event */
const focused = ({ target }) => /** @type {HTMLElement} */ (target).toggleAttribute('data-by-key', lastInput() === 'key');

/** A phone has no room for a name beside the buttons. */
const phone = matchMedia('(max-width: 640px)');

/** @param {ChatComposer} composer */
function placeholder(composer) {
  if (!phone.matches || composer.editing?.current?.quote.file) return label(composer);
  return composer.to.thread === null ? t('Write') : t('Reply');
}

/** @param {ChatComposer} composer */
function label({ chatView: chat, to, editing }) {
  if (editing?.current?.quote.file) return t('Add a caption');
  if (to.thread !== null) return t('Reply in the thread');
  const name = chat ? chatTitle(chat) : '';
  return name ? t('Write to {name}', { name }) : t('Write');
}
