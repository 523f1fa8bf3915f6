/** With which others can be in touch with the reader. `uses`: how many were.
 * @typedef {{ url: string, expires_at: string, uses: number }} PersonalLink */

/**
 * HTTP requests that the owner makes for views, and their results.
 *
 * @module
 */

/** @import { ContactView, Row } from './contract.js' */
/** @import { Me, Person, PersonWarning, Report } from './wire.js' */

/** @typedef {{ person: Person, state: ContactView['state'] }} FoundPerson */

/** `hint` names the arguments. @typedef {{ name: string, hint: string, description: string }} SlashCommand */

/** @typedef {{ items: FoundPerson[], next: string | null }} FoundPeople */

/** `time_zone`: of contacts. @typedef {FoundPerson & { time_zone: string | null }} PersonDetails */

/**
 * `url`: null if it cannot be read again.
 *
 * @typedef {{ id: string, url: string | null, expires_at: string, most_uses: number | null, uses: number }} GroupLink
 */

/**
 * `name`: the sender's; `people`: those who are mentioned in it.
 *
 * @typedef {{ chat: string, row: Row, name: string, people: Record<string, Person> }} SavedRow
 */

/** @typedef {{ rows: Row[], next: string | null }} RowPage */

/** `times`: when each saw it, where that is known. @typedef {{ people: Person[],
 *   next: string | null, times: Record<string, string> }} SeenPage */

/** @typedef {{ text: string, until: string }} FormerText */

/** @typedef {{ texts: FormerText[], next: string | null }} FormerTextPage */

/** @typedef {{ kind: Report['kind'], chat?: string, seq?: number, person?: string }} ReportedThing */

/** `context`: how many messages before and after it, or of the end of the chat, go along.
 * @typedef {ReportedThing & { reason: string, text: string, context: number }} NewReport */

/** `isNew`: else it is the first report of the same.
 * @typedef {{ report: Report, isNew: boolean }} SentReport */

/** @typedef {{ items: Report[], next: string | null }} ReportPage */

/** What waits for a moderator, each counted to 100.
 * @typedef {{ reports: number, appeals: number, held_messages: number, read_requests: number }} Waiting */

/**
 * HTTP requests that the owner makes for views (worker/requests.js). `cursor` is `next` of the page
 * before.
 *
 * `links`: those that can be used now;
 * `scheduledText`: the whole text; `withdraw`: one that waits for a moderator; `sendNow`: by the outbox; `currentText`: as the server has it,
 * and since when, or `not_found` when it is deleted; `saved`: of all chats, the newest first, as
 * `pins`; `named`: those of these people who are known; `message`: from the cache or the server;
 * `thread`: the replies in order, without the first message; `heldThread`: what this device has of it,
 * with the first message; `seen`: the people who have read
 * a message, or have received it only, or have not; `formerTexts`: the oldest first.
 *
 * @typedef {object} Requests
 * @property {(chat: string) => Promise<SlashCommand[]>} commands
 * @property {(chat: string) => Promise<GroupLink[]>} links
 * @property {(chat: string, terms?: { hours?: number, most_uses?: number | null })
 *   => Promise<GroupLink>} makeLink
 * @property {(chat: string, link: string) => Promise<void>} revokeLink
 * @property {(message: { chat: string, text: string, due_at: string, reply_to: number | null,
 *   uploads: string[] }) => Promise<unknown>} schedule
 * @property {(id: string) => Promise<string>} scheduledText
 * @property {(id: string, change: { text: string, due_at: string }) => Promise<unknown>} reschedule
 * @property {(id: string) => Promise<void>} unschedule
 * @property {(id: string) => Promise<void>} withdraw
 * @property {(id: string) => Promise<void>} sendNow
 * @property {(change: Partial<Pick<Me, 'auto_load' | 'low_first'>>) => Promise<unknown>} updateMe
 * @property {(query: string, cursor?: string | null) => Promise<FoundPeople>} findPeople
 * @property {(person: string) => Promise<PersonDetails>} person
 * @property {() => Promise<PersonalLink | null>} ownLink null: the reader has none
 * @property {() => Promise<PersonalLink>} makeOwnLink the one before ends
 * @property {() => Promise<void>} revokeOwnLink
 * @property {(chat: string, seq: number) => Promise<{ text: string, at: string }>} currentText
 * @property {(chat: string) => Promise<Row[]>} pins
 * @property {() => Promise<SavedRow[]>} saved
 * @property {(ids: string[]) => Promise<Record<string, Person>>} named
 * @property {(chat: string, seq: number) => Promise<Row>} message
 * @property {(chat: string, seq: number, cursor?: string | null) => Promise<RowPage>} thread
 * @property {(chat: string, seq: number) => Promise<Row[]>} heldThread
 * @property {(chat: string, seq: number, state: 'seen' | 'delivered' | 'waiting',
 *   cursor?: string | null) => Promise<SeenPage>} seen
 * @property {(chat: string, seq: number, cursor?: string | null) => Promise<FormerTextPage>
 *   } formerTexts
 * @property {(report: NewReport) => Promise<SentReport>} report
 * @property {(cursor?: string | null) => Promise<ReportPage>} reports the newest first
 * @property {() => Promise<void>} reportsSeen the reader has looked at the decisions
 * @property {() => Promise<Waiting>} waiting for moderators
 * @property {() => Promise<{ items: PersonWarning[] }>} warnings the newest, the newest first
 * @property {(warning: string) => Promise<void>} acknowledge a warning
 * @property {(chat: string, seq: number, name: string, data: Record<string, unknown>) => Promise<any>} act
 *   on an entry of a plugin
 */

export {};
