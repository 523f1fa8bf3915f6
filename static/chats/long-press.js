/** A touch that lasts this long is a long press, not a tap. */
const LONG_PRESS_MS = 500;
const MAX_MOVEMENT_PX = 10;

/** Pointer id of a long press whose finger is still down. @type {number | null} */
let pressedPointer = null;

/**
 * Keep a popover open that was opened by a long press. The finger went down before the popover
 * existed, so lifting it would count as a tap outside and close it. Capturing the pointer makes it
 * end inside.
 *
 * @param {HTMLElement} popover
 */
export function keepUnderFinger(popover) {
  if (pressedPointer !== null) popover.setPointerCapture(pressedPointer);
}

/**
 * Reports long presses by touch. Scrolling stays the browser's; its context menu is suppressed for
 * touch only.
 */
export class LongPress {
  #ended = new AbortController();
  #timer = 0;
  #x = 0;
  #y = 0;

  /** @param {HTMLElement} area @param {(target: Element) => void} pressed */
  constructor(area, pressed) {
    const { signal } = this.#ended;
    area.addEventListener('pointerdown', (event) => this.#down(event, pressed), { signal });
    area.addEventListener('pointermove', (event) => this.#moved(event), { signal });
    for (const kind of ['pointerup', 'pointercancel']) {
      area.addEventListener(kind, () => clearTimeout(this.#timer), { signal });
    }
    area.addEventListener('contextmenu', (event) => byFinger(event) && event.preventDefault(), { signal });
  }

  /** @param {PointerEvent} event @param {(target: Element) => void} pressed */
  #down(event, pressed) {
    clearTimeout(this.#timer);
    if (!byFinger(event)) return;
    this.#x = event.clientX;
    this.#y = event.clientY;
    this.#timer = setTimeout(() => {
      waitForRelease(event);
      pressed(/** @type {Element} */ (event.target));
    }, LONG_PRESS_MS);
  }

  /** @param {PointerEvent} event */
  #moved({ clientX, clientY }) {
    if (Math.hypot(clientX - this.#x, clientY - this.#y) > MAX_MOVEMENT_PX) clearTimeout(this.#timer);
  }

  end() {
    this.#ended.abort();
    clearTimeout(this.#timer);
  }
}

/** Swallow the end of the touch, so that it does not click what was opened under the finger.
 * @param {PointerEvent} event */
function waitForRelease({ target, pointerId }) {
  const ended = new AbortController();
  pressedPointer = pointerId;
  // Touch events go to the element that was touched first, even after it has left the page.
  for (const kind of ['touchend', 'touchcancel']) {
    target?.addEventListener(
      kind,
      (event) => {
        pressedPointer = null;
        ended.abort();
        if (event.cancelable) event.preventDefault();
      },
      { signal: ended.signal },
    );
  }
}

/** @param {Event} event */
const byFinger = (event) => event instanceof PointerEvent && event.pointerType === 'touch';
