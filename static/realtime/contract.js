/**
 * Everything that passes between the owner (SharedWorker) and the tabs, as types.
 *
 * The owner keeps the state; a tab holds copies that it changes only by applying diffs. All values
 * survive `structuredClone`. Bodies that come from the server unchanged keep their wire names.
 *
 * @module
 */

/** @import { AnyCommand, Chat, File, Limits, Me, Member, Message, NotificationSettings, Person,
 *   Position, Preview, Quote, Undelivered } from './wire.js' */

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
 * Why a request failed: the server's codes, and some of the client's own. `offline`: the server
 * could not be reached; `signed_out`: the session has ended; `failed`: the response is not one of
 * this server's; `unreadable`: the bytes of a file cannot be read on this device; `unusable`: the
 * server could not store a file.
 *
 * @typedef {'invalid' | 'not_found' | 'empty' | 'too_long' | 'not_contacts' | 'not_possible'
 *   | 'forbidden' | 'full' | 'conflict' | 'rate_limited' | 'unavailable' | 'offline' | 'signed_out'
 *   | 'failed' | 'file_too_large' | 'storage_full' | 'file_gone' | 'storage_unavailable'
 *   | 'unreadable' | 'unusable' | 'no_picture' | 'too_many_pixels'
 *   } FailureCode
 *
 * @typedef {object} Failure
 * @property {FailureCode} code
 * @property {string} detail the server's text, may be empty
 * @property {number | null} retryAfter seconds
 */

/**
 * The connection to the server.
 *
 * `connecting`: first attempt or just lost, nothing to show yet; `syncing`: open, catching up;
 * `online`; `offline`: not reachable, retried at `retryAt`; `signed_out`: link to the sign-in page;
 * `outdated`: the server refuses this release, reload.
 *
 * @typedef {object} ConnectionView
 * @property {'connecting' | 'syncing' | 'online' | 'offline' | 'signed_out' | 'outdated'} state
 * @property {number | null} retryAt epoch milliseconds of the next attempt
 * @property {number} queued own messages that wait to be sent
 * @property {number} unstored of those, how many this device does not store: a reload loses them
 * @property {boolean} uncached this browser stores no new messages for reading offline
 * @property {string | null} release release of the server when it differs from the page's
 */

/**
 * @typedef {object} MeView
 * @property {Me} me
 * @property {Limits} limits
 * @property {NotificationSettings | null} notifications
 * @property {Undelivered[]} undelivered notifications that reached no device
 */

/**
 * `null` when it is not known (the reader is offline, or the person is no contact). `away`: online,
 * but not active on any device.
 *
 * @typedef {{ online: boolean, away: boolean, last_seen: string | null } | null} PresenceView
 */

/** @typedef {Member['role']} Role decides what a member may do in a group */

/** @typedef {{ id: string, name: string }} Named a person; `name` is empty while it is not known */

/**
 * One line of the chat list, and the head of an open chat.
 *
 * @typedef {object} ChatView
 * @property {string} id
 * @property {'direct' | 'group'} kind
 * @property {string} title
 * @property {string | null} picture the file of a group's picture
 * @property {Person | null} person the other side of a direct chat
 * @property {PresenceView} presence of that person
 * @property {Role} role the reader's own
 * @property {number} members how many people are in it
 * @property {Named[]} typing other people who are typing now
 * @property {boolean} writable false when a direct chat's other side is no contact (any more)
 * @property {number} last_seq
 * @property {number} read_seq
 * @property {number} unread
 * @property {boolean} marked_unread
 * @property {boolean} pinned
 * @property {boolean} archived
 * @property {boolean} muted now, with or without an end
 * @property {string | null} muted_until RFC 3339
 * @property {'all' | 'mentions' | 'none' | ''} notify empty: as in every chat
 * @property {string} active_at RFC 3339; a pending own message counts
 * @property {LastLine | null} last
 * @property {string} draft empty when there is none
 * @property {Quote | null} reply what the draft replies to
 * @property {PendingFile[]} files chosen for the next message, in order
 * @property {boolean} refused an own message was refused and waits for retry or discard
 * @property {ScheduledView[]} scheduled messages to be sent later, and those that failed
 */

/**
 * `text`: the beginning; `due_at`: RFC 3339; `failed`: code of the refusal, or null.
 *
 * @typedef {{ id: string, text: string, files: { kind: FileKind, name: string }[], due_at: string,
 *   failed: string | null }} ScheduledView
 */

/**
 * The newest entry, own pending ones included.
 *
 * @typedef {object} LastLine
 * @property {string} kind
 * @property {string} sender
 * @property {string} name the sender's; empty while it is not known
 * @property {Named | null} about the person an entry like `joined` is about; null: its sender
 * @property {boolean} mine
 * @property {string} text
 * @property {{ kind: FileKind, name: string }[]} files
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
 * `pending`: not acknowledged yet; `refused`: see `failure`, waits for retry or discard; `sent`:
 * committed. Delivered and read follow from the positions (see `stateOf`).
 *
 * @typedef {'pending' | 'refused' | 'sent'} RowState
 */

/**
 * One entry of a timeline. `key` is the same from the moment of pressing Enter: render by it.
 *
 * @typedef {object} Row
 * @property {string} key
 * @property {string} client_id the argument of `retry` and `discard`
 * @property {number | null} seq null until committed
 * @property {string} kind `text`, or an event: `created`, `joined`, `left`, `removed`, `renamed`;
 *   an unknown kind is shown as a neutral line
 * @property {string} sender id; names are in `TimelineState.people`, because they may come later
 * @property {string | null} about id of the person that `joined` and the like are about; null: the sender
 * @property {boolean} mine
 * @property {string} text
 * @property {string} at RFC 3339; own clock until committed
 * @property {RowState} state
 * @property {Failure | null} failure
 * @property {number | null} reply_to seq of the message it replies to
 * @property {Quote | null} quote the beginning of that message
 * @property {number | null} thread seq of the first message of the thread
 * @property {string[]} mentions ids of people
 * @property {boolean} mentions_all
 * @property {boolean} mentions_me the reader is mentioned, by name or as one of all
 * @property {string | null} edited_at
 * @property {boolean} deleted the row stays, without text
 * @property {boolean} pinned
 * @property {boolean} saved by the reader
 * @property {ReactionView[]} reactions in the order of first use
 * @property {Preview[]} previews of the pages behind its links
 * @property {(File | PendingFile)[]} files `PendingFile` while the message is not committed
 */

/** @typedef {File['kind']} FileKind */

/**
 * A file of an unsent message or of a draft.
 *
 * @typedef {object} PendingFile
 * @property {string} upload its id, the argument of `cancelUpload` and `retryUpload`
 * @property {FileKind} kind as this browser takes it; the server decides later
 * @property {string} name
 * @property {string} type media type, may be empty
 * @property {number} size in bytes
 * @property {string} url of its bytes in this tab; empty while it is not known
 * @property {number} width in pixels, of a picture; 0 when it is not known
 * @property {number} height
 * @property {number} sent how many bytes the server has
 * @property {UploadState} state
 * @property {string} problem why it failed: a `FailureCode` from the owner, in the tab the reader's
 *   words (`files/local-files.js`)
 * @property {boolean} stored whether this device stores it: else a reload loses it
 */

/** @typedef {'waiting' | 'uploading' | 'processing' | 'ready' | 'failed'} UploadState */
/** @typedef {{ duration_ms: number, waveform: string }} VoiceRecording `waveform`: base64 */

/**
 * A file that a tab gives to the owner. `id`: made by the tab; the same one again is the same file.
 *
 * @typedef {object} ChosenFile
 * @property {string} id
 * @property {Blob} blob
 * @property {FileKind} kind
 * @property {string} name
 * @property {number} width
 * @property {number} height
 * @property {VoiceRecording | null} voice
 */

/**
 * A file that the server has already, of a message or kept by the person, to be sent again. `id`:
 * made by the tab, of this use; `file`: the server's.
 *
 * @typedef {Pick<ChosenFile, 'id' | 'kind' | 'name' | 'width' | 'height'>
 *   & { file: string, type: string, size: number }} ExistingFile
 */

/**
 * A file on its way to the server, as the database `parley-mine-…` stores it, without its bytes. It
 * belongs to the unsent message that names it, and to the draft of its chat while none does.
 *
 * @typedef {object} Upload
 * @property {string} id
 * @property {string} chat
 * @property {string} client_id its id for the server; a new one when it is uploaded again
 * @property {number} order
 * @property {FileKind} kind
 * @property {string} name
 * @property {string} type
 * @property {number} size
 * @property {number} width
 * @property {number} height
 * @property {VoiceRecording | null} voice
 * @property {string | null} file the server's id
 * @property {UploadState} state
 * @property {FailureCode | ''} problem
 * @property {boolean} again whether it is uploaded again, because the server had lost it
 * @property {boolean} existing an `ExistingFile`: this device has no bytes of it
 */

/**
 * One emoji on a row. `people`: ids of the first hundred of them.
 *
 * @typedef {{ emoji: string, count: number, mine: boolean, people: string[] }} ReactionView
 */

/**
 * A member of a group, the reader included; in the order in which they joined.
 *
 * @typedef {object} MemberView
 * @property {Person} person
 * @property {Role} role
 * @property {PresenceView} presence
 */

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
 * messages to be shown after them (always empty when `atEnd` is false).
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
 * @property {boolean} [atStart]
 * @property {boolean} [atEnd]
 * @property {number | null} [unreadFrom]
 * @property {PositionsView} [positions]
 * @property {ChatView} [chat]
 * @property {Record<string, Person>} [people]
 * @property {MemberView[]} [members]
 * @property {string[]} [fresh] keys of appended rows that other people just sent: announce them
 */

/**
 * A diff of a keyed list (chats by `id`, contacts by `person.id`). The first diff of a watch is
 * complete.
 *
 * @template T
 * @typedef {object} ListDiff
 * @property {boolean} [reset] clear the copy first
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
 * The reader's settings of one chat. `muted`, true or false, also ends `muted_until`.
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
 * A message to notify the reader of while they look at no tab. `title` and `body` as on a
 * notification; `seq`: the first unread message of the chat, to open at; `count`: how many are
 * unread.
 *
 * @typedef {{ chat: string, seq: number, count: number, title: string, body: string }} News
 */

/**
 * An unsent message, as the database `parley-mine-…` stores it. `order` is its place in the queue
 * of the chat. `ack` is set once committed; the entry is removed when the chat's stream has passed
 * `ack.rev`.
 *
 * @typedef {object} OutboxEntry
 * @property {string} client_id
 * @property {string} chat
 * @property {string} text
 * @property {Quote | null} quote what it replies to
 * @property {string[]} files ids of uploads
 * @property {string} at when it was written, by the own clock
 * @property {number} order
 * @property {RowState} state
 * @property {Failure | null} failure
 * @property {boolean} tried it may have reached the server, though no reply came
 * @property {{ seq: number, rev: number, at: string } | null} ack
 */

/** @typedef {{ text: string, reply: Quote | null }} DraftView */

/**
 * A draft as the database `parley-mine-…` stores it. `unsaved`: the server does not have it yet;
 * then it is stored even when it is empty.
 *
 * @typedef {{ chat: string, at: string, unsaved: boolean } & DraftView} Draft
 */

/**
 * @typedef {{ id: string, expires_at: string, most_uses: number | null, uses: number }} GroupLink
 */
/**
 * `name`: the sender's; `people`: those who are mentioned in it.
 *
 * @typedef {{ chat: string, row: Row, name: string, people: Record<string, Person> }} SavedRow
 */
/** @typedef {{ rows: Row[], next: string | null }} RowPage */
/** @typedef {{ people: Person[], next: string | null }} PeoplePage */
/** @typedef {{ text: string, until: string }} FormerText */
/** @typedef {{ texts: FormerText[], next: string | null }} FormerTextPage */

/**
 * HTTP requests that the owner makes for views (worker/requests.js). `cursor` is `next` of the page
 * before.
 *
 * `links`: those that can be used now; `makeLink`: the address cannot be fetched later;
 * `scheduledText`: the whole text; `sendNow`: by the outbox; `currentText`: as the server has it,
 * and since when, or `not_found` when it is deleted; `saved`: of all chats, the newest first, as
 * `pins`; `named`: those of these people who are known; `message`: from the cache or the server;
 * `thread`: the replies in order, without the first message; `seen`: the people who have read a
 * message; `formerTexts`: the oldest first.
 *
 * @typedef {object} Requests
 * @property {(chat: string) => Promise<GroupLink[]>} links
 * @property {(chat: string, terms?: { hours?: number, most_uses?: number | null })
 *   => Promise<{ id: string, url: string }>} makeLink
 * @property {(chat: string, link: string) => Promise<void>} revokeLink
 * @property {(message: { chat: string, text: string, due_at: string, reply_to: number | null,
 *   uploads: string[] }) => Promise<unknown>} schedule
 * @property {(id: string) => Promise<string>} scheduledText
 * @property {(id: string, change: { text: string, due_at: string }) => Promise<unknown>} reschedule
 * @property {(id: string) => Promise<void>} unschedule
 * @property {(id: string) => Promise<void>} sendNow
 * @property {(change: Partial<Pick<Me, 'auto_load' | 'low_first'>>) => Promise<unknown>} updateMe
 * @property {(query: string, cursor?: string | null) => Promise<FoundPeople>} findPeople
 * @property {(chat: string, seq: number) => Promise<{ text: string, at: string }>} currentText
 * @property {(chat: string) => Promise<Row[]>} pins
 * @property {() => Promise<SavedRow[]>} saved
 * @property {(ids: string[]) => Promise<Record<string, Person>>} named
 * @property {(chat: string, seq: number) => Promise<Row>} message
 * @property {(chat: string, seq: number, cursor?: string | null) => Promise<RowPage>} thread
 * @property {(chat: string, seq: number, cursor?: string | null) => Promise<PeoplePage>} seen
 * @property {(chat: string, seq: number, cursor?: string | null) => Promise<FormerTextPage>
 *   } formerTexts
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

/** @typedef {Message} WireMessage */

export {};
