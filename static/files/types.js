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
 * @property {boolean} canBeFile
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
 * A link in a message; title and description are empty where no preview is known.
 *
 * @typedef {{ url: string, host: string, title: string, description: string, seq: number,
 *   sender: string, at: string }} ChatLink
 */

/**
 * Requests of files (worker/requests.js). `file`: the content of a variant, from this device or the
 * server; `chatFiles`: messages with files, the newest first; `chatLinks`: links of messages, the
 * newest first; `keptFiles`: those that the person keeps; `reportSaved`: what the data saver saved on
 * this device, and the sum of all.
 *
 * @typedef {object} FileRequests
 * @property {(at: { chat: string, seq: number, file: string, variant: string }) => Promise<Blob>} file
 * @property {(chat: string, of: FilesOf, cursor?: string | null) => Promise<RowPage>} chatFiles
 * @property {(chat: string, cursor?: string | null) => Promise<{ items: ChatLink[], next: string | null }>} chatLinks
 * @property {(cursor?: string | null) => Promise<{ files: WireFile[], next: string | null }>} keptFiles
 * @property {(sum: { month: string, bytes: number }) => Promise<{ bytes: number }>} reportSaved
 */

/** @typedef {FileVariant} Variant */

export {};
