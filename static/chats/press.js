/** So long a finger rests before it means more than a tap. */
const LONG = 500;
const STILL = 10;

/** Notices long presses of a finger; the browser's own menu and scrolling go on as they are used to. */
export class Press {
  #ended = new AbortController();
  #timer = 0;
  #x = 0;
  #y = 0;

  /** @param {HTMLElement} area @param {(place: Element) => void} pressed */
  constructor(area, pressed) {
    const { signal } = this.#ended;
    area.addEventListener('pointerdown', (event) => this.#down(event, pressed), { signal });
    area.addEventListener('pointermove', (event) => this.#moved(event), { signal });
    for (const kind of ['pointerup', 'pointercancel']) {
      area.addEventListener(kind, () => clearTimeout(this.#timer), { signal });
    }
    area.addEventListener('contextmenu', (event) => byFinger(event) && event.preventDefault(), { signal });
  }

  /** @param {PointerEvent} event @param {(place: Element) => void} pressed */
  #down(event, pressed) {
    clearTimeout(this.#timer);
    if (!byFinger(event)) return;
    this.#x = event.clientX;
    this.#y = event.clientY;
    this.#timer = setTimeout(() => pressed(/** @type {Element} */ (event.target)), LONG);
  }

  /** @param {PointerEvent} event */
  #moved({ clientX, clientY }) {
    if (Math.hypot(clientX - this.#x, clientY - this.#y) > STILL) clearTimeout(this.#timer);
  }

  end() {
    this.#ended.abort();
    clearTimeout(this.#timer);
  }
}

/** @param {Event} event */
const byFinger = (event) => event instanceof PointerEvent && event.pointerType === 'touch';
