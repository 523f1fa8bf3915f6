/**
 * Unsent messages, their files, and drafts, as the database `parley-mine-…` stores them.
 *
 * @module
 */

/** @import { Failure, FailureCode, FileKind, RowState, UploadState, VoiceRecording } from './contract.js' */
/** @import { Quote } from './wire.js' */

/**
 * A file on its way to the server, as the database `parley-mine-…` stores it, without its bytes. It
 * belongs to the unsent message that names it, and to the draft of its chat or thread while none does.
 *
 * @typedef {object} Upload
 * @property {string} id
 * @property {string} chat
 * @property {number | null} thread seq of the first message of the thread that it was added in
 * @property {string} client_id its id for the server; a new one when it is uploaded again
 * @property {number} order
 * @property {FileKind} kind
 * @property {string} name
 * @property {string} type
 * @property {number} size
 * @property {number} width
 * @property {number} height
 * @property {VoiceRecording | null} voice
 * @property {boolean} [asFile] whether a picture is stored and sent as it is
 * @property {string | null} file the server's id
 * @property {UploadState} state
 * @property {FailureCode | ''} problem
 * @property {boolean} again whether it is uploaded again, because the server had lost it
 * @property {boolean} existing an `ExistingFile`: this device has no bytes of it
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
 * then it is stored even when it is empty. `expected`: of an empty one, the text that the server has;
 * absent when that is unknown.
 *
 * @typedef {{ chat: string, at: string, unsaved: boolean, expected?: string } & DraftView} Draft
 */

export {};
