/**
 * Elements that draw themselves after their row follow the row's tab stop (see `setStops` in
 * chats/timeline.js).
 *
 * @param {HTMLElement} element
 */
export function useRowStop(element) {
  const row = /** @type {HTMLElement | null} */ (element.closest('[data-key]'));
  const stop = row ? row.tabIndex : 0;
  for (const one of element.querySelectorAll('a, button, [role=slider]')) {
    /** @type {HTMLElement} */ (one).tabIndex = stop;
  }
}
