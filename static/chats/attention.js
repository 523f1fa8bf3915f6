/**
 * Which chats wait for the reader: the same in the list, the title, the icon and the keys.
 *
 * @module
 */

/** @import { ChatView } from '../realtime/contract.js' */

/** Whether a message is unread, or the reader marked the chat.
 * @param {Pick<ChatView, 'unread' | 'marked_unread'>} chat */
export const isUnread = ({ unread, marked_unread: marked }) => unread > 0 || marked;

/** Whether the reader wants to know that the chat is unread: not when it is muted, unless they are
 * mentioned. @param {Pick<ChatView, 'unread' | 'marked_unread' | 'muted' | 'mentioned'>} chat */
export const isWaiting = (chat) => chat.mentioned || (isUnread(chat) && !chat.muted);
