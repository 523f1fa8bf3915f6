/**
 * The person whom the sign-in page of this device shows, because they asked for it there. Read by
 * that page before anybody is signed in, so it is a copy; it is not removed at sign-out.
 *
 * @module
 */

const PERSON = 'parley.remembered';
/** In the storage of one tab: what somebody chose on its sign-in page, until they are signed in. */
const WISH = 'parley.remember';
const PARTS = ['person', 'login', 'name', 'initials', 'hue', 'file', 'picture'];

/**
 * `login`: what they sign in with; `file` and `picture`: the id of their picture, and a small copy as
 * a data URL; empty without one.
 *
 * @typedef {{ person: string, login: string, name: string, initials: string, hue: string,
 *   file: string, picture: string }} Remembered
 */

/** @returns {Remembered | null} */
export function remembered() {
  try {
    const found = JSON.parse(localStorage.getItem(PERSON) ?? 'null');
    return PARTS.every((part) => typeof found?.[part] === 'string') ? found : null;
  } catch {
    return null; // storage is unavailable, or holds something else
  }
}

/** @param {Remembered} person */
export function remember(person) {
  try {
    localStorage.setItem(PERSON, JSON.stringify(person));
  } catch {
    // Storage is unavailable or full: the sign-in page shows nobody.
  }
}

export function forgetRemembered() {
  try {
    localStorage.removeItem(PERSON);
  } catch {
    // Storage is unavailable: nothing is stored.
  }
}

/** @returns {boolean | null} null: nothing can be remembered here */
export function wishesToBeRemembered() {
  try {
    return sessionStorage.getItem(WISH) !== null;
  } catch {
    return null;
  }
}

/** @param {boolean} wish */
export function setWish(wish) {
  try {
    if (wish) sessionStorage.setItem(WISH, 'yes');
    else sessionStorage.removeItem(WISH);
  } catch {
    // Storage is unavailable: nobody will be remembered.
  }
}
