/**
 * How the text of a composer leaves it: now, later, or as the new text of a message. What is refused
 * comes back into the field.
 *
 * @module
 */

/** @import { ComposerFiles } from '../files/composer-files.js' */
/** @import { ChatView } from '../realtime/contract.js' */
/** @import { ComposerEditing } from './composer-editing.js' */
/** @import { ComposerTarget } from './composer-target.js' */
/** @import { DraftState } from './draft-state.js' */
/** @import { SendLater } from './send-later.js' */

import { connect } from '../realtime/client.js';
import { t } from '../shell/words.js';
import { filesOfDraft } from './composer-target.js';
import { withoutBlankEdges } from './draft-state.js';

/** A path such as `/usr/bin/x` has no blank after its first word. */
const COMMAND = /^\/([a-z][\w-]{0,31})(?:\s|$)/i;

/**
 * @typedef {object} SendingComposer
 * @property {string} chat
 * @property {ChatView | null} chatView
 * @property {HTMLTextAreaElement | null} input
 * @property {DraftState} draft
 * @property {ComposerTarget} to
 * @property {ComposerFiles | null} files null until its module is loaded
 * @property {ComposerEditing | null} editing null until its module is loaded
 * @property {typeof import('./composer-typing.js') | null} typing likewise
 * @property {boolean} isTooLong
 * @property {() => void} sent
 * @property {() => void} clearInput
 * @property {(text: string) => void} putBack
 * @property {(texts: { note?: string, error?: string }) => void} tell
 * @property {() => void} update draw again
 *
 * @typedef {HTMLElement & SendingComposer} Composer
 */

export class ComposerSending {
  /** @type {SendLater | null} null until its module is loaded */
  later = null;
  #composer;

  /** @param {Composer} composer */
  constructor(composer) {
    this.#composer = composer;
  }

  async send() {
    await this.#composer.typing?.incomplete();
    const { editing, isTooLong, files, draft, clearInput } = this.#composer;
    const text = this.textToSend();
    if (editing?.current) {
      // Files may stand alone: their text can be removed.
      if (text || (editing.current.quote.file && !isTooLong)) await editing.save(text);
      return;
    }
    const asIs = await this.#asMessage(text);
    if (asIs === null) return;
    const taken = isTooLong ? [] : (files?.take() ?? this.filesOfDraft.map(({ upload }) => upload));
    if (!asIs && !taken.length) return;
    const message = draft.startSending(asIs, taken);
    clearInput.call(this.#composer);
    await this.#deliver(message);
  }

  /**
   * Run the text if it is a command.
   *
   * @param {string} text
   * @returns {Promise<string | null>} the text of a message; null: it was a command, or was refused
   */
  async #asMessage(text) {
    if (/^\/\/[a-z]/i.test(text)) return text.slice(1);
    const name = COMMAND.exec(text)?.[1];
    if (!name || this.filesOfDraft.length) return text;
    const composer = this.#composer;
    try {
      const { runOrSend } = await import('./slash-commands.js');
      return this.textToSend() === text ? await runOrSend(composer, text, name) : null;
    } catch {
      composer.tell({ error: t('Commands need the server, which cannot be reached now. Your text is kept here.') });
      return null;
    }
  }

  /**
   * Hand a message to the owner. If the owner does not take it, put the text back.
   *
   * @param {ReturnType<DraftState['startSending']>} message
   */
  async #deliver(message) {
    const composer = this.#composer;
    const { draft, to } = composer;
    const { client_id, text, files } = message;
    try {
      await to.send({ ...message, reply: message.reply ?? to.quote() });
      draft.sendEnded();
      composer.tell({});
      composer.sent();
    } catch {
      const key = CSS.escape(`${connect().person}/${client_id}`);
      if (document.querySelector(`[data-key="${key}"]`)) {
        // The message has a row, so the owner has it, although its answer was lost.
        draft.sendEnded();
        return;
      }
      draft.sendEnded(message);
      composer.files?.putBack(files);
      composer.putBack(text);
      composer.tell({ error: t('This message could not be queued. Your text is still here; try again.') });
    }
  }

  /** The text without blank edges; empty when it cannot be sent. */
  textToSend() {
    const { input, isTooLong } = this.#composer;
    const text = withoutBlankEdges(input?.value ?? '');
    if (!text || !isTooLong) return text;
    const error = t('This is too long to send. Nothing is lost: shorten it, or send it in parts.');
    this.#composer.tell({ error });
    return '';
  }

  /** Those that the owner has. */
  get filesOfDraft() {
    const { to, chatView } = this.#composer;
    return filesOfDraft(chatView, to);
  }

  /** The menu of times was opened or closed. @param {ToggleEvent} event */
  async menuToggled({ newState, target }) {
    const menu = /** @type {HTMLElement} */ (target);
    if (newState !== 'open') return;
    try {
      const { SendLater } = await import('./send-later.js');
      this.later ??= new SendLater(menu, this.#composer, this);
      this.#composer.update();
      await null; // drawn by then
      this.later.opened();
    } catch {
      menu.hidePopover(); // offline
    }
  }
}
