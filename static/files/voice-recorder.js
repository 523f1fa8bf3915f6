/**
 * Records a voice message: recording, then listening to it, then sending or discarding it.
 *
 * @module
 */

/** @import { ChosenFile } from '../realtime/contract.js' */

import { uuid } from '../realtime/both/platform.js';
import { icon } from '../shell/icon.js';
import { html, nothing } from '../shell/view.js';
import { t } from '../shell/words.js';
import { durationText } from './file-texts.js';
import { addUrl } from './local-files.js';
import { Loudness } from './loudness.js';

const TYPES = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'];
const TICK_MS = 100;
const MAX_DURATION_MS = 60 * 60_000;

/**
 * @typedef {object} RecorderDeps
 * @property {() => void} update draw again
 * @property {(text: string) => void} fail tell what did not work
 * @property {() => boolean} isEditing whether Escape means an edit, and nothing can be sent
 * @property {(voice: ChosenFile | null, how: 'sent' | 'kept' | 'discarded') => void} ended
 */

export class VoiceRecorder {
  /** @type {'asking' | 'recording' | 'recorded' | 'ended'} */
  #state = 'asking';
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {MediaRecorder | null} */
  #recorder = null;
  /** @type {Loudness | null} */
  #loudness = null;
  /** @type {Blob[]} */
  #parts = [];
  /** @type {ChosenFile | null} */
  #voice = null;
  #url = '';
  /** The person has left: the recording goes to the draft. */
  #isLeaving = false;
  #beganAt = 0;
  #timer = 0;
  #deps;

  /** @param {RecorderDeps} deps */
  constructor(deps) {
    this.#deps = deps;
  }

  /** Ask for the microphone and record. */
  async start() {
    addEventListener('keydown', this.#key, true);
    addEventListener('beforeunload', this.#unload);
    this.#deps.update();
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      this.#deps.fail(microphoneProblem(error));
      this.discard();
      return;
    }
    if (this.#state === 'ended') this.#release();
    else this.#record(this.#stream);
  }

  /** @param {MediaStream} stream */
  #record(stream) {
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const recorder = new MediaRecorder(stream, { mimeType, audioBitsPerSecond: 32_000 });
    recorder.ondataavailable = ({ data }) => this.#parts.push(data);
    recorder.onstop = () => this.#recorded(recorder.mimeType);
    this.#recorder = recorder;
    this.#loudness = new Loudness(stream);
    this.#beganAt = performance.now();
    this.#state = 'recording';
    recorder.start(1000);
    this.#timer = setInterval(() => {
      this.#loudness?.measure();
      if (this.#elapsed > MAX_DURATION_MS) this.stop();
      this.#deps.update();
    }, TICK_MS);
    this.#focus('.voice-stop');
  }

  /** @param {string} button */
  #focus(button) {
    this.#deps.update();
    queueMicrotask(() => /** @type {HTMLElement | null} */ (document.querySelector(button))?.focus());
  }

  get #elapsed() {
    return performance.now() - this.#beganAt;
  }

  /** Stop recording, and let the person listen. */
  stop() {
    if (this.#state === 'recording') this.#recorder?.stop();
  }

  /** @param {string} type */
  #recorded(type) {
    const loudness = this.#loudness;
    this.#release();
    if (this.#state !== 'recording' || !loudness) return;
    const media = type.split(';')[0];
    const blob = new Blob(this.#parts, { type: media });
    const name = `${t('Voice message')}.${media.split('/')[1].replace('mp4', 'm4a')}`;
    const voice = { duration_ms: Math.max(1, Math.round(this.#elapsed)), waveform: loudness.waveform() };
    this.#voice = { id: uuid(), blob, kind: 'voice', name, width: 0, height: 0, voice };
    this.#url = addUrl(this.#voice.id, blob);
    this.#state = 'recorded';
    if (this.#isLeaving) this.#end(this.#voice, 'kept');
    else this.#focus('.voice-send');
  }

  /** Forget the recording. */
  discard() {
    this.#end(null, 'discarded');
  }

  /** The person leaves the chat: end with what is recorded. */
  leave() {
    this.#isLeaving = true;
    if (this.#state === 'recording') this.stop();
    else this.#end(this.#voice, 'kept');
  }

  /** @param {ChosenFile | null} voice @param {'sent' | 'kept' | 'discarded'} how */
  #end(voice, how) {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#release();
    removeEventListener('keydown', this.#key, true);
    removeEventListener('beforeunload', this.#unload);
    this.#deps.ended(voice, how);
  }

  /** Give the microphone back. */
  #release() {
    clearInterval(this.#timer);
    if (this.#recorder?.state === 'recording') this.#recorder.stop();
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#loudness?.close();
  }

  /**
   * Escape discards, wherever the focus is. What was recorded wholly needs the button; and an edit,
   * a menu or a dialog has its own Escape.
   *
   * @param {KeyboardEvent} event
   */
  #key = (event) => {
    if (event.key !== 'Escape' || this.#state === 'recorded' || this.#deps.isEditing()) return;
    if (document.querySelector('dialog[open], :popover-open')) return;
    event.preventDefault();
    event.stopPropagation();
    this.discard();
  };

  /** A recording is only in memory: the browser asks before it leaves the page. @param {Event} event */
  #unload = (event) => {
    if (this.#state !== 'asking') event.preventDefault();
  };

  view() {
    const discard = html`<button type="button" class="tool" aria-label=${t('Discard the recording')} title=${t('Discard')}
      @click=${() => this.discard()}>${icon('x')}</button>`;
    if (this.#state === 'recorded') {
      return html`<div class="voice" role="group" aria-label=${t('Voice message')}>
        <audio class="voice-audio" controls src=${this.#url}></audio>${discard}
        <button type="button" class="send voice-send" aria-label=${t('Send the voice message')} ?disabled=${this.#deps.isEditing()}
          @click=${() => this.#end(this.#voice, 'sent')}>${icon('paper-plane-right-fill', { flip: true })}</button></div>`;
    }
    if (this.#state === 'asking') {
      return html`<div class="voice" role="group" aria-label=${t('Voice message')}><span class="voice-time">${t('Waiting for the microphone…')}</span>${discard}</div>`;
    }
    if (this.#state === 'ended') return nothing;
    return html`<div class="voice" role="group" aria-label=${t('Voice message')}>
      <span class="voice-dot"></span><span class="voice-time" role="timer">${durationText(this.#elapsed / 1000)}</span>
      <meter class="voice-level" max="255" .value=${this.#loudness?.now ?? 0} aria-label=${t('Loudness')}></meter>${discard}
      <button type="button" class="tool voice-stop" aria-label=${t('Stop recording')} title=${t('Stop recording')}
        @click=${() => this.stop()}>${icon('stop-fill')}</button></div>`;
  }
}

/** @param {unknown} error of `getUserMedia` */
function microphoneProblem(error) {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') {
    return t('Parley may not use the microphone. Allow it in the settings of your browser, then try again.');
  }
  if (name === 'NotFoundError') return t('There is no microphone.');
  return t('The microphone cannot be used now.');
}
