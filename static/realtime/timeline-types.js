/**
 * A range of a timeline, and what changes in it.
 *
 * @module
 */

/** @import { ChatView, Failure, MemberView, Row } from './contract.js' */
/** @import { Person, Position } from './wire.js' */

/**
 * How far all other members are: an own row is delivered when `seq <= delivered`, and read when
 * `seq <= read`. `members` are the single positions, without the reader's own; `of` is the number
 * of other members (see `seenBy`).
 *
 * @typedef {object} PositionsView
 * @property {number} delivered
 * @property {number} read
 * @property {number} of
 * @property {Position[]} members
 */

/**
 * Where to open a timeline: at the first unread entry (or the end when all is read), at the end,
 * at a seq, or at the first entry of a day (`YYYY-MM-DD` in the profile's time zone, or the
 * browser's).
 *
 * @typedef {'unread' | 'end' | number | { date: string }} OpenAt
 */

/**
 * A range of a timeline. `rows` are contiguous committed entries in seq order, `pending` are own
 * messages that are not sent, to be shown after them when `atEnd` is true.
 *
 * @typedef {object} TimelineState
 * @property {'loading' | 'ready' | 'failed' | 'left'} status `loading`: nothing is cached here, it
 *   is being fetched; `failed`: see `failure` (after `offline` the owner fetches it by itself once
 *   the connection is back); `left`: the reader is no longer in this chat, nothing of it is stored
 * @property {Failure | null} failure
 * @property {ChatView | null} chat null while the chat itself is not known yet
 * @property {Record<string, Person>} people of this range, by id; see `nameOf`
 * @property {MemberView[] | null} members of a group; null while they are not known
 * @property {Row[]} rows
 * @property {Row[]} pending
 * @property {boolean} atStart the first row is the chat's first entry
 * @property {boolean} atEnd the last row is the chat's newest entry, and new ones will be appended
 * @property {number | null} unreadFrom seq of the first unread entry: the divider stands before it
 * @property {number | null} anchor seq to bring into view after opening or a jump; null: the end
 * @property {PositionsView} positions
 */

/**
 * What changed in a range. Absent parts did not change. Apply in this order.
 *
 * @typedef {object} TimelineDiff
 * @property {TimelineState} [reset] the whole state: opened, jumped, or caught up across a gap
 * @property {boolean} [stay] with `reset`: keep the row that the reader looks at in place
 * @property {Row[]} [prepend]
 * @property {Row[]} [append]
 * @property {Row[]} [replace] rows with the same key, changed
 * @property {number} [trimStart] number of rows to remove at the start
 * @property {number} [trimEnd] number of rows to remove at the end
 * @property {Row[]} [pending] the whole list
 * @property {Row[]} [changed] entries that came or changed, also those that are not in the range: for
 *   what is shown beside it
 * @property {boolean} [atStart]
 * @property {boolean} [atEnd]
 * @property {number | null} [unreadFrom]
 * @property {PositionsView} [positions]
 * @property {ChatView} [chat]
 * @property {Record<string, Person>} [people]
 * @property {MemberView[]} [members]
 * @property {string[]} [fresh] keys of appended rows that other people just sent: announce them
 */

export {};
