/**
 * Tells elements that they come near the visible part of the page, or leave it.
 *
 * @module
 */

/** @typedef {(visible: boolean) => void} Heard */

/** Pixels above and below: what is loaded before it is seen. */
const NEAR_PX = 600;

/** @type {Map<string, WeakMap<Element, IntersectionObserver>>} */
const observers = new Map();
/** @type {WeakMap<Element, Map<IntersectionObserver, Heard>>} */
const listeners = new WeakMap();

/** @param {Element} element @param {number} margin */
function observerFor(element, margin) {
  const root = element.closest('.timeline, .panel-in, .viewer') ?? document.documentElement;
  const name = String(margin);
  const byRoot = observers.get(name) ?? new WeakMap();
  observers.set(name, byRoot);
  let observer = byRoot.get(root);
  if (!observer) {
    const made = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) listeners.get(target)?.get(made)?.(isIntersecting);
      },
      { root: root === document.documentElement ? null : root, rootMargin: `${margin}px 0px` },
    );
    byRoot.set(root, made);
    observer = made;
  }
  return observer;
}

/** @param {Element} element @param {number} margin @param {Heard} heard @returns {() => void} ends it */
function watch(element, margin, heard) {
  const observer = observerFor(element, margin);
  const mine = listeners.get(element) ?? new Map();
  listeners.set(element, mine.set(observer, heard));
  observer.observe(element);
  return () => {
    observer.unobserve(element);
    mine.delete(observer);
  };
}

/** @param {Element} element @param {Heard} heard */
export const whenNear = (element, heard) => watch(element, NEAR_PX, heard);

/** @param {Element} element @param {Heard} heard */
export const whenSeen = (element, heard) => watch(element, 0, heard);
