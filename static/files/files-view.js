/**
 * The elements that show the files of a message. Fetched with the first message that has some; the
 * template and all sizes are `filesView` in chats/row.js.
 *
 * @module
 */

import './file-picture.js';
import './file-chip.js';
import './file-player.js';
