/** A pointer that is held longer than this was not a click. */
const HOLD_MS = 500;

/**
 * Call back when this pointer is released, if it was held.
 *
 * @param {PointerEvent} pressed
 * @param {() => void} released
 */
export function onRelease({ pointerId, timeStamp }, released) {
  const listening = new AbortController();
  /** @param {PointerEvent} event */
  const end = (event) => {
    if (event.pointerId !== pointerId) return;
    listening.abort();
    if (event.timeStamp - timeStamp > HOLD_MS) released();
  };
  const { signal } = listening;
  addEventListener('pointerup', end, { signal });
  addEventListener('pointercancel', end, { signal });
}
