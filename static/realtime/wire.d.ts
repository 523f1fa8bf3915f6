// Written by `manage.py wire` from apps/wire/.

export interface AcceptContact {
  type: 'contact.accept';
  person: string;
  ref: string;
}

export interface Ack {
  type: 'ack';
  ref: string;
  chat?: string | null;
  seq?: number | null;
  rev?: number | null;
  id?: string | null;
  at?: string | null;
}

export interface AddMembers {
  type: 'member.add';
  chat: string;
  people: Array<string>;
  ref: string;
}

export interface BlockContact {
  type: 'contact.block';
  person: string;
  ref: string;
}

export interface CancelContact {
  type: 'contact.cancel';
  person: string;
  ref: string;
}

export interface Card {
  parts: Array<CardHeader | CardText | CardFields | CardContext | CardImage | CardDivider | CardLinks | CardRun>;
  color?: string;
}

export interface CardContext {
  type: 'context';
  text: string;
}

export interface CardDivider {
  type: 'divider';
}

export interface CardField {
  text: string;
  title?: string;
  short?: boolean;
}

export interface CardFields {
  type: 'fields';
  fields: Array<CardField>;
}

export interface CardHeader {
  type: 'header';
  text: string;
}

export interface CardImage {
  type: 'image';
  url: string;
  alt?: string;
  title?: string;
}

export interface CardLink {
  text: string;
  url: string;
  style?: '' | 'danger' | 'primary';
}

export interface CardLinks {
  type: 'links';
  links: Array<CardLink>;
}

export interface CardRun {
  type: 'run';
  person: string;
  command: string;
}

export interface CardText {
  type: 'text';
  text: string;
  image_url?: string;
}

export interface ChangeRole {
  type: 'member.role';
  chat: string;
  person: string;
  role: 'admin' | 'member' | 'owner';
  ref: string;
}

export interface Chat {
  id: string;
  kind: 'direct' | 'group';
  title: string;
  person: Person | null;
  rev: number;
  last_seq: number;
  last: Message | null;
  sender: Person | null;
  members: number;
  role: 'admin' | 'member' | 'owner';
  active_at: string;
  read_seq: number;
  marked_unread: boolean;
  pinned: boolean;
  archived: boolean;
  muted: boolean;
  muted_until?: string | null;
  notify?: 'all' | 'mentions' | 'none' | '';
  picture?: string | null;
  closed_reason?: string;
  unread?: number;
  uncounted?: Array<number>;
  mentioned?: Array<number>;
  unread_from?: number | null;
  kept_from?: number;
  kept_days?: number;
}

export interface ChatChanged {
  type: 'chat';
  user_rev: number;
  chat: Chat;
  user_prev?: number | null;
}

export interface ChatLeft {
  type: 'left';
  user_rev: number;
  chat: string;
  user_prev?: number | null;
}

export interface ChatMarks {
  type: 'chat.marks';
  chat: string;
  pinned?: boolean | null;
  archived?: boolean | null;
  muted?: boolean | null;
  muted_until?: string | null;
  notify?: 'all' | 'mentions' | 'none' | '' | null;
  marked_unread?: boolean | null;
  unread_from?: number | null;
  ref: string;
}

export interface ChatPosition {
  chat: string;
  read?: number | null;
  delivered?: number | null;
}

export interface Chats {
  type: 'chats';
  chats: Array<Chat>;
}

export interface Contact {
  person: Person;
  state: 'blocked' | 'contact' | 'incoming' | 'none' | 'outgoing';
  since: string;
  greeting?: string;
  quiet?: Quiet | null;
}

export interface ContactChanged {
  type: 'contact';
  user_rev: number;
  contact: Contact;
  user_prev?: number | null;
}

export interface CreateGroup {
  type: 'group.create';
  title: string;
  people?: Array<string>;
  ref: string;
}

export interface DeclineContact {
  type: 'contact.decline';
  person: string;
  ref: string;
}

export interface Delete {
  type: 'delete';
  chat: string;
  seq: number;
  ref: string;
}

export interface DismissNote {
  type: 'note.dismiss';
  chat: string;
  note: string;
  ref: string;
}

export interface DoNotDisturb {
  start?: string | null;
  end?: string | null;
  until?: string | null;
}

export interface Draft {
  chat: string;
  text: string;
  reply_to: number | null;
}

export interface DraftChanged {
  type: 'draft';
  user_rev: number;
  chat: string;
  text: string;
  reply_to?: number | null;
  user_prev?: number | null;
}

export interface Edit {
  type: 'edit';
  chat: string;
  seq: number;
  text: string;
  base_at?: string | null;
  ref: string;
}

export interface Error {
  type: 'error';
  code: 'against_rules' | 'chat_closed' | 'conflict' | 'empty' | 'file_gone' | 'forbidden' | 'full' | 'greeted' | 'held' | 'invalid' | 'new_account' | 'not_as_edit' | 'not_contacts' | 'not_found' | 'not_possible' | 'plugin_refused' | 'rate_limited' | 'resume_first' | 'slowed' | 'too_long' | 'too_many_held' | 'unavailable' | 'unknown_command';
  detail: string;
  ref?: string | null;
  retry_after?: number | null;
}

export interface File {
  kind: 'audio' | 'document' | 'file' | 'image' | 'video' | 'voice';
  type: string;
  variants: Array<FileVariant>;
  width?: number;
  height?: number;
  animated?: boolean;
  placeholder?: string;
  id: string;
  name: string;
  size: number;
  duration?: number;
  waveform?: string;
  missing?: string;
}

export interface FileVariant {
  name: string;
  type: string;
  size: number;
  width?: number;
  height?: number;
}

export interface Gap {
  type: 'gap';
  chat: string;
  rev: number;
  title: string;
  last_seq: number;
  read_seq: number;
  messages: Array<Message>;
  picture?: string | null;
  closed_reason?: string;
  uncounted?: Array<number>;
  mentioned?: Array<number>;
  kept_from?: number;
  kept_days?: number;
}

export interface GreetContact {
  type: 'contact.greet';
  person: string;
  text: string;
  ref: string;
}

export interface Heartbeat {
  type: 'heartbeat';
  time: string;
  heads: Record<string, number>;
  user_rev: number;
}

export interface HeldSpan {
  first: number;
  last: number;
  hash: string;
}

export interface InviteContact {
  type: 'contact.invite';
  person: string;
  ref: string;
}

export interface Layout {
  name?: string;
  emoji?: string;
  cards?: Array<Card>;
  plugin?: string;
  data?: Record<string, unknown>;
}

export interface LeaveGroup {
  type: 'group.leave';
  chat: string;
  ref: string;
}

export interface Limits {
  text_length: number;
  frame_bytes: number;
  file_bytes: number;
  files: number;
}

export interface Me {
  id: string;
  username: string;
  name: string;
  about: string;
  email: string;
  locale: string;
  time_zone: string;
  version: number;
  time_zone_chosen?: boolean;
  share_seen?: boolean;
  status?: Status | null;
  picture?: string | null;
  do_not_disturb?: DoNotDisturb;
  auto_load?: 'always' | 'good' | 'never';
  low_first?: boolean;
  warnings?: Array<PersonWarning>;
  slowdown?: Slowdown | null;
  report_decided?: boolean;
  busy_until?: string | null;
}

export interface MeChanged {
  type: 'me';
  user_rev: number;
  me: Me;
  user_prev?: number | null;
}

export interface Member {
  person: Person;
  role: 'admin' | 'member' | 'owner';
  joined_at: string | null;
  left: boolean;
}

export interface MemberChanged {
  type: 'member';
  chat: string;
  rev: number;
  member: Member;
  prev?: number | null;
}

export interface Message {
  seq: number;
  rev: number;
  id: string;
  kind: string;
  sender: string;
  client_id: string;
  text: string;
  at: string;
  about?: string | null;
  reply_to?: number | null;
  thread?: number | null;
  replies?: number;
  last_reply_at?: string | null;
  quote?: Quote | null;
  mentions?: Array<string>;
  mentions_all?: boolean;
  edited_at?: string | null;
  deleted?: boolean;
  hidden?: boolean;
  deleted_by_moderator?: boolean;
  pinned?: boolean;
  reactions?: Array<ReactionCount>;
  previews?: Array<Preview>;
  files?: Array<File>;
  layout?: Layout | null;
  truncated?: boolean;
}

export interface MessageChanged {
  type: 'message';
  chat: string;
  rev: number;
  message: Message;
  prev?: number | null;
}

export interface Mismatch {
  type: 'mismatch';
  chat: string;
  first: number;
  last: number;
}

export interface Note {
  id: string;
  chat: string;
  command: string;
  text: string;
  at: string;
  until: string;
  cards?: Array<Card>;
}

export interface NoteChanged {
  type: 'note';
  user_rev: number;
  note: Note;
  gone?: boolean;
  user_prev?: number | null;
}

export interface NotificationSettings {
  level: 'all' | 'mentions' | 'none';
  keywords: Array<string>;
  break_through: boolean;
  delay: number;
  content: boolean;
  push_key: string;
}

export interface NotificationSettingsChanged {
  type: 'notifications';
  user_rev: number;
  settings: NotificationSettings;
  user_prev?: number | null;
}

export interface OpenDirect {
  type: 'chat.direct';
  person: string;
  ref: string;
}

export interface Person {
  id: string;
  username: string;
  name: string;
  about?: string;
  status?: Status | null;
  picture?: string | null;
  bot?: boolean;
}

export interface PersonWarning {
  id: string;
  text: string;
  chat: string | null;
  seq: number | null;
  at: string;
  acknowledged_at: string | null;
}

export interface Pin {
  type: 'pin';
  chat: string;
  seq: number;
  ref: string;
}

export interface Position {
  person: string;
  read: number;
  delivered: number;
}

export interface Presence {
  person: string;
  online: boolean;
  last_seen: string | null;
  away?: boolean;
}

export interface PresenceChanged {
  type: 'presence';
  people: Array<Presence>;
}

export interface Preview {
  url: string;
  title: string;
  description: string;
  site: string;
}

export interface Quiet {
  start?: string | null;
  end?: string | null;
  until?: string | null;
  zone: string;
}

export interface Quote {
  seq: number;
  sender: string;
  text: string;
  deleted: boolean;
  file?: 'audio' | 'document' | 'file' | 'image' | 'video' | 'voice' | null;
  hidden?: boolean;
}

export interface React {
  type: 'react';
  chat: string;
  seq: number;
  emoji: string;
  ref: string;
}

export interface ReactionCount {
  emoji: string;
  count: number;
  people: Array<string>;
}

export interface ReadMoved {
  type: 'read';
  user_rev: number;
  chat: string;
  read_seq: number;
  marked_unread: boolean;
  user_prev?: number | null;
}

export interface ReceiptMoved {
  type: 'receipt';
  chat: string;
  position: Position;
}

export interface Receipts {
  type: 'receipts';
  positions: Array<ChatPosition>;
  visible?: boolean;
  ref: string;
}

export interface Reconnect {
  type: 'reconnect';
}

export interface RemoveContact {
  type: 'contact.remove';
  person: string;
  ref: string;
}

export interface RemoveMember {
  type: 'member.remove';
  chat: string;
  person: string;
  ref: string;
}

export interface RenameGroup {
  type: 'group.rename';
  chat: string;
  title: string;
  ref: string;
}

export interface Report {
  id: string;
  kind: 'chat' | 'entry' | 'person';
  chat: string | null;
  seq: number | null;
  person: string | null;
  reason: 'harassment' | 'hate' | 'illegal' | 'other' | 'self_harm' | 'sexual' | 'spam' | 'violence';
  state: 'claimed' | 'decided' | 'open';
  outcome: 'action' | 'no_action' | null;
  created_at: string;
  decided_at: string | null;
  answer: string;
}

export interface ReportChanged {
  type: 'report';
  report: Report;
}

export interface Reset {
  type: 'reset';
  reason: 'cursor_ahead' | 'unknown_epoch';
}

export interface Resume {
  type: 'resume';
  epoch?: string | null;
  chats?: Record<string, number>;
  user?: number;
  held?: Record<string, HeldSpan>;
  ref: string;
}

export interface RunCommand {
  type: 'command.run';
  chat: string;
  client_id: string;
  text: string;
  reply_to?: number | null;
  ref: string;
}

export interface Save {
  type: 'save';
  chat: string;
  seq: number;
  ref: string;
}

export interface SaveDraft {
  type: 'draft';
  chat: string;
  text: string;
  reply_to?: number | null;
  expected?: string | null;
  ref: string;
}

export interface SavedChanged {
  type: 'saved';
  user_rev: number;
  chat: string;
  seq: number;
  saved: boolean;
  user_prev?: number | null;
}

export interface SavedMessage {
  chat: string;
  seq: number;
}

export interface Scheduled {
  id: string;
  chat: string;
  client_id: string;
  text: string;
  reply_to: number | null;
  due_at: string;
  state: 'cancelled' | 'failed' | 'held' | 'sent' | 'waiting';
  reason: string;
  seq: number | null;
  files?: Array<File>;
  answer?: string;
}

export interface ScheduledChanged {
  type: 'scheduled';
  user_rev: number;
  scheduled: Scheduled;
  user_prev?: number | null;
}

export interface Send {
  type: 'send';
  chat: string;
  client_id: string;
  text: string;
  reply_to?: number | null;
  files?: Array<string>;
  ref: string;
}

export interface ServerChanged {
  type: 'server';
  limits: Limits;
  motd?: string;
  emoji?: number;
}

export interface SetGroupPicture {
  type: 'group.picture';
  chat: string;
  file: string | null;
  ref: string;
}

export interface SetPresence {
  type: 'presence';
  state: 'active' | 'away';
  ref: string;
}

export interface SetRetention {
  type: 'chat.retention';
  chat: string;
  days: number;
  ref: string;
}

export interface Slowdown {
  interval_s: number;
  until: string;
  reason: string;
}

export interface Snapshot {
  type: 'snapshot';
  user_rev: number;
  me: Me;
  contacts: Array<Contact>;
  drafts?: Array<Draft>;
  saved?: Array<SavedMessage>;
  scheduled?: Array<Scheduled>;
  notifications?: NotificationSettings | null;
  notes?: Array<Note>;
}

export interface Status {
  text: string;
  emoji: string;
  until: string | null;
  source?: string;
}

export interface Synced {
  type: 'synced';
}

export interface TitleChanged {
  type: 'title';
  chat: string;
  rev: number;
  title: string;
  prev?: number | null;
  picture?: string | null;
  closed_reason?: string;
  kept_from?: number;
  kept_days?: number;
}

export interface Typing {
  type: 'typing';
  chat: string;
  ref: string;
}

export interface TypingNow {
  type: 'typing';
  chat: string;
  person: string;
}

export interface UnblockContact {
  type: 'contact.unblock';
  person: string;
  ref: string;
}

export interface Undelivered {
  chat: string;
  first_seq: number;
  last_seq: number;
}

export interface UndeliveredNotices {
  type: 'undelivered';
  chats: Array<Undelivered>;
}

export interface Unpin {
  type: 'unpin';
  chat: string;
  seq: number;
  ref: string;
}

export interface Unreact {
  type: 'unreact';
  chat: string;
  seq: number;
  emoji: string;
  ref: string;
}

export interface Unsave {
  type: 'unsave';
  chat: string;
  seq: number;
  ref: string;
}

export interface WaitingChanged {
  type: 'waiting';
}

export interface Welcome {
  type: 'welcome';
  epoch: string;
  me: Me;
  time: string;
  limits: Limits;
  release: string;
  motd?: string;
  emoji?: number;
}

export type AnyCommand =
  | Resume
  | Send
  | Receipts
  | OpenDirect
  | ChatMarks
  | Typing
  | SetPresence
  | SaveDraft
  | React
  | Unreact
  | Edit
  | Delete
  | Pin
  | Unpin
  | Save
  | Unsave
  | RunCommand
  | DismissNote
  | CreateGroup
  | RenameGroup
  | SetRetention
  | SetGroupPicture
  | AddMembers
  | RemoveMember
  | ChangeRole
  | LeaveGroup
  | InviteContact
  | GreetContact
  | AcceptContact
  | DeclineContact
  | CancelContact
  | RemoveContact
  | BlockContact
  | UnblockContact;

export type AnyEvent =
  | Welcome
  | ServerChanged
  | Snapshot
  | Chats
  | Reset
  | Gap
  | Mismatch
  | Synced
  | MessageChanged
  | MemberChanged
  | TitleChanged
  | TypingNow
  | ReceiptMoved
  | PresenceChanged
  | ChatChanged
  | ChatLeft
  | SavedChanged
  | DraftChanged
  | ScheduledChanged
  | NoteChanged
  | NotificationSettingsChanged
  | UndeliveredNotices
  | ContactChanged
  | MeChanged
  | ReadMoved
  | ReportChanged
  | WaitingChanged
  | Heartbeat
  | Reconnect
  | Ack
  | Error;
