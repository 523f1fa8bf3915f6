/**
 * The sign-in page on a device that remembers somebody: shows who, and fills in their name.
 *
 * @module
 */

import { forgetRemembered, remembered, setWish, wishesToBeRemembered } from './remembered.js';

const card = /** @type {HTMLElement} */ (document.querySelector('[data-known-person]'));
const choice = /** @type {HTMLElement} */ (document.querySelector('[data-remember]'));
const box = /** @type {HTMLInputElement} */ (choice.querySelector('input'));
const login = /** @type {HTMLInputElement | null} */ (document.querySelector('form [name=login]'));
const password = /** @type {HTMLInputElement | null} */ (document.querySelector('form [name=password]'));

/** @param {string} name */
const part = (name) => /** @type {HTMLElement} */ (card.querySelector(`[data-${name}]`));

/** @param {import('./remembered.js').Remembered} person */
function show(person) {
  part('name').textContent = person.name;
  part('login').textContent = `@${person.login}`;
  const avatar = part('avatar');
  avatar.textContent = person.initials;
  if (/^hue-[1-8]$/.test(person.hue)) avatar.classList.add(person.hue);
  if (person.picture.startsWith('data:image/jpeg;')) {
    avatar.append(Object.assign(new Image(), { src: person.picture, alt: '' }));
  }
  card.hidden = false;
  if (!login || login.value === person.login) return;
  login.value = person.login;
  // Unless another way to sign in comes first.
  if (login.autofocus) password?.focus();
}

/** @param {string} name */
function forget(name) {
  forgetRemembered();
  setWish(false);
  card.hidden = true;
  offer();
  if (login?.value === name) login.value = '';
  (login ?? /** @type {HTMLElement | null} */ (document.querySelector('.auth a.btn')))?.focus();
}

/** Ask whether this device is to remember who signs in. */
function offer() {
  const wish = wishesToBeRemembered();
  choice.hidden = wish === null;
  box.checked = wish === true;
}

const person = remembered();
// After a failed sign-in the form has the name that was typed, which may be somebody else's.
if (person && (!login?.value || login.value === person.login)) {
  show(person);
  part('forget').addEventListener('click', () => forget(person.login));
} else offer();
box.addEventListener('change', () => setWish(box.checked));
