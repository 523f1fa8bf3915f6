/**
 * Web Locks. Where browsers have none (plain-HTTP addresses), crashed tabs go unnoticed; a tab that
 * is closed still says so.
 *
 * @module
 */

const never = () => new Promise(() => {});

/**
 * Hold a lock until this tab or worker is gone.
 *
 * @param {string} name
 * @param {() => void} held called once it is held
 */
export function holdForLife(name, held) {
  void navigator.locks?.request(name, () => {
    held();
    return never();
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
