/**
 * Time, as those parts see it whose behaviour is all about time: tests give them another.
 *
 * @typedef {object} Clock
 * @property {() => number} now milliseconds
 * @property {(ms: number, call: () => void) => () => void} after answers what takes it back
 */

/** @type {Clock} */
export const CLOCK = {
  now: () => Date.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};
