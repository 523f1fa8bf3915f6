/**
 * Web Locks, and what holds where they are missing (plain-HTTP addresses): no tab is noticed to
 * crash; closing is still announced.
 *
 * @module
 */

const forever = () => new Promise(() => {});

/**
 * Hold a lock until this tab or worker is gone.
 *
 * @param {string} name
 * @param {() => void} held called once it is
 */
export function holdForLife(name, held) {
  void navigator.locks?.request(name, () => {
    held();
    return forever();
  });
}

/**
 * Call back once nobody holds the lock (any more).
 *
 * @param {string} name
 * @param {() => void} gone
 */
export function whenReleased(name, gone) {
  void navigator.locks?.request(name, gone);
}
