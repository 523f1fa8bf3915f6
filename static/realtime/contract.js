/**
 * The values that pass between the owner (SharedWorker) and the tabs, as types. Beside this file:
 * how they pass (`port-messages.js`), ranges of timelines (`timeline-types.js`), requests of views
 * (`request-types.js`), and what this device stores (`stored-types.js`).
 *
 * The owner keeps the state; a tab holds copies that it changes only by applying diffs. All values
 * survive `structuredClone`. Bodies that come from the server unchanged keep their wire names.
 *
 * @module
 */

/** @import { AnyCommand, Chat, File, Limits, Me, Member, Message, Note, NotificationSettings, Person,
 *   Preview, Quiet, Quote, Report, Undelivered } from './wire.js' */

/**
 * Why a request failed: the server's codes, and some of the client's own. `offline`: the server
 * could not be reached; `signed_out`: the session has ended; `failed`: the response is not one of
 * this server's; `unreadable`: the bytes of a file cannot be read on this device; `unusable`: the
 * server could not store a file.
 *
 * @typedef {'invalid' | 'not_found' | 'empty' | 'too_long' | 'not_contacts' | 'not_possible'
 *   | 'forbidden' | 'chat_closed' | 'full' | 'conflict' | 'rate_limited' | 'slowed' | 'unavailable' | 'offline' | 'signed_out'
 *   | 'failed' | 'file_too_large' | 'storage_full' | 'file_gone' | 'storage_unavailable'
 *   | 'new_account' | 'greeted' | 'unknown_command' | 'against_rules' | 'plugin_refused' | 'not_as_edit' | 'held' | 'too_many_held' | 'unreadable' | 'unusable' | 'no_picture' | 'too_many_pixels'
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
 * @property {string} motd the server's message of the day, or empty
 * @property {number} [emoji] revision of the list of custom emoji
 * @property {NotificationSettings | null} notifications
 * @property {Undelivered[]} undelivered notifications that reached no device
 * @property {Report | null} report the reader's report that changed last on this connection
 * @property {number} waiting goes up when the number of what waits for a moderator may have changed
 */

/**
 * `null` when it is not known (the reader is offline, or the person is no contact). `away`: online,
 * but not active on any device. `quiet`: when the person does not want to be disturbed.
 *
 * @typedef {{ online: boolean, away: boolean, last_seen: string | null, quiet?: Quiet | null } | null} PresenceView
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
 * @property {string} closed_reason why moderators closed the group; empty while it is open
 * @property {number} [kept_from] the first entry that retention has kept
 * @property {number} [kept_days] after how many days it deletes here; 0: it was done by hand
 * @property {boolean} writable false when a direct chat's other side is no contact (any more), once
 *   contacts are known, and in a closed group
 * @property {number} last_seq
 * @property {number} read_seq
 * @property {number} unread how many messages are
 * @property {boolean} mentioned whether one of them mentions the reader
 * @property {boolean} marked_unread
 * @property {number | null} [unread_from] the first entry that was marked unread
 * @property {boolean} pinned
 * @property {boolean} archived
 * @property {boolean} muted now, with or without an end
 * @property {string | null} muted_until RFC 3339
 * @property {'all' | 'mentions' | 'none' | ''} notify empty: as in every chat
 * @property {string} active_at RFC 3339; a pending own message counts
 * @property {LastLine | null} last
 * @property {string} draft empty when there is none
 * @property {Quote | null} reply what the draft replies to
 * @property {boolean} draft_full whether it is on this device only, as the server has no room for it
 * @property {PendingFile[]} files chosen for the next message, in order
 * @property {Record<number, PendingFile[]>} thread_files chosen for the next reply in a thread, by the
 *   seq of its first message
 * @property {boolean} refused an own message was refused and waits for retry or discard
 * @property {ScheduledView[]} scheduled messages to be sent later, those that wait for a moderator,
 *   and those that failed
 * @property {Note[]} [notes] answers of commands that only the reader sees, each until its `until`;
 *   an owner of the release before has none
 */

/**
 * `text`: the beginning; `due_at`: RFC 3339; `failed`: code of the refusal, or null; `held`: it waits
 * for a moderator, until `due_at`; `answer`: why a moderator refused it, or empty.
 *
 * @typedef {{ id: string, text: string, files: { kind: FileKind, name: string }[], due_at: string,
 *   failed: string | null, held: boolean, answer: string }} ScheduledView
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
 * @property {{ kind: FileKind, name: string, animated?: boolean }[]} files
 * @property {boolean} deleted
 * @property {boolean} hidden
 * @property {boolean} deleted_by_moderator
 * @property {string} at
 * @property {RowState} state
 */

/**
 * @typedef {object} ContactView
 * @property {Person} person
 * @property {'none' | 'outgoing' | 'incoming' | 'contact' | 'blocked'} state
 * @property {string} since
 * @property {string} greeting what the inviter says with an invitation that waits; may be empty
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
 * @property {boolean} counts whether it is unread until it is read
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
 * @property {number} replies in the thread that it begins, without deleted ones
 * @property {string | null} last_reply_at when the last of them was sent
 * @property {string[]} mentions ids of people
 * @property {boolean} mentions_all
 * @property {boolean} mentions_me the reader is mentioned, by name or as one of all
 * @property {string | null} edited_at
 * @property {boolean} deleted the row stays, without text
 * @property {boolean} hidden it is `deleted` until moderators restore it
 * @property {boolean} deleted_by_moderator
 * @property {boolean} pinned
 * @property {boolean} saved by the reader
 * @property {ReactionView[]} reactions in the order of first use
 * @property {Preview[]} previews of the pages behind its links
 * @property {(File | PendingFile)[]} files `PendingFile` while the message is not committed
 * @property {Message['layout']} layout how a message of a program is drawn; null: its text
 */

/** @typedef {File['kind']} FileKind */

/**
 * A file of an unsent message or of a draft.
 *
 * @typedef {object} PendingFile
 * @property {string} upload its id, the argument of `cancelUpload`, `retryUpload` and `sendAsFile`
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
 * @property {boolean} canBeFile whether it is a picture that the server refused, to be sent as a file
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
 * A diff of a keyed list (chats by `id`, contacts by `person.id`). The first diff of a watch is
 * complete.
 *
 * @template T
 * @typedef {object} ListDiff
 * @property {boolean} [reset] clear the copy first
 * @property {T[]} [put]
 * @property {string[]} [remove]
 */

/**
 * @typedef {'invite' | 'accept' | 'decline' | 'cancel' | 'remove' | 'block' | 'unblock'
 *   } ContactVerb
 */

/**
 * The reader's settings of one chat. `muted`, true or false, also ends `muted_until`.
 *
 * @typedef {Partial<Pick<Chat, 'pinned' | 'archived' | 'muted' | 'muted_until' | 'notify'
 *   | 'marked_unread' | 'unread_from'>>} ChatSettings
 */

/**
 * A command as a view gives it: the owner sets its `ref`.
 *
 * @template {AnyCommand} C
 * @typedef {C extends AnyCommand ? Omit<C, 'ref'> : never} WithoutRef
 */

/** @typedef {WithoutRef<AnyCommand>} Command */

/**
 * A message to notify the reader of while they look at no tab; or, with `change`, an unread one that
 * was edited or is gone, for the notification that shows it. `title` and `body` as on a
 * notification; `message`: its seq; `seq`: the first unread message of the chat, to open at;
 * `count`: how many are unread.
 *
 * @typedef {{ chat: string, message: number, seq: number, count: number, title: string,
 *   body: string, change?: 'edited' | 'gone', by?: string,
 *   files?: { kind: FileKind, name: string, animated?: boolean }[] }} News
 */

/** @typedef {Message} WireMessage */

export {};
