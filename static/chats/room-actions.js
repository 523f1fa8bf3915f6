/**
 * The actions on a message, carried out by its room. Loaded after the first paint.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { ParleyError } from '../realtime/both/failure.js' */
/** @import { EmojiPicker } from './emoji-picker.js' */
/** @import { MessageMenu } from './message-menu.js' */
/** @import { ChatComposer } from './composer.js' */
/** @import { Selecting, SelectingDeps } from './selecting.js' */
/** @import { Panel } from './side-panel.js' */

import { connect } from '../realtime/client.js';
import { quoteOf } from '../realtime/both/quotes.js';
import { openReport } from '../moderation/open-report.js';
import { router } from '../shell/router.js';
import { errorText } from './error-text.js';
import { MessageEdit } from './message-edit.js';

/**
 * @typedef {object} RoomContext
 * @property {string} chat
 * @property {HTMLElement} element the `<chat-room>`
 * @property {HTMLElement} area shows the message: the timeline, or a thread beside it
 * @property {number | null} thread seq of the first message of that thread
 * @property {Act} act the same for another action there
 * @property {ChatComposer} composer of that place
 * @property {(panel: Panel | null) => void} showPanel
 * @property {() => boolean} isCovered whether a panel covers the timeline
 * @property {(make: (deps: SelectingDeps) => Selecting) => Selecting} select where messages are selected
 * @property {() => void} toUnread go to the first unread message
 *
 * @typedef {keyof typeof ROOM_ACTIONS} RoomAction
 * @typedef {(action: RoomAction, row: Row, from?: Element) => void} Act `from`: the element to open
 *   beside
 */

export const ROOM_ACTIONS = {
  /** @param {Row} row @param {RoomContext} room */
  reply(row, { composer, isCovered, showPanel }) {
    if (row.seq === null) return;
    if (isCovered()) showPanel(null);
    void composer.reply(quoteOf({ ...row, seq: row.seq }));
  },

  /** @param {Row} row @param {RoomContext} room */
  edit(row, { chat, composer }) {
    if (row.seq === null) return;
    void composer.edit(MessageEdit.start(chat, { ...row, seq: row.seq }));
  },

  /** @param {Row} row @param {RoomContext} room @param {Element} [from] */
  react(row, { chat, element, area }, from) {
    openEmojiPicker(element, from ?? bodyOf(row, area), (emoji) => {
      if (row.seq !== null) connect().react(chat, row.seq, emoji).catch(() => {});
    });
  },

  /** @param {Row} row @param {RoomContext} room @param {Element} [from] */
  openMenu(row, { element, area, act, thread }, from) {
    const keys = document.activeElement?.closest('[data-key], .action-bar') !== null;
    whenLoaded(import('./message-menu.js'), () =>
      /** @type {MessageMenu} */ (element.querySelector('message-menu')).open(row, from ?? bodyOf(row, area), { keys, act, isInThread: thread !== null }),
    );
  },

  /** @param {Row} row @param {RoomContext} room */
  openThread(row, { showPanel }) {
    showPanel({ name: 'thread', root: row.thread ?? row.seq ?? 0 });
  },

  /** Its place in the chat, from a thread. @param {Row} row @param {RoomContext} room */
  showInChat({ seq }, { chat }) {
    router.go(`/c/${chat}/at/${seq}`);
  },

  /** @param {Row} row @param {RoomContext} room */
  forward(row, { composer }) {
    whenLoaded(import('./forward-message.js'), ({ openForward }) => openForward([row], composer));
  },

  /** Begin to select messages, with this one. @param {Row} row @param {RoomContext} room */
  select(row, { select }) {
    whenLoaded(import('./selecting.js'), ({ Selecting }) => select((deps) => new Selecting(deps)).begin(row));
  },

  /** @param {Row} row @param {RoomContext} room */
  markUnread({ seq }, { chat, toUnread, composer }) {
    if (seq === null) return;
    connect()
      .command({ type: 'chat.marks', chat, unread_from: seq })
      .then(toUnread, (error) => composer.tell({ error: errorText(error) }));
  },

  /** @param {Row} row @param {RoomContext} room */
  openSeenBy({ seq }, { chat }) {
    whenLoaded(import('./message-details.js'), ({ openSeenBy }) => seq !== null && openSeenBy(chat, seq));
  },

  /** @param {Row} row @param {RoomContext} room */
  openHistory({ seq }, { chat }) {
    whenLoaded(import('./message-details.js'), ({ openFormerTexts }) => seq !== null && openFormerTexts(chat, seq));
  },

  /** @param {Row} row @param {RoomContext} room */
  report({ seq, sender }, { chat }) {
    if (seq !== null) openReport({ kind: 'entry', chat, seq }, sender);
  },

  /** @param {Row} row */
  openSender({ sender }) {
    whenLoaded(import('../contacts/person-card.js'), ({ openPersonCard }) => openPersonCard(sender));
  },

  /** @param {Row} row @param {RoomContext} room */
  openWhyNotified({ seq }, { chat }) {
    whenLoaded(import('../notifications/why-notified.js'), ({ openWhyNotified }) => seq !== null && openWhyNotified(chat, seq));
  },
};

/** Continue the edit that was left unsaved. @param {RoomContext} room */
export async function resumeEdit({ chat, composer }) {
  // If the message cannot be fetched, the edit stays stored for the next visit.
  const edit = await MessageEdit.lastUnfinished(chat).catch(() => null);
  if (edit) await composer.edit(edit, true);
}

/**
 * Send a refused message again, or put its text back into a composer.
 *
 * @param {Row} row
 * @param {boolean} back
 * @param {ChatComposer} composer
 */
export async function resolveRefused(row, back, composer) {
  try {
    if (back) composer.putBack(await connect().discard(row.client_id, composer.to.thread));
    else await connect().retry(row.client_id);
  } catch (error) {
    // Sent in the meantime: its row shows that. But an owner that died may have dropped the text.
    const gone = /** @type {ParleyError} */ (error).code === 'unavailable';
    if (back && gone && row.state === 'refused') composer.putBack(row.text);
  }
}

/**
 * The row's body, or the area if the row has gone.
 *
 * @param {Row} row
 * @param {HTMLElement} area
 */
const bodyOf = ({ key }, area) => area.querySelector(`[data-key="${CSS.escape(key)}"] > .row-body`) ?? area;

/** @param {HTMLElement} element @param {Element} from @param {(emoji: string) => void} chosen */
export function openEmojiPicker(element, from, chosen) {
  whenLoaded(import('./emoji-picker.js'), () =>
    /** @type {EmojiPicker} */ (element.querySelector('emoji-picker')).open(from, chosen),
  );
}

/** @template M @param {Promise<M>} module @param {(module: M) => unknown} then */
function whenLoaded(module, then) {
  // Offline, and the module was never fetched: nothing opens.
  module.then(then, () => {});
}
