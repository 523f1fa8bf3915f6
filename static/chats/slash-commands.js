/**
 * Commands: which there are in a chat, and what happens to one that is sent. Loaded with the first.
 *
 * @module
 */

/** @import { ParleyError } from '../realtime/both/failure.js' */
/** @import { SlashCommand } from '../realtime/request-types.js' */
/** @import { Composer } from './composer-sending.js' */

import { connect } from '../realtime/client.js';
import { uuid } from '../realtime/both/platform.js';
import { t } from '../shell/words.js';
import { errorText } from './error-text.js';

const LIST_TTL_MS = 60_000;

/** @type {Map<string, { at: number, list: Promise<SlashCommand[]> }>} by chat */
const lists = new Map();

/** The commands of a chat, by name. @param {string} chat */
export function commandsOf(chat) {
  const known = lists.get(chat);
  if (known && performance.now() - known.at < LIST_TTL_MS) return known.list;
  const list = connect().request('commands', chat);
  list.catch(() => lists.delete(chat));
  lists.set(chat, { at: performance.now(), list });
  return list;
}

/**
 * What the last command of a composer came to. `isUnknown`: the text is none, and is a message when it
 * is sent again. `client_id`: of a text whose reply was lost; the same one again is
 * the same run.
 *
 * @type {WeakMap<Composer, { text: string, client_id: string, isUnknown: boolean, isRunning: boolean }>}
 */
const runs = new WeakMap();

/**
 * Run a text that is a command. The text stays in the field until the server has carried it out.
 *
 * @param {Composer} composer
 * @param {string} text it begins with a slash and
 * @param {string} name
 * @returns {Promise<string | null>} the text of a message, if it is one; null: nothing is to be sent
 */
export async function runOrSend(composer, text, name) {
  const before = runs.get(composer);
  if (before?.text === text && before.isUnknown) {
    runs.delete(composer);
    return text;
  }
  if (before?.isRunning) return null;
  const run = { text, client_id: before?.text === text ? before.client_id : uuid(), isUnknown: false, isRunning: true };
  runs.set(composer, run);
  const { chat, draft, to } = composer;
  const reply_to = (draft.reply ?? to.quote())?.seq ?? null;
  try {
    await connect().command({ type: 'command.run', chat, client_id: run.client_id, text, reply_to });
    done(composer, text);
  } catch (error) {
    const { code } = /** @type {ParleyError} */ (error);
    if (code === 'held') {
      // A moderator reads it first: the chat says so.
      done(composer, text);
      return null;
    }
    run.isUnknown = code === 'unknown_command';
    composer.tell({ error: whyNot(error, name) });
  }
  run.isRunning = false;
  return null;
}

/** @param {unknown} error @param {string} name of the command */
export function whyNot(error, name) {
  const { code, detail } = /** @type {ParleyError} */ (error);
  const command = `/${name}`;
  if (code === 'unknown_command') {
    return t('There is no command {command} here. Send it once more to send it as a message.', { command });
  }
  if (code === 'offline' || code === 'unavailable') return t('Commands need the server, which cannot be reached now. Your text is kept here.');
  // A command says in the reader's language how it is written.
  if (code === 'invalid' && detail) return detail;
  return errorText(error);
}

/** Empty the field, unless the reader has written something else meanwhile.
 * @param {Composer} composer @param {string} text */
function done(composer, text) {
  runs.delete(composer);
  const { input, draft } = composer;
  composer.tell({});
  if (!input || input.value.trim() !== text.trim()) return;
  draft.setReply(null);
  composer.clearInput();
  draft.write('');
  composer.sent();
}
