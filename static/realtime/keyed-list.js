/** @import { ListDiff } from './contract.js' */

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
