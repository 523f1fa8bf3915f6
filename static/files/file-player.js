/**
 * `<file-player>`: a voice message, music or a video. Nothing is loaded before it is played.
 *
 * @module
 */

/** @import { File } from '../realtime/wire.js' */
/** @import { FilePlace, ShownFile, UploadActions } from './types.js' */

import { icon } from '../shell/icon.js';
import { View, html, nothing } from '../shell/view.js';
import { language, t } from '../shell/words.js';
import { downloadLink } from './download-link.js';
import { loadContent } from './file-loader.js';
import { contentAddress, durationText, sizeText } from './file-texts.js';
import { pendingView } from './pending-view.js';
import { useRowStop } from './row-stop.js';
import { waveformView } from './waveform.js';

const SPEEDS = [1, 1.5, 2];
const STEP_S = 5;

/** Only one plays at a time. @type {FilePlayer | null} */
let playing = null;

export class FilePlayer extends View {
  /** @type {FilePlace} */
  place = /** @type {any} */ (null);
  /** @type {UploadActions} */
  uploads = { cancelUpload() {}, retryUpload() {} };
  /** @type {ShownFile | null} */
  #file = null;
  /** @type {HTMLMediaElement | null} made when it is first played */
  #media = null;
  #url = '';
  #speed = 1;
  #isLoading = false;
  #hasFailed = false;
  /** Where playing was last resumed, in seconds: once for each place. */
  #resumedAt = 0;

  /** @param {ShownFile} file */
  set file(file) {
    this.#file = file;
    this.update();
  }

  stop() {
    this.#media?.pause();
    this.#media?.removeAttribute('src');
    this.#media = null;
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = '';
    if (playing === this) playing = null;
  }

  pause() {
    this.#media?.pause();
  }

  get #duration() {
    const known = this.#media?.duration ?? 0;
    if (Number.isFinite(known) && known > 0) return known;
    return this.#file && 'duration' in this.#file ? (this.#file.duration ?? 0) : 0;
  }

  get #position() {
    return this.#media?.currentTime ?? 0;
  }

  get #isPlaying() {
    return this.#media !== null && !this.#media.paused && !this.#media.ended;
  }

  async #toggle() {
    if (this.#isPlaying) return this.pause();
    this.#hasFailed = false;
    this.#isLoading = true;
    this.update();
    try {
      const media = (this.#media ??= await this.#make());
      if (playing !== this) playing?.pause();
      playing = this;
      media.playbackRate = this.#speed;
      await media.play();
    } catch (error) {
      // Paused before it began.
      if (!(error instanceof DOMException && error.name === 'AbortError')) this.#failed();
    }
    this.#isLoading = false;
    this.update();
  }

  #failed() {
    this.#hasFailed = true;
    this.update();
    this.#media = null;
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = '';
  }

  /** @returns {Promise<HTMLMediaElement>} */
  async #make() {
    const file = /** @type {File} */ (this.#file);
    const media = file.kind === 'video' ? this.#video() : new Audio();
    media.preload = 'auto';
    for (const kind of ['play', 'pause', 'ended', 'timeupdate', 'seeked', 'loadedmetadata', 'durationchange']) {
      media.addEventListener(kind, () => this.update());
    }
    media.addEventListener('error', () => void this.#resume(media));
    // A voice message is small, and can be heard again offline; others are read as they play.
    if (file.kind === 'voice') this.#url = URL.createObjectURL(await loadContent(this.place, file, 'original'));
    media.src = this.#url || contentAddress(file.id, 'original');
    return media;
  }

  /**
   * The link behind the address is valid for a minute: fetch the rest by a new one.
   *
   * @param {HTMLMediaElement} media
   */
  async #resume(media) {
    const { currentTime } = media;
    if (media !== this.#media || this.#url || currentTime === this.#resumedAt) return this.#failed();
    this.#resumedAt = currentTime;
    media.load();
    media.currentTime = currentTime;
    await media.play().catch(() => {});
  }

  #video() {
    return /** @type {HTMLVideoElement} */ (this.querySelector('video'));
  }

  /** @param {number} seconds */
  #seek(seconds) {
    if (!this.#media) return;
    this.#media.currentTime = Math.min(Math.max(seconds, 0), this.#duration || seconds);
    this.update();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const by = { ArrowLeft: -STEP_S, ArrowRight: STEP_S }[event.key];
    if (!by || !this.#media) return;
    event.preventDefault();
    this.#seek(this.#position + by);
  }

  /** @param {PointerEvent} event */
  #pressed(event) {
    const { left, width } = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    this.#seek(((event.clientX - left) / width) * this.#duration);
  }

  #nextSpeed() {
    this.#speed = SPEEDS[(SPEEDS.indexOf(this.#speed) + 1) % SPEEDS.length];
    if (this.#media) this.#media.playbackRate = this.#speed;
    this.update();
  }

  draw() {
    super.draw();
    useRowStop(this);
  }

  view() {
    const file = this.#file;
    if (!file) return nothing;
    return html`<div class="player player-${file.kind}" role="group" aria-label=${nameOf(file)} @keydown=${this.#key}>
      ${file.kind === 'video' ? this.#screen(file) : nothing}
      <div class="player-bar">${this.#controls(file)}</div>
      ${'upload' in file ? pendingView(file, this.uploads) : nothing}
    </div>`;
  }

  /** @param {ShownFile} file */
  #screen(file) {
    const started = this.#media !== null;
    return html`<video class="player-video" playsinline preload="none" tabindex="-1" aria-hidden="true" @click=${this.#toggle}></video>
      ${started ? nothing : html`<span class="player-title">${icon('film-strip')} <bdi>${file.name}</bdi></span>`}`;
  }

  /** @param {ShownFile} file */
  #controls(file) {
    const { kind } = file;
    const isSent = !('upload' in file);
    return html`<button class="player-play" ?disabled=${!isSent} aria-label=${this.#isPlaying ? t('Pause') : t('Play')} aria-busy=${this.#isLoading ? 'true' : 'false'}
        @click=${this.#toggle}>${icon(this.#isPlaying ? 'pause-fill' : 'play-fill')}</button>
      <div class="player-middle">${kind === 'audio' ? html`<bdi class="chip-name">${file.name}</bdi>` : nothing}
        <div class="player-wave" dir="ltr" role="slider" tabindex="-1" aria-label=${t('Position')} aria-disabled=${this.#media ? 'false' : 'true'}
          aria-valuemin="0" aria-valuemax=${Math.round(this.#duration)} aria-valuenow=${Math.round(this.#position)}
          aria-valuetext=${t('{position} of {duration}', { position: durationText(this.#position), duration: durationText(this.#duration) })} @pointerdown=${this.#pressed}>${waveformView(
          'waveform' in file ? (file.waveform ?? '') : '', this.#duration ? this.#position / this.#duration : 0)}</div></div>
      ${isSent ? this.#progressView(file) : nothing}
      ${kind === 'video' ? html`<button class="tool" aria-label=${t('Full screen')} title=${t('Full screen')} ?disabled=${!this.#media} @click=${() => this.#video().requestFullscreen?.()}>${icon('corners-out')}</button>` : nothing}
      ${isSent && (kind !== 'voice' || this.#hasFailed) ? downloadLink(file) : nothing}`;
  }

  /** @param {File} file */
  #progressView(file) {
    const speed = speedText(this.#speed);
    return html`<span class="player-time">${this.#timeText(file)}</span>
      <button class="player-speed" aria-label=${t('Speed: {speed}', { speed })} @click=${this.#nextSpeed}>${speed}</button>`;
  }

  /** @param {ShownFile} file */
  #timeText(file) {
    if (this.#hasFailed) return t('could not be played');
    if (this.#media && (this.#isPlaying || this.#position)) return durationText(this.#position);
    return this.#duration ? durationText(this.#duration) : sizeText(file.size);
  }
}

/** @param {ShownFile} file */
const nameOf = (file) => (file.kind === 'voice' ? t('Voice message') : file.name);

/** `1.5×` @param {number} speed */
const speedText = (speed) => `${new Intl.NumberFormat(language()).format(speed)}×`;

customElements.define('file-player', FilePlayer);
