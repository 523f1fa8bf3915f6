/**
 * The files of a composer's draft: chosen, dropped, pasted or recorded, and shown as a strip above
 * the text. The owner stores and uploads them at once; `ChatView.files` says how far they are.
 *
 * @module
 */

/** @import { ChatView, ChosenFile, ExistingFile, PendingFile } from '../realtime/contract.js' */
/** @import { File as WireFile, Limits, Quote } from '../realtime/wire.js' */
/** @import { ComposerTarget } from '../chats/composer-target.js' */
/** @import { VoiceRecorder } from './voice-recorder.js' */

import { filesOfDraft } from '../chats/composer-target.js';
import { existingFile } from '../realtime/both/existing-file.js';
import { connect } from '../realtime/client.js';
import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t, tn } from '../shell/words.js';
import { attachMenu } from './attach-menu.js';
import { checked, chosenFile, measured, pendingFile, unmeasured } from './chosen-files.js';
import { DROP_AREAS, listenForDrops, pastedFiles } from './drop-target.js';
import { ownContent, showMeanwhile } from './existing-picture.js';
import { stripView } from './file-strip.js';
import { addUrl, localFile } from './local-files.js';
import { onRelease } from './pointer-release.js';

/**
 * @typedef {object} ComposerParts
 * @property {string} chat
 * @property {Pick<ComposerTarget, 'thread' | 'quote'>} to
 * @property {{ reply: Quote | null }} draft
 * @property {HTMLTextAreaElement | null} input
 * @property {boolean} isEditing whether the text is that of a message which was sent
 * @property {() => void} update draw again
 * @property {(texts: { note?: string, error?: string }) => void} tell what happened, or did not work
 * @property {(error: string) => void} withdraw what was told is no longer so
 * @property {() => void} send
 *
 * @typedef {HTMLElement & ComposerParts} Composer
 */

/** Where the button that sends was, a double click would record. */
const DOUBLE_CLICK_MS = 600;

export class ComposerFiles {
  /** Files that the owner is being given, as it would show them. @type {Map<string, PendingFile>} */
  #adding = new Map();
  /** Those of them that are measured before. @type {Map<string, ChosenFile>} */
  #measuring = new Map();
  /** Files sent or removed here, until the owner has done it. @type {Set<string>} */
  #gone = new Set();
  /** Failures that were announced, or older than this composer. @type {Set<string> | null} */
  #announced = null;
  /** What was told last, and of which uploads. @type {{ uploads: string[], error: string } | null} */
  #told = null;
  /** Why files of the last choice are not among these; until the next choice, or dismissed. */
  #refused = '';
  /** @type {PendingFile[]} as the owner has them */
  #held = [];
  /** @type {Limits | null} */
  #limits = null;
  #isHovering = false;
  /** @type {VoiceRecorder | null} */
  #recorder = null;
  /** Whether the module of the recorder is being loaded. */
  #isLoadingRecorder = false;
  /** When the button that records took the place of the other; 0: it was there from the start,
   * null: it is not there. @type {number | null} */
  #recordableAt = 0;
  #composer;
  #picker = Object.assign(document.createElement('input'), { type: 'file', multiple: true });

  /** @param {Composer} composer */
  constructor(composer) {
    this.#composer = composer;
    this.#picker.addEventListener('change', () => {
      void this.add([...(this.#picker.files ?? [])]);
      this.#picker.value = '';
    });
  }

  /** Listen for files until the returned function is called. */
  listen() {
    const field = this.#composer;
    const target = /** @type {HTMLElement} */ (field.closest(DROP_AREAS) ?? field);
    const stops = [
      connect().watchMe(({ limits }) => (this.#limits = limits)),
      listenForDrops(target, {
        hovering: (is) => {
          if (this.#isHovering !== is) this.#composer.update();
          this.#isHovering = is;
        },
        dropped: (files) => void this.add(files),
      }),
    ];
    /** @param {ClipboardEvent} event */
    const paste = (event) => {
      const files = pastedFiles(event);
      if (!files.length) return;
      event.preventDefault();
      void this.add(files);
    };
    field.addEventListener('paste', paste);
    return () => {
      field.removeEventListener('paste', paste);
      this.#recorder?.leave();
      for (const stop of stops) stop();
    };
  }

  /** The chat as the owner has it. @param {ChatView | null} chat */
  follow(chat) {
    this.#held = filesOfDraft(chat, this.#composer.to);
    const ids = new Set(this.#held.map(({ upload }) => upload));
    for (const id of ids) this.#adding.delete(id);
    for (const id of this.#gone) if (!ids.has(id) && !this.#adding.has(id)) this.#gone.delete(id);
    const failed = this.shown.filter(({ state }) => state === 'failed');
    const told = this.#told;
    if (told && !failed.some(({ upload }) => told.uploads.includes(upload))) {
      this.#composer.withdraw(told.error);
      this.#told = null;
    }
    const before = this.#announced;
    if (before && failed.some(({ upload }) => !before.has(upload))) {
      const error = failed.map(({ name, problem }) => t('{name}: {problem}', { name, problem })).join(' ');
      this.#told = { uploads: failed.map(({ upload }) => upload), error };
      this.#composer.tell({ error });
    }
    if (chat) this.#announced = new Set(failed.map(({ upload }) => upload));
  }

  /** Ids of the files, in order. */
  get ids() {
    return this.shown.map(({ upload }) => upload);
  }

  /** The files go with a message, measured or not. @returns {string[]} their ids */
  take() {
    const { ids } = this;
    this.#refused = '';
    const rest = ids.flatMap((id) => this.#measuring.get(id) ?? []);
    for (const id of ids) {
      this.#gone.add(id);
      this.#measuring.delete(id);
    }
    // The owner has to know them before the message.
    if (rest.length) void this.#give(rest.map(unmeasured));
    return ids;
  }

  /** The message could not be queued. @param {string[]} ids */
  putBack(ids) {
    for (const id of ids) this.#gone.delete(id);
  }

  get menuId() {
    return this.#composer.to.thread === null ? 'attach' : 'attach-in-thread';
  }

  /** The menu of the button that adds files. */
  menu() {
    const { chat, draft, to } = this.#composer;
    const place = { chat, replyTo: (draft.reply ?? to.quote())?.seq };
    return attachMenu(this.menuId, place, {
      fromDevice: () => this.#mayAdd() && this.#picker.click(),
      fromKept: () => {
        // Offline, and the module was never fetched: nothing opens.
        if (this.#mayAdd()) import('./kept-files.js').then(({ openKeptFiles }) => openKeptFiles((files) => this.#addKept(files)), () => {});
      },
    });
  }

  /** @param {WireFile[]} files that the server has */
  #addKept(files) {
    const uses = this.#allowed(files).map((file) => {
      const use = existingFile(file);
      void showMeanwhile(use, file, ownContent(file));
      return use;
    });
    void this.#give(uses);
    this.#composer.input?.focus();
  }

  /** Those that the message may have; why not the others is told.
   * @template {{ name: string, size: number }} F @param {F[]} files @returns {F[]} */
  #allowed(files) {
    const { taken, refused } = checked(files, this.ids.length, this.#limits);
    this.#refused = refused;
    this.#composer.update();
    if (taken.length) this.#composer.tell({ note: tn('{n} file added.', '{n} files added.', taken.length) });
    return taken;
  }

  /** @param {File[]} files */
  async add(files) {
    if (!files.length || !this.#mayAdd()) return;
    const chosen = this.#allowed(files).map(chosenFile);
    for (const file of chosen) {
      addUrl(file.id, file.blob);
      this.#measuring.set(file.id, file);
    }
    this.#show(chosen);
    this.#composer.input?.focus();
    const ready = await Promise.all(chosen.map(measured));
    // The others were sent or removed meanwhile.
    const left = ready.filter(({ id }) => this.#measuring.delete(id));
    if (left.length) await this.#give(left);
  }

  /** @param {MouseEvent} event of the button: a click follows each press */
  async #record(event) {
    if (this.#recordableAt && event.timeStamp < this.#recordableAt + DOUBLE_CLICK_MS) {
      this.#recordableAt = event.timeStamp; // its other half, or a further click, comes soon
      return;
    }
    if (!this.#mayAdd() || this.#recorder || this.#isLoadingRecorder) return;
    if (event instanceof PointerEvent && event.type === 'pointerdown') {
      onRelease(event, () => this.#recorder?.stop());
    }
    this.#isLoadingRecorder = true;
    const module = import('./voice-recorder.js').finally(() => (this.#isLoadingRecorder = false));
    const { VoiceRecorder } = await module;
    // The person may have left the chat meanwhile, or begun to edit.
    if (!this.#composer.isConnected || this.#composer.isEditing) return;
    this.#recorder = new VoiceRecorder({
      update: () => this.#composer.update(),
      fail: (error) => this.#composer.tell({ error }),
      isEditing: () => this.#composer.isEditing,
      ended: (voice, how) => {
        this.#recorder = null;
        this.#composer.update();
        if (how !== 'kept') this.#composer.input?.focus();
        if (voice) void this.#give([voice]).catch(() => {});
        if (how === 'sent') this.#composer.send();
      },
    });
    await this.#recorder.start();
  }

  #mayAdd() {
    const { isEditing, input } = this.#composer;
    if (isEditing) this.#composer.tell({ error: t('Files cannot be added to a message that was sent. Finish editing first.') });
    return !isEditing && input !== null;
  }

  /** @param {(ChosenFile | ExistingFile)[]} files */
  #show(files) {
    for (const file of files) this.#adding.set(file.id, pendingFile(file));
    this.#composer.update();
  }

  /** @param {(ChosenFile | ExistingFile)[]} files */
  async #give(files) {
    this.#show(files);
    try {
      await connect().addFiles(this.#composer.chat, files, this.#composer.to.thread);
    } catch {
      this.#composer.tell({ error: t('These files could not be added. Try again.') });
    }
    for (const { id } of files) this.#adding.delete(id);
    this.#composer.update();
  }

  /** @param {string} upload @param {string} name */
  #remove(upload, name) {
    this.#gone.add(upload);
    if (this.#measuring.delete(upload)) this.#adding.delete(upload);
    this.#composer.tell({ note: t('“{name}” removed.', { name }) });
    connect().cancelUpload(upload).catch(() => {
      this.#gone.delete(upload);
      this.#composer.update();
    });
    this.#composer.update();
    this.#composer.input?.focus();
  }

  /** Those that the owner has, and those that it is given. @returns {PendingFile[]} */
  get shown() {
    const adding = [...this.#adding.values()].filter(
      ({ upload }) => !this.#held.some((file) => file.upload === upload),
    );
    return [...this.#held, ...adding]
      .filter(({ upload }) => !this.#gone.has(upload))
      .map((file) => localFile(file, (id) => connect().fileBytes(id), () => this.#composer.update()));
  }

  /** In place of the button that sends, while there is nothing to send. @param {boolean} isEmpty */
  recordButton(isEmpty) {
    const canRecord = 'MediaRecorder' in globalThis && navigator.mediaDevices;
    if (!isEmpty || !canRecord || this.#composer.isEditing || this.ids.length) {
      this.#recordableAt = null;
      return null;
    }
    this.#recordableAt ??= performance.now();
    const record = (/** @type {MouseEvent} */ event) => void this.#record(event).catch(() => {});
    return html`<button type="button" class="tool record" aria-label=${t('Record a voice message')}
      title=${t('Record a voice message')} @pointerdown=${record} @click=${record}>${icon('microphone')}</button>`;
  }

  #refusedView() {
    const dismiss = () => {
      this.#refused = '';
      this.#composer.update();
      this.#composer.input?.focus();
    };
    return html`<div role="alert" class="attach-refused" ?hidden=${!this.#refused}>${this.#refused
      ? html`<span>${this.#refused}</span> <button type="button" class="tool" aria-label=${t('Dismiss')} title=${t('Dismiss')} @click=${dismiss}>${icon('x')}</button>`
      : nothing}</div>`;
  }

  /** Above the text. */
  view() {
    const recorder = this.#recorder?.view() ?? nothing;
    if (this.#composer.isEditing) return recorder;
    const drop = this.#isHovering
      ? html`<div class="attach-drop"><p>${t('Drop the files here to add them to your message.')}</p></div>`
      : nothing;
    const strip = stripView(this.shown, {
      remove: (upload, name) => this.#remove(upload, name),
      retry: (upload) => void connect().retryUpload(upload).catch(() => {}),
      decided: () => this.#composer.input?.focus(),
    });
    return html`${drop}${this.#refusedView()}${strip}${recorder}`;
  }
}
