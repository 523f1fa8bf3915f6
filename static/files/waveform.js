import { html } from '../shell/view.js';
import { bytesOf } from './placeholder.js';

const HEIGHT = 28;
const STEP = 4;

/** @type {Map<string, number[]>} */
const known = new Map();

/** Loudnesses from 0 to 1. @param {string} waveform in base64 */
function loudness(waveform) {
  let found = known.get(waveform);
  if (!found) {
    found = waveform ? [...bytesOf(waveform)].map((byte) => byte / 255) : [];
    known.set(waveform, found);
  }
  return found;
}

/** Without a waveform: a line. @param {number} played */
const lineView = (played) => html`<svg class="wave wave-line" viewBox="0 0 100 ${HEIGHT}" preserveAspectRatio="none">
  <path class="wave-rest" d="M1 ${HEIGHT / 2}H99"></path>
  <path class="wave-played" d=${played ? `M1 ${HEIGHT / 2}H${1 + 98 * played}` : 'M0 0'}></path></svg>`;

/**
 * The loudness of a sound as bars; those that were played are darker.
 *
 * @param {string} waveform in base64
 * @param {number} played from 0 to 1
 */
export function waveformView(waveform, played) {
  const bars = loudness(waveform);
  if (!bars.length) return lineView(played);
  const until = Math.round(played * bars.length);
  const lines = bars.map((loud, index) => {
    const half = Math.max(1, (loud * (HEIGHT - 4)) / 2);
    return `M${index * STEP + 2} ${HEIGHT / 2 - half}v${2 * half}`;
  });
  return html`<svg class="wave" viewBox="0 0 ${bars.length * STEP} ${HEIGHT}" preserveAspectRatio="none">
    <path class="wave-played" d=${lines.slice(0, until).join('') || 'M0 0'}></path>
    <path class="wave-rest" d=${lines.slice(until).join('') || 'M0 0'}></path></svg>`;
}
