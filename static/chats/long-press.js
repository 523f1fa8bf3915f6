/** So long a finger rests before it means more than a tap. */
const LONG_PRESS_MS = 500;
const MAX_MOVEMENT_PX = 10;

/** The pointer of a finger that has rested long enough and is not lifted yet.
 * @type {number | null} */
let pressedPointer = null;

/**
 * Keep a popover open that was opened under a resting finger. The finger went down before it was
 * there, so lifting it would be a tap outside, which closes popovers: let it be lifted inside.
 *
 * @param {HTMLElement} popover
 */
export function keepUnderFinger(popover) {
  if (pressedPointer !== null) popover.setPointerCapture(pressedPointer);
}

/** Notices long presses of a finger; the browser's own menu and scrolling go on as they are used to. */
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

/** Until it is lifted, which is no click on what has come under it meanwhile.
 * @param {PointerEvent} event */
function waitForRelease({ target, pointerId }) {
  const ended = new AbortController();
  pressedPointer = pointerId;
  // Told to what was touched, even if it is no longer in the page.
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
