/**
 * Everything that passes between the owner (SharedWorker) and the tabs, as types.
 *
 * The owner keeps the state; a tab holds copies that it changes only by applying diffs. All values
 * survive `structuredClone`. Bodies that come from the server unchanged keep their wire names.
 *
 * @module
 */

/** @import { AnyCommand, Chat, Limits, Me, Member, Message, NotificationSettings, Person, Position, Preview,
 *   Quote, Undelivered } from './wire.js' */

/**
 * What the page must say about itself: `<body data-person data-release data-csrf>`.
 *
 * `csrf` is the token rendered with the page (`{{ csrf_token }}`), not the cookie's present value:
 * the token dies with the sign-in it belongs to, so a tab of the person before can never post in
 * the name of the person now signed in.
 *
 * @typedef {object} PageFacts
 * @property {string} person id of the person the page was rendered for
 * @property {string} release release hash of the static files
 * @property {string} csrf
 */

/**
 * Why something failed: the server's codes, and three of the client's own. `offline`: could not be
 * reached, nothing was changed or kept; `signed_out`: the session has ended; `failed`: the server
 * answered something that is not ours.
 *
 * @typedef {'invalid' | 'not_found' | 'empty' | 'too_long' | 'not_contacts' | 'not_possible'
 *   | 'forbidden' | 'full' | 'conflict' | 'rate_limited' | 'unavailable' | 'offline' | 'signed_out'
 *   | 'failed'
 *   } FailureCode
 *
 * @typedef {object} Failure
 * @property {FailureCode} code
 * @property {string} detail words from the server, may be empty
 * @property {number | null} retryAfter seconds
 */

/**
 * The line to the server.
 *
 * `connecting`: first attempt or just lost, nothing to show yet; `syncing`: open, catching up;
 * `online`; `offline`: not reachable, retried at `retryAt`; `signed_out`: show the way to sign in;
 * `outdated`: the server refuses this release, reload.
 *
 * @typedef {object} ConnectionView
 * @property {'connecting' | 'syncing' | 'online' | 'offline' | 'signed_out' | 'outdated'} state
 * @property {number | null} retryAt epoch milliseconds of the next attempt
 * @property {number} queued own messages that wait to be sent
 * @property {number} unstored those of them that this device does not store: a reload loses them
 * @property {boolean} uncached this browser stores nothing more: nothing new can be read offline
 * @property {string | null} release release of the server when it differs from the page's
 */

/**
 * @typedef {object} MeView
 * @property {Me} me
 * @property {Limits} limits
 * @property {NotificationSettings | null} notifications what the reader wants to be told of
 * @property {Undelivered[]} undelivered what no device could be told of while nobody was here
 */

/**
 * `null` when nothing is known (offline, or not somebody the reader is in touch with). `away`:
 * online, but at none of their devices.
 *
 * @typedef {{ online: boolean, away: boolean, last_seen: string | null } | null} PresenceView
 */

/** @typedef {Member['role']} Role what one may do in a group */

/** @typedef {{ id: string, name: string }} Named a person; `name` is empty while it is not known */

/**
 * One line of the chat list, and the head of an open chat.
 *
 * @typedef {object} ChatView
 * @property {string} id
 * @property {'direct' | 'group'} kind
 * @property {string} title
 * @property {Person | null} person the other side of a direct chat
 * @property {PresenceView} presence of that person
 * @property {Role} role the reader's own
 * @property {number} members how many people are in it
 * @property {Named[]} typing others who are writing just now
 * @property {boolean} writable false when a direct chat's other side is no contact (any more)
 * @property {number} last_seq
 * @property {number} read_seq
 * @property {number} unread
 * @property {boolean} marked_unread
 * @property {boolean} pinned
 * @property {boolean} archived
 * @property {boolean} muted now, whether for ever or until a moment
 * @property {string | null} muted_until RFC 3339
 * @property {'all' | 'mentions' | 'none' | ''} notify what is told of it; empty: as everywhere
 * @property {string} active_at RFC 3339; a pending own message counts
 * @property {LastLine | null} last
 * @property {string} draft empty when there is none
 * @property {Quote | null} reply what the draft answers
 * @property {boolean} refused an own message was refused and waits for a decision
 * @property {ScheduledView[]} scheduled what is sent there later, and what could not be
 */

/**
 * `text`: its beginning; `due_at`: RFC 3339; `failed`: the code of the refusal, null while it waits.
 *
 * @typedef {{ id: string, text: string, due_at: string, failed: string | null }} ScheduledView
 */

/**
 * The newest entry, own pending ones included.
 *
 * @typedef {object} LastLine
 * @property {string} kind
 * @property {string} sender
 * @property {string} name the sender's; empty while it is not known
 * @property {Named | null} about whom an entry like `joined` speaks of; null: its sender
 * @property {boolean} mine
 * @property {string} text
 * @property {boolean} deleted
 * @property {string} at
 * @property {RowState} state
 */

/**
 * @typedef {object} ContactView
 * @property {Person} person
 * @property {'none' | 'outgoing' | 'incoming' | 'contact' | 'blocked'} state
 * @property {string} since
 * @property {PresenceView} presence
 */

/**
 * `pending`: not acknowledged, sent or waiting; `refused`: see `failure`, waits for retry or
 * discard; `sent`: committed. Delivered and read follow from the positions (see `stateOf`).
 *
 * @typedef {'pending' | 'refused' | 'sent'} RowState
 */

/**
 * One entry of a timeline. `key` never changes, from the moment of pressing Enter on: render by it.
 *
 * @typedef {object} Row
 * @property {string} key
 * @property {string} client_id what `retry` and `discard` take
 * @property {number | null} seq null until committed
 * @property {string} kind `text`, or what happened: `created`, `joined`, `left`, `removed`,
 *   `renamed`; one that is not known is shown as a neutral line
 * @property {string} sender id; names are in `TimelineState.people`, for they may come later
 * @property {string | null} about id of whom an entry like `joined` speaks of; null: its sender
 * @property {boolean} mine
 * @property {string} text
 * @property {string} at RFC 3339; own clock until committed
 * @property {RowState} state
 * @property {Failure | null} failure
 * @property {number | null} reply_to seq of the answered message
 * @property {Quote | null} quote its beginning
 * @property {number | null} thread seq of the message that the thread began with
 * @property {string[]} mentions ids of people
 * @property {boolean} mentions_all
 * @property {boolean} mentions_me the reader is meant, by name or as one of all
 * @property {string | null} edited_at
 * @property {boolean} deleted it keeps its place, without words
 * @property {boolean} pinned
 * @property {boolean} saved the reader keeps it
 * @property {ReactionView[]} reactions in the order in which they first came
 * @property {Preview[]} previews what the pages behind its links say of themselves
 */

/**
 * One emoji on a row. `people`: ids of the first hundred of them.
 *
 * @typedef {{ emoji: string, count: number, mine: boolean, people: string[] }} ReactionView
 */

/**
 * A member of a group, the reader included. In the order in which they came.
 *
 * @typedef {object} MemberView
 * @property {Person} person
 * @property {Role} role
 * @property {PresenceView} presence
 */

/**
 * How far all the others have come: an own row is delivered when `seq <= delivered`, and read when
 * `seq <= read`. `members` are the single positions, without the reader's own, `of` how many others
 * there are (see `seenBy`).
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
 * A window on a timeline. `rows` are contiguous committed entries in seq order, `pending` own ones
 * to be shown after them (always empty when `atEnd` is false).
 *
 * @typedef {object} TimelineState
 * @property {'loading' | 'ready' | 'failed' | 'left'} status `loading`: nothing cached here, being
 *   fetched; `failed`: see `failure` (`offline` ones are fetched by themselves once the line is
 *   back); `left`: the reader is not in this chat any more, nothing of it is kept
 * @property {Failure | null} failure
 * @property {ChatView | null} chat null while the chat itself is not known yet
 * @property {Record<string, Person>} people who can be named here, by id; see `nameOf`
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
 * What changed in a window. Parts that are absent did not change. Apply in this order.
 *
 * @typedef {object} TimelineDiff
 * @property {TimelineState} [reset] all is new: opened, jumped, or caught up across a gap
 * @property {boolean} [stay] with `reset`: nobody moved, the reader stays at the row they look at
 * @property {Row[]} [prepend]
 * @property {Row[]} [append]
 * @property {Row[]} [replace] rows with the same key, changed
 * @property {number} [trimStart] so many rows leave at the start
 * @property {number} [trimEnd] so many rows leave at the end
 * @property {Row[]} [pending] the whole list as it is now
 * @property {boolean} [atStart]
 * @property {boolean} [atEnd]
 * @property {number | null} [unreadFrom]
 * @property {PositionsView} [positions]
 * @property {ChatView} [chat]
 * @property {Record<string, Person>} [people]
 * @property {MemberView[]} [members]
 * @property {string[]} [fresh] keys of appended rows that others have just sent: worth announcing
 */

/**
 * A diff of a keyed list (chats by `id`, contacts by `person.id`). The first one a watcher gets is
 * complete.
 *
 * @template T
 * @typedef {object} ListDiff
 * @property {boolean} [reset] forget what is held first
 * @property {T[]} [put]
 * @property {string[]} [remove]
 */

/** @typedef {{ person: Person, state: ContactView['state'] }} FoundPerson */
/** @typedef {{ items: FoundPerson[], next: string | null }} FoundPeople */
/**
 * @typedef {'invite' | 'accept' | 'decline' | 'cancel' | 'remove' | 'block' | 'unblock'
 *   } ContactVerb
 */
/**
 * `muted` said either way ends `muted_until`.
 *
 * @typedef {Partial<Pick<Chat, 'pinned' | 'archived' | 'muted' | 'muted_until' | 'notify'
 *   | 'marked_unread'>>} ChatSettings
 */

/**
 * A command as a view gives it: the owner sets its `ref`.
 *
 * @template {AnyCommand} C
 * @typedef {C extends AnyCommand ? Omit<C, 'ref'> : never} WithoutRef
 */
/** @typedef {WithoutRef<AnyCommand>} Command */

/**
 * A message that the reader wants to be told of, while they look at no tab. `title` and `body` as
 * on a notification; `seq`: the first unread of the chat, where they go on; `count`: how many are.
 *
 * @typedef {{ chat: string, seq: number, count: number, title: string, body: string }} News
 */

/**
 * An own message on its way, as the `mine` database holds it. `order` gives the place in the queue
 * of its chat. `ack` is set once committed; the entry goes when the chat's stream has passed
 * `ack.rev`.
 *
 * @typedef {object} OutboxEntry
 * @property {string} client_id
 * @property {string} chat
 * @property {string} text
 * @property {Quote | null} quote what it answers
 * @property {string} at when it was written, own clock
 * @property {number} order
 * @property {RowState} state
 * @property {Failure | null} failure
 * @property {boolean} tried it may have reached the server, though no answer has come back
 * @property {{ seq: number, rev: number, at: string } | null} ack
 */

/** @typedef {{ text: string, reply: Quote | null }} DraftView what is being written */

/**
 * As the `mine` database holds it. `unsaved`: the server does not have it yet; such a one is kept
 * even when it is empty.
 *
 * @typedef {{ chat: string, at: string, unsaved: boolean } & DraftView} Draft
 */

/**
 * @typedef {{ id: string, expires_at: string, most_uses: number | null, uses: number }} GroupLink
 */
/**
 * `name`: the sender's; `people`: who is named in it.
 *
 * @typedef {{ chat: string, row: Row, name: string, people: Record<string, Person> }} SavedRow
 */
/** @typedef {{ rows: Row[], next: string | null }} RowPage */
/** @typedef {{ people: Person[], next: string | null }} PeoplePage */
/** @typedef {{ text: string, until: string }} FormerText */
/** @typedef {{ texts: FormerText[], next: string | null }} FormerTextPage */

/**
 * Counts for journeys and support.
 *
 * @typedef {object} DebugView
 * @property {'shared' | 'tab'} host where the owner runs
 * @property {boolean} leader whether this owner sends and writes the cache
 * @property {number} tabs
 * @property {number} socketsOpened
 * @property {number} resumes
 * @property {number} httpRequests
 * @property {'socket' | 'stream' | 'poll'} transport
 * @property {number} framesIn
 * @property {number} framesDropped events not newer than the cursor
 * @property {number} healed how often something held differed from what is stored
 * @property {string | null} epoch
 * @property {number} user
 * @property {Record<string, number>} cursors
 * @property {Record<string, [number, number][]>} spans
 * @property {number} outbox
 */

/**
 * Requests of a tab. `held`: it holds the lock `parley-tab-<tab>` until it is gone. `call` gets one
 * `result` or `failure`; `watch` gets `diff`s until `unwatch`. `input`: the person is at the
 * device; said from time to time while they are. `again`: an owner before may have carried out this
 * call. `ping` is answered with `alive` at once.
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
 * Answers of the owner. `alive` also follows each `hello`; `lock`: the owner's worker holds the lock
 * of this name as long as it lives, null where there are no locks or no worker.
 *
 * @typedef {{ is: 'alive', lock: string | null }
 *   | { is: 'result', id: number, value: unknown }
 *   | { is: 'failure', id: number, failure: Failure }
 *   | { is: 'diff', id: number, diff: unknown }} OwnerMessage
 */

/** @typedef {Message} WireMessage */

export {};
