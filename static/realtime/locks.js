/**
 * Web Locks, and what holds where they are missing (plain-HTTP addresses): no tab is noticed to
 * crash (closing is still announced), and every owner believes to be the only one. The server makes
 * that harmless: sends are idempotent by client id.
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

/**
 * Become the only holder for life.
 *
 * @param {string} name
 * @param {{ patience: number, later: () => void }} how `patience` in milliseconds: the answer is
 *   false when another holds it longer than that; `later` is called when it is had after all
 * @returns {Promise<boolean>}
 */
export function becomeOnly(name, { patience, later }) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      resolve(false);
    }, patience);
    void navigator.locks.request(name, () => {
      clearTimeout(timer);
      if (late) later();
      else resolve(true);
      return forever();
    });
  });
}
