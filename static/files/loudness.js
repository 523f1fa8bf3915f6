/** How many values a voice message may have (apps/wire/limits.py). */
export const MAX_VALUES = 64;

/** Measures how loud a microphone is. */
export class Loudness {
  /** The newest value, from 0 to 255. */
  now = 0;
  /** @type {number[]} */
  #values = [];
  #context = new AudioContext();
  #analyser = this.#context.createAnalyser();

  /** @param {MediaStream} stream */
  constructor(stream) {
    this.#context.createMediaStreamSource(stream).connect(this.#analyser);
  }

  /** Note how loud it is now. */
  measure() {
    const samples = new Float32Array(this.#analyser.fftSize);
    this.#analyser.getFloatTimeDomainData(samples);
    this.now = loudnessOf(samples);
    this.#values.push(this.now);
  }

  /** What was measured, as bytes in base64. */
  waveform() {
    return btoa(String.fromCharCode(...condensed(this.#values)));
  }

  close() {
    // It may be closed already.
    this.#context.close().catch(() => {});
  }
}

/** On a scale on which quiet speech can be seen. @param {Float32Array} samples from -1 to 1 */
export function loudnessOf(samples) {
  const mean = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
  return Math.min(255, Math.round(255 * Math.sqrt(mean)));
}

/**
 * At most `MAX_VALUES` values: the loudest of each stretch.
 *
 * @param {number[]} values
 * @returns {number[]}
 */
export function condensed(values) {
  const stretch = Math.max(1, values.length / MAX_VALUES);
  const count = Math.min(MAX_VALUES, values.length);
  const at = (/** @type {number} */ n) => Math.floor(n * stretch);
  return Array.from({ length: count }, (_, n) => Math.max(...values.slice(at(n), at(n + 1))));
}
