/** @import { Failure, FailureCode } from '../contract.js' */

/** The error of every rejected promise of the client: a code to decide by, a text to show. */
export class ParleyError extends Error {
  /**
   * @param {FailureCode} code
   * @param {string} [detail]
   * @param {number | null} [retryAfter] seconds
   */
  constructor(code, detail = '', retryAfter = null) {
    super(detail || code);
    this.name = 'ParleyError';
    this.code = code;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }

  /** @param {Failure} failure */
  static from({ code, detail, retryAfter }) {
    return new ParleyError(code, detail, retryAfter);
  }

  /**
   * @param {unknown} error
   * @returns {Failure}
   */
  static plain(error) {
    if (error instanceof ParleyError) {
      return { code: error.code, detail: error.detail, retryAfter: error.retryAfter };
    }
    return { code: 'failed', detail: String(error), retryAfter: null };
  }

  /** Whether the same request may succeed later, unchanged. */
  get passing() {
    return ['offline', 'rate_limited', 'slowed', 'unavailable', 'storage_unavailable'].includes(this.code);
  }
}
