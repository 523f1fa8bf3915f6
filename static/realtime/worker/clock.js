/**
 * Time, as those parts see it whose behaviour is all about time: tests give them another.
 *
 * @typedef {object} Clock
 * @property {() => number} now milliseconds since some moment
 * @property {(ms: number, call: () => void) => () => void} after answers what takes it back
 */

/** Never goes back, whatever the person or the network sets. @type {Clock} */
export const CLOCK = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/** For what ends at a time of day: milliseconds since 1970. @type {Clock} */
export const WALL_CLOCK = { ...CLOCK, now: () => Date.now() };
