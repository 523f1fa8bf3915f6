"""Converts the messages of a Slack export."""

from typing import NamedTuple

from apps.archive.vendors.drafts import DraftFile, DraftMessage, DraftReaction
from apps.archive.vendors.messages import found_reactions
from apps.archive.vendors.moments import of_text
from apps.archive.vendors.people import People
from apps.archive.vendors.report import Report
from apps.archive.vendors.slack.markup import Markup
from apps.archive.vendors.texts import title
from apps.chats.foreign.documents import Fields
from apps.chats.foreign.slack_blocks import attachment_texts, block_texts
from apps.chats.foreign.slack_markup import unescaped
from apps.chats.foreign.texts import link

JOINS = {"channel_join", "group_join"}
LEAVES = {"channel_leave", "group_leave"}
NAMES = {"channel_name", "group_name"}
# Records about other messages, of exports with a log of edits.
RECORDS = {"message_changed", "message_deleted", "message_replied", "reply_broadcast"}
# What people write, and apps. All other subtypes say what happened.
WRITTEN = {"", "me_message", "bot_message", "thread_broadcast", "file_share", "file_comment"}
UNKNOWN = "unknown"


class Conversation(NamedTuple):
    """A channel, a group or a direct chat. `pins`: since when, by `ts`."""

    key: str
    folder: str
    title: str
    creator: str
    created_at: int
    members: list[str]
    is_direct: bool
    pins: dict[str, int]


class Entries:
    """Converts one message after the other."""

    def __init__(self, people: People, markup: Markup, report: Report) -> None:
        self._people = people
        self._markup = markup
        self._report = report

    def entry(self, chat: Conversation, fields: Fields, place: str) -> DraftMessage | None:
        """A message, or what happened in the chat; None (and a line of the report) for neither."""
        key, subtype = fields.text("ts"), fields.text("subtype")
        at = of_text(key)
        if at is None:
            self._report.lost("messages", "without a valid time (ts)", f"{place}: {key or 'none'}")
            return None
        if subtype in RECORDS or fields.flag("hidden"):
            self._report.lost("records of edits", "the last text is kept", subtype)
            return None
        by = self._author(fields)
        if not chat.is_direct and subtype in JOINS | LEAVES:
            return DraftMessage(key, by, at, kind="joined" if subtype in JOINS else "left")
        if not chat.is_direct and subtype in NAMES and fields.text("name"):
            return DraftMessage(key, by, at, kind="renamed", text=title(fields.text("name")))
        if subtype == "tombstone":
            self._report.kept("deleted messages, without a text")
            return self._threaded(DraftMessage(key, by, at, deleted_at=at), fields)
        return self._threaded(self._message(chat, fields, key, by, at), fields)

    def _message(
        self, chat: Conversation, fields: Fields, key: str, by: str, at: int
    ) -> DraftMessage:
        converted = self._markup.convert(self._text(fields))
        files, links = self._files(chat, fields)
        edited = of_text(fields.fields("edited").text("ts")) or 0
        if edited:
            self._report.changed("edited messages", "marked so; Slack exports no former texts")
        return DraftMessage(
            key,
            by,
            at,
            text="\n".join(filter(None, [converted.text, *links])),
            mentions=[one for one in converted.mentions if one in self._people],
            mentions_all=converted.mentions_all and not chat.is_direct,
            files=files,
            reactions=self._reactions(fields, at),
            edited_at=max(edited, at) if edited else 0,
            pinned_at=chat.pins.get(key, 0),
        )

    def _threaded(self, message: DraftMessage, fields: Fields) -> DraftMessage:
        message.thread = fields.text("thread_ts")
        return message

    def _author(self, fields: Fields) -> str:
        user = fields.key("user") or fields.fields("comment").key("user")
        if user:
            profile = fields.fields("user_profile")
            name = profile.text("display_name") or profile.text("real_name")
            return self._people.named(user, profile.text("name"), name).key
        profile = fields.fields("bot_profile")
        name = fields.text("username") or profile.text("name")
        bot = fields.key("bot_id") or name or UNKNOWN
        return self._people.named(f"bot {bot}", name or bot, name).key

    def _text(self, fields: Fields) -> str:
        """The text of a message in mrkdwn, with what attachments add."""
        subtype = fields.text("subtype")
        text = fields.text("text") or block_texts(fields.each("blocks"))
        boxes, previews = attachment_texts(fields)
        if previews:
            self._report.lost("previews of links", "Parley makes its own", count=previews)
        if boxes:
            self._report.changed("attachments of apps", "as quoted text", unescaped(boxes))
        if subtype == "huddle_thread" and not text:
            text = "Huddle"
        if subtype not in WRITTEN:
            self._report.changed("events", "as text in italics", f"{subtype}: {text}")
        if text and (subtype not in WRITTEN or subtype == "me_message"):
            text = f"_{text}_" if "\n" not in text else text
        return "\n".join(filter(None, [text, boxes]))

    def _reactions(self, fields: Fields, at: int) -> list[DraftReaction]:
        """Slack does not say when: they are in its order, at the time of the message."""
        found: list[DraftReaction] = []
        for reaction in fields.each("reactions"):
            name, people = reaction.text("name"), reaction.keys("users")
            found += found_reactions(name, people, at, report=self._report)
            missing = int(reaction.number("count") or 0) - len(reaction.items("users"))
            if missing > 0:
                self._report.lost("reactions", "the export does not say whose", name, missing)
        return found

    def _files(self, chat: Conversation, fields: Fields) -> tuple[list[DraftFile], list[str]]:
        """The files of a message, and links to those that are stored elsewhere."""
        files, links = [], []
        for file in fields.each("files") or [fields.fields("file")]:
            key, name = file.key("id"), file.text("name") or file.text("title")
            mode = file.text("mode")
            if not key:
                continue
            if mode in ("tombstone", "hidden_by_limit"):
                self._report.lost("files", "deleted, or hidden by the plan of Slack", key)
            elif mode == "external" or file.flag("is_external"):
                self._report.changed("files stored elsewhere", "as links", name)
                links.append(link(name, file.text("url_private")))
            else:
                files.append(_file(chat, key, name or key, file))
        return files, links


def _file(chat: Conversation, key: str, name: str, file: Fields) -> DraftFile:
    return DraftFile(
        key,
        name,
        type=file.text("mimetype"),
        size=int(min(max(file.number("size") or 0, 0), 2**53)),
        # As tools that fetch the files put them, and a folder of files by their ids.
        paths=[
            f"__uploads/{key}/{name}",
            f"{chat.folder}/attachments/{key}-{name}",
            f"{key}/{name}",
            f"{key}-{name}",
            f"{key}_{name}",
            key,
        ],
    )
