/**
 * The page on which an account is made: tells the time zone of the browser.
 *
 * @module
 */

const zone = /** @type {HTMLInputElement | null} */ (document.querySelector('[name=time_zone]'));
if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? '';
