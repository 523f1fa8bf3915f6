/**
 * Zoom and position of one picture: by wheel, drag, pinch, double click and keys.
 *
 * @module
 */

const MAX_ZOOM = 8;
const KEY_STEP = 1.5;
/** A key moves a zoomed picture by this part of the stage. */
const PAN_STEP = 0.2;
/** A horizontal swipe over a picture that is not zoomed, in pixels. */
const SWIPE_PX = 60;

export class Zoom {
  scale = 1;
  #x = 0;
  #y = 0;
  /** @type {Map<number, { x: number, y: number }>} pointers that are down, by id */
  #pointers = new Map();
  #start = { x: 0, y: 0 };
  /** How many pointers the present gesture has had. */
  #most = 0;
  #stage;
  #changed;
  #swiped;

  /**
   * @param {HTMLElement} stage what contains the picture
   * @param {{ changed: () => void, swiped: (by: 1 | -1) => void }} heard `by`: 1 to the left
   */
  constructor(stage, { changed, swiped }) {
    this.#stage = stage;
    this.#changed = changed;
    this.#swiped = swiped;
    stage.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    stage.addEventListener('pointerdown', (event) => this.#down(event));
    stage.addEventListener('pointermove', (event) => this.#move(event));
    for (const kind of /** @type {const} */ (['pointerup', 'pointercancel'])) {
      stage.addEventListener(kind, (event) => this.#up(event));
    }
    stage.addEventListener('dblclick', (event) => this.#set(this.scale > 1 ? 1 : 2.5, this.#place(event)));
  }

  get transform() {
    return this.scale === 1 ? '' : `translate(${this.#x}px, ${this.#y}px) scale(${this.scale})`;
  }

  reset() {
    this.#set(1);
  }

  /** @param {1 | -1} direction */
  step(direction) {
    this.#set(this.scale * KEY_STEP ** direction);
  }

  /** @param {number} x 1: to the right @param {number} y 1: down */
  pan(x, y) {
    this.#x += x * PAN_STEP * this.#stage.clientWidth;
    this.#y += y * PAN_STEP * this.#stage.clientHeight;
    this.#hold();
  }

  /** A place in the stage, from its middle. @param {{ clientX: number, clientY: number }} event */
  #place({ clientX, clientY }) {
    const { left, top, width, height } = this.#stage.getBoundingClientRect();
    return { x: clientX - left - width / 2, y: clientY - top - height / 2 };
  }

  /** The point `at` stays where it is. @param {number} scale */
  #set(scale, at = { x: 0, y: 0 }) {
    const next = Math.min(Math.max(scale, 1), MAX_ZOOM);
    const by = next / this.scale;
    this.#x = at.x - (at.x - this.#x) * by;
    this.#y = at.y - (at.y - this.#y) * by;
    this.scale = next;
    this.#hold();
  }

  /** No picture leaves the stage. */
  #hold() {
    const { clientWidth, clientHeight } = this.#stage;
    const [x, y] = [clientWidth, clientHeight].map((size) => (size * (this.scale - 1)) / 2);
    this.#x = Math.min(Math.max(this.#x, -x), x);
    this.#y = Math.min(Math.max(this.#y, -y), y);
    this.#changed();
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    this.#set(this.scale * Math.exp(-event.deltaY / 300), this.#place(event));
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (/** @type {Element} */ (event.target).closest('button, a, pre')) return;
    this.#stage.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, this.#place(event));
    this.#most = Math.max(this.#most, this.#pointers.size);
    if (this.#pointers.size === 1) this.#start = this.#place(event);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = this.#place(event);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    if (other) {
      const by = distance(now, other) / (distance(before, other) || 1);
      this.#set(this.scale * by, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    } else if (this.scale > 1) {
      this.#x += now.x - before.x;
      this.#y += now.y - before.y;
      this.#hold();
    }
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const end = this.#pointers.get(event.pointerId);
    this.#pointers.delete(event.pointerId);
    if (!end || this.#pointers.size) return;
    const by = end.x - this.#start.x;
    const isSwipe = this.#most === 1 && this.scale === 1 && event.type === 'pointerup';
    this.#most = 0;
    if (isSwipe && event.pointerType !== 'mouse' && Math.abs(by) > SWIPE_PX) this.#swiped(by < 0 ? 1 : -1);
  }
}

/** @param {{ x: number, y: number }} a @param {{ x: number, y: number }} b */
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
