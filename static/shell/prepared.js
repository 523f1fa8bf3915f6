/**
 * All that is opened by a hand or a key: fetched when nothing else is to be done.
 *
 * @module
 */

import '../search/dialog.js';
import '../contacts/people.js';
import '../chats/completing.js';
import '../chats/composer-parts.js';
import '../chats/menu.js';
import '../chats/picker.js';
import '../chats/panel.js';
import '../chats/room-acts.js';
import '../chats/room-menus.js';
import '../chats/pins.js';
import '../chats/thread.js';
import '../chats/saved.js';
import '../chats/scheduled.js';
import '../chats/send-later.js';
import '../chats/about-message.js';
import '../groups/new.js';
import '../groups/panel.js';
import '../accounts/status.js';
import '../notifications/settings.js';
import '../notifications/chat.js';
import '../notifications/why.js';
