/**
 * Browser features that plain-HTTP addresses lack, where a self-hosted chat is often tried first:
 * random UUIDs are made by hand, and without Web Locks crashed tabs go unnoticed (a tab that is
 * closed still says so).
 *
 * @module
 */

/**
 * A random UUID.
 *
 * @returns {string}
 */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

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
