/**
 * What a tab and the owner send each other over a MessagePort.
 *
 * @module
 */

/** @import { Failure } from './contract.js' */
/** @import { OpenAt } from './timeline-types.js' */

/**
 * What the page says about itself: `<body data-person data-release data-csrf>`.
 *
 * `csrf` is the token rendered with the page (`{{ csrf_token }}`), not the cookie's present value.
 * It ends with the sign-in it belongs to, so a tab of the person who was signed in before can never
 * post in the name of the person who is signed in now.
 *
 * @typedef {object} PageFacts
 * @property {string} person id of the person the page was rendered for
 * @property {string} release release hash of the static files
 * @property {string} csrf
 * @property {string} former the name of people whose account was deleted
 */

/**
 * Counts for tests and support.
 *
 * @typedef {object} DebugView
 * @property {'shared' | 'tab'} host where the owner runs
 * @property {boolean} leader whether this owner sends and writes the cache
 * @property {number} tabs
 * @property {boolean} newsWatched whether a tab shows notifications
 * @property {number} socketsOpened
 * @property {number} resumes
 * @property {number} httpRequests
 * @property {'socket' | 'stream' | 'poll'} transport
 * @property {number} framesIn
 * @property {number} framesDropped events not newer than the cursor
 * @property {number} healed how often a cached part differed from the server's
 * @property {string | null} epoch
 * @property {number} user
 * @property {Record<string, number>} cursors
 * @property {Record<string, [number, number][]>} spans
 * @property {number} outbox
 * @property {number} uploads
 */

/**
 * What a tab sends to the owner. `held`: it holds the lock `parley-tab-<tab>` until it is gone.
 * `call` gets one `result` or `failure`; `watch` gets `diff`s until `unwatch`. `input`: the person
 * is active, sent now and then. `again`: an owner before this one may have carried out the call.
 * `ping` gets an `alive` at once.
 *
 * @typedef {{ do: 'hello', tab: string, facts: PageFacts, focused: boolean }
 *   | { do: 'held' }
 *   | { do: 'focus', focused: boolean }
 *   | { do: 'input' }
 *   | { do: 'ping' }
 *   | { do: 'call', id: number, name: string, args: unknown[], again: boolean }
 *   | { do: 'watch', id: number, topic: 'connection' | 'me' | 'chats' | 'contacts' | 'news' }
 *   | { do: 'watch', id: number, topic: 'timeline', chat: string, at: OpenAt }
 *   | { do: 'unwatch', id: number }
 *   | { do: 'bye' }} TabMessage
 */

/**
 * What the owner sends to a tab. `alive` also follows each `hello`; `lock`: the owner's worker
 * holds the lock of this name as long as it lives; null without locks or without a worker.
 *
 * @typedef {{ is: 'alive', lock: string | null }
 *   | { is: 'result', id: number, value: unknown }
 *   | { is: 'failure', id: number, failure: Failure }
 *   | { is: 'diff', id: number, diff: unknown }} OwnerMessage
 */

export {};
