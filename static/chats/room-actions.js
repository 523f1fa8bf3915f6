/**
 * What the timeline does with a message, with the hands of its room: loaded behind the first paint.
 *
 * @module
 */

/** @import { Row } from '../realtime/contract.js' */
/** @import { EmojiPicker } from './emoji-picker.js' */
/** @import { MessageMenu } from './message-menu.js' */
/** @import { ChatComposer } from './composer.js' */
/** @import { Panel } from './side-panel.js' */

import { connect } from '../realtime/client.js';
import { quoteOf } from '../realtime/quotes.js';
import { Edit } from './message-edit.js';

/**
 * @typedef {object} Hands
 * @property {string} chat
 * @property {HTMLElement} room
 * @property {ChatComposer} composer
 * @property {(panel: Panel | null) => void} show
 * @property {() => boolean} covered whether a panel lies over the timeline
 *
 * @typedef {keyof typeof ACTS} Act
 */

export const ACTS = {
  /** @param {Row} row @param {Hands} hands */
  reply(row, { composer, covered, show }) {
    if (row.seq === null) return;
    if (covered()) show(null);
    void composer.reply(quoteOf({ ...row, seq: row.seq }));
  },

  /** @param {Row} row @param {Hands} hands */
  edit(row, { chat, composer }) {
    if (row.seq === null) return;
    void composer.edit(Edit.of(chat, { ...row, seq: row.seq }));
  },

  /** @param {Row} row @param {Hands} hands @param {Element} [from] */
  pick(row, { chat, room }, from) {
    pickEmoji(room, from ?? bodyOf(row, room), (emoji) => {
      if (row.seq !== null) connect().react(chat, row.seq, emoji).catch(() => {});
    });
  },

  /** @param {Row} row @param {Hands} hands @param {Element} [from] */
  more(row, { room }, from) {
    const keys = document.activeElement?.closest('[data-key], .acts') !== null;
    fetched(import('./message-menu.js'), () =>
      /** @type {MessageMenu} */ (room.querySelector('message-menu')).open(row, from ?? bodyOf(row, room), keys),
    );
  },

  /** @param {Row} row @param {Hands} hands */
  thread(row, { show }) {
    show({ name: 'thread', root: row.thread ?? row.seq ?? 0 });
  },

  /** @param {Row} row @param {Hands} hands */
  seen({ seq }, { chat }) {
    fetched(import('./message-details.js'), ({ openSeenBy }) => seq !== null && openSeenBy(chat, seq));
  },

  /** @param {Row} row @param {Hands} hands */
  history({ seq }, { chat }) {
    fetched(import('./message-details.js'), ({ openFormerTexts }) => seq !== null && openFormerTexts(chat, seq));
  },

  /** @param {Row} row @param {Hands} hands */
  told({ seq }, { chat }) {
    fetched(import('../notifications/why-notified.js'), ({ openWhy }) => seq !== null && openWhy(chat, seq));
  },
};

/** Go on with a change that was left unsaved. @param {Hands} hands */
export async function resumeEdit({ chat, composer }) {
  // What cannot be fetched now is gone on with later.
  const left = await Edit.left(chat).catch(() => null);
  if (left) await composer.edit(left, true);
}

/** What it stands in, or where it stood. @param {Row} row @param {HTMLElement} room */
const bodyOf = ({ key }, room) =>
  /** @type {Element} */ (
    room.querySelector(`[data-key="${CSS.escape(key)}"] > .row-body`) ?? room.querySelector('chat-timeline')
  );

/** @param {HTMLElement} room @param {Element} from @param {(emoji: string) => void} chosen */
export function pickEmoji(room, from, chosen) {
  fetched(import('./emoji-picker.js'), () =>
    /** @type {EmojiPicker} */ (room.querySelector('emoji-picker')).open(from, chosen),
  );
}

/** @template M @param {Promise<M>} module @param {(module: M) => unknown} then */
function fetched(module, then) {
  // Offline before it was ever fetched: it stays closed.
  module.then(then, () => {});
}
