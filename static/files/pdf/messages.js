/**
 * What the viewer and the frame of a PDF tell each other. They may be of different releases.
 *
 * @module
 */

/**
 * `zoom`: by steps, 0 for the width of the window; `scroll`: by parts of the window.
 *
 * @typedef {{ kind: 'open', bytes: ArrayBuffer, label: string }
 *   | { kind: 'zoom', by: number }
 *   | { kind: 'go', page: number }
 *   | { kind: 'scroll', by: number }} ToFrame
 */

/** @typedef {'broken' | 'locked' | 'large'} PdfProblem */

/**
 * `shown`: which page, of how many, and the zoom; 1 is the width of the window.
 *
 * @typedef {{ page: number, pages: number, scale: number }} Shown
 *
 * @typedef {{ kind: 'ready' }
 *   | { kind: 'shown' } & Shown
 *   | { kind: 'failed', reason: PdfProblem }
 *   | { kind: 'escape' }} FromFrame
 */

export {};
