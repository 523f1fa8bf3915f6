/**
 * Modules that open on a click or a key. Fetched when the page is idle.
 *
 * @module
 */

import '../search/search-dialog.js';
import '../contacts/people.js';
import '../contacts/person-card.js';
import '../contacts/personal-link.js';
import '../chats/autocomplete.js';
import '../files/composer-files.js';
import '../files/voice-recorder.js';
import '../chats/composer-parts.js';
import '../chats/composer-typing.js';
import '../chats/message-menu.js';
import '../chats/forward-message.js';
import '../chats/emoji-picker.js';
import '../chats/side-panel.js';
import '../chats/room-actions.js';
import '../chats/room-menus.js';
import '../chats/pins.js';
import '../chats/thread.js';
import '../chats/saved-messages.js';
import '../chats/scheduled-messages.js';
import '../chats/send-later.js';
import '../chats/message-details.js';
import '../files/files-view.js';
import '../files/viewer.js';
import '../files/chat-files.js';
import '../files/kept-files.js';
import '../files/data-saver-settings.js';
import '../groups/new-chat.js';
import '../groups/group-panel.js';
import '../accounts/picture-dialog.js';
import '../accounts/status.js';
import '../moderation/my-reports.js';
import '../moderation/warning-notice.js';
import '../moderation/report-dialog.js';
import '../notifications/do-not-disturb.js';
import '../notifications/settings.js';
import '../share/share-page.js';
import './settings-nav.js';
import '../notifications/chat-notifications.js';
import '../notifications/why-notified.js';
