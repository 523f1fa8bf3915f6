/**
 * Copies of what a tab watches.
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
 * A sorted copy of a keyed list, kept by diffs.
 *
 * @template T
 */
export class KeyedList {
  /** @type {Map<string, T>} */
  #items = new Map();
  /** @type {(item: T) => string} */
  #key;
  /** @type {(a: T, b: T) => number} */
  #order;

  /**
   * @param {(item: T) => string} key
   * @param {(a: T, b: T) => number} order
   */
  constructor(key, order) {
    this.#key = key;
    this.#order = order;
  }

  /** @param {ListDiff<T>} diff @returns {T[]} a new array, sorted */
  apply({ reset = false, put = [], remove = [] }) {
    if (reset) this.#items.clear();
    for (const item of put) this.#items.set(this.#key(item), item);
    for (const key of remove) this.#items.delete(key);
    return [...this.#items.values()].sort(this.#order);
  }
}
