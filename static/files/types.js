/**
 * Types of files in messages.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { RowPage } from '../realtime/request-types.js' */
/** @import { File as WireFile, FileVariant } from '../realtime/wire.js' */

/**
 * A file of an unsent message. `url`: an object URL of its content, empty when there is none;
 * `sent`: bytes that the server has.
 *
 * @typedef {object} PendingFile
 * @property {string} upload
 * @property {WireFile['kind']} kind
 * @property {string} name
 * @property {string} type
 * @property {number} size
 * @property {string} url
 * @property {number} width
 * @property {number} height
 * @property {number} sent
 * @property {'waiting' | 'uploading' | 'processing' | 'ready' | 'failed'} state
 * @property {string} problem
 */

/** @typedef {WireFile | PendingFile} ShownFile */

/**
 * What a view of files may do with those that are not sent yet.
 *
 * @typedef {object} UploadActions
 * @property {(upload: string) => void} cancelUpload
 * @property {(upload: string) => void} retryUpload
 */

/**
 * Where a file is shown: the chat and the message.
 *
 * @typedef {{ chat: string, row: Row }} FilePlace
 */

/** @typedef {'pictures' | 'documents' | 'voice'} FilesOf */

/**
 * Requests of files (worker/requests.js). `file`: the content of a variant, from this device or the
 * server; `chatFiles`: messages with files, the newest first.
 *
 * @typedef {object} FileRequests
 * @property {(at: { chat: string, seq: number, file: string, variant: string }) => Promise<Blob>} file
 * @property {(chat: string, of: FilesOf, cursor?: string | null) => Promise<RowPage>} chatFiles
 */

/** @typedef {FileVariant} Variant */

export {};
