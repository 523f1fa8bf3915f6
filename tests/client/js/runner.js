/**
 * A minimal test runner for logic without a server. A test file imports `test` and `equal`;
 * `tests/client/test_js.py` loads it in a page of Chromium and calls `run`.
 *
 * @module
 */

/** @type {Map<string, () => unknown>} */
const cases = new Map();

/** Declare a case. @param {string} name unique in its file @param {() => unknown} body */
export function test(name, body) {
  if (cases.has(name)) throw new Error(`two cases are named ${name}`);
  cases.set(name, body);
}

/** Compare values as JSON would print them. @param {unknown} actual @param {unknown} expected */
export function equal(actual, expected) {
  const [got, wanted] = [printed(actual), printed(expected)];
  if (got !== wanted) throw new Error(`expected ${wanted}, got ${got}`);
}

/** Run all cases. @returns {Promise<Record<string, string>>} the error of each; empty: it passed */
export async function run() {
  /** @type {Record<string, string>} */
  const results = {};
  for (const [name, body] of cases) {
    try {
      await body();
      results[name] = '';
    } catch (error) {
      results[name] = error instanceof Error ? `${error.stack}` : String(error);
    }
  }
  return results;
}

/** @param {unknown} value */
function printed(value) {
  return JSON.stringify(
    value,
    (_, one) => {
      if (one === undefined) return 'undefined';
      if (one instanceof Map || one instanceof Set) return [...one];
      return one;
    },
    2,
  );
}
