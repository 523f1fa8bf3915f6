/**
 * The time, for parts whose behaviour is all about time: tests pass another clock.
 *
 * @typedef {object} Clock
 * @property {() => number} now milliseconds since any moment
 * @property {(ms: number, call: () => void) => () => void} after returns a function that cancels it
 */

/** Never goes back, also when the device's time is set. @type {Clock} */
export const CLOCK = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/** For times of day: milliseconds since 1970. @type {Clock} */
export const WALL_CLOCK = { ...CLOCK, now: () => Date.now() };
