/**
 * Values that a tab watches, as the owner changes them.
 *
 * @module
 */

/** @import { ListDiff } from '../contract.js' */
/** @import { OwnerClient } from './owner-client.js' */

/**
 * A value that a tab watches: many listeners, one watch on the owner while there are any.
 *
 * @template T what listeners get
 * @template D the diffs that the owner sends
 */
export class Topic {
  /** @type {Set<(value: T) => void>} */
  #listeners = new Set();
  /** @type {(() => void) | null} */
  #stop = null;
  /** @type {T | null} */
  #value = null;
  #owner;
  #name;
  #apply;

  /**
   * @param {OwnerClient} owner
   * @param {'connection' | 'me' | 'chats' | 'contacts'} name
   * @param {(value: T | null, diff: D) => T} apply
   */
  constructor(owner, name, apply) {
    this.#owner = owner;
    this.#name = name;
    this.#apply = apply;
  }

  /** The present value; null before the first diff. */
  get value() {
    return this.#value;
  }

  /**
   * @param {(value: T) => void} listener
   * @returns {() => void} removes the listener
   */
  watch(listener) {
    this.#listeners.add(listener);
    if (this.#value !== null) {
      const value = this.#value;
      queueMicrotask(() => this.#listeners.has(listener) && listener(value));
    }
    this.#stop ??= this.#owner.watch({ topic: this.#name }, (diff) => this.#applyDiff(diff));
    return () => this.#remove(listener);
  }

  /** @param {unknown} diff */
  #applyDiff(diff) {
    this.#value = this.#apply(this.#value, /** @type {D} */ (diff));
    for (const listener of [...this.#listeners]) listener(this.#value);
  }

  /** @param {(value: T) => void} listener */
  #remove(listener) {
    this.#listeners.delete(listener);
    if (this.#listeners.size || !this.#stop) return;
    this.#stop();
    this.#stop = null;
    this.#value = null;
  }
}

/**
 * Applies diffs to a sorted copy of a keyed list.
 *
 * @template T
 * @param {(item: T) => string} key
 * @param {(a: T, b: T) => number} order
 */
export function keyedList(key, order) {
  /** @type {Map<string, T>} */
  const items = new Map();
  /** @param {unknown} _ @param {ListDiff<T>} diff @returns {T[]} a new array */
  return (_, { reset = false, put = [], remove = [] }) => {
    if (reset) items.clear();
    for (const item of put) items.set(key(item), item);
    for (const one of remove) items.delete(one);
    return [...items.values()].sort(order);
  };
}
