"""Converts the posts of a Mattermost export and their replies."""

import hashlib
import re

from apps.archive.vendors.drafts import DraftMessage, DraftReaction
from apps.archive.vendors.mattermost.users import file_at
from apps.archive.vendors.messages import Messages, found_reactions
from apps.archive.vendors.moments import MILLISECOND, of_number
from apps.archive.vendors.people import People
from apps.archive.vendors.report import Report
from apps.chats.foreign import emoji
from apps.chats.foreign.documents import Fields
from apps.chats.foreign.markdown import outside_code, plain
from apps.chats.foreign.texts import quoted

MENTION = re.compile(r"(?<![\w@])@([a-z0-9][a-z0-9._-]{0,63})", re.IGNORECASE | re.ASCII)
EVERYBODY = {"all", "channel", "here"}
JOINED = {"system_join_channel", "system_add_to_channel", "system_join_team"}
LEFT = {"system_leave_channel", "system_remove_from_channel", "system_leave_team"}
WRITTEN = {"", "me", "slack_attachment"}


class Posts:
    """Adds posts, each with its replies."""

    def __init__(self, people: People, messages: Messages, report: Report) -> None:
        self._people = people
        self._messages = messages
        self._report = report

    def add(self, chat: str, fields: Fields, *, is_direct: bool) -> None:
        """Add a post and its replies, which are its thread."""
        first = self._message(fields, is_direct=is_direct)
        if first is None:
            return
        key = first.key
        self._messages.add(chat, first)
        for reply in fields.each("replies"):
            message = self._message(reply, is_direct=is_direct)
            if message is not None:
                message.thread = key
                self._messages.add(chat, message)
        if flags := fields.items("flagged_by"):
            self._report.lost("saved messages of people", "not imported", count=len(flags))

    def _message(self, fields: Fields, *, is_direct: bool) -> DraftMessage | None:
        given = fields.text("message")
        at = of_number(fields.number("create_at"), MILLISECOND)
        if at is None:
            self._report.lost("messages", "without a valid time (create_at)", given)
            return None
        kind, user = fields.text("type"), fields.key("user")
        by = self._people.named(user or "unknown").key
        digest = hashlib.sha256(given.encode()).hexdigest()[:16]
        message = DraftMessage(f"{at}\0{user}\0{digest}", by, at)
        if kind in JOINED | LEFT and not is_direct:
            message.kind = "joined" if kind in JOINED else "left"
            return message
        message.text = self._text(given, fields, kind, message, is_direct=is_direct)
        edited = of_number(fields.number("edit_at"), MILLISECOND)
        if edited:
            self._report.changed("edited messages", "marked so; the export has no former texts")
            message.edited_at = max(edited, at)
        paths = [one.text("path") for one in fields.each("attachments")]
        message.files = [file_at(path, "file") for path in paths if path]
        message.reactions = self._reactions(fields, at)
        message.pinned_at = at if fields.flag("is_pinned") else 0
        return message

    def _text(
        self, given: str, fields: Fields, kind: str, message: DraftMessage, *, is_direct: bool
    ) -> str:
        def convert(part: str) -> str:
            part, unknown = emoji.in_text(plain(part))
            for name in unknown:
                self._report.changed("custom emoji in texts", "shown by their names", f":{name}:")
            return MENTION.sub(lambda found: self._mention(found, message, is_direct), part)

        text = outside_code(given, convert)
        if text and (kind == "me" or kind not in WRITTEN) and "\n" not in text:
            text = f"_{text}_"
        if kind not in WRITTEN:
            self._report.changed("events", "as text in italics", f"{kind}: {given}")
        boxes = [_attachment(one) for one in fields.fields("props").each("attachments")]
        shown = [outside_code(box, convert) for box in boxes if box]
        if shown:
            self._report.changed("attachments of apps", "as quoted text", shown[0], len(shown))
        return "\n".join(filter(None, [text, *shown]))

    def _mention(self, found: re.Match[str], message: DraftMessage, is_direct: bool) -> str:
        name = found[1].lower()
        if name in EVERYBODY:
            message.mentions_all = not is_direct
            if name != "all":
                self._report.changed("mentions of many", "as @all", found[0])
            return "@all"
        # As in `@bob.` at the end of a sentence.
        while name and name not in self._people:
            shorter = re.sub(r"[._-]+[^._-]*\Z|\Z.", "", name)
            if shorter == name:
                return found[0]
            name = shorter
        if not name:
            return found[0]
        if name not in message.mentions:
            message.mentions = [*message.mentions, name]
        return f"@{self._people.named(name).username}{found[1][len(name) :]}"

    def _reactions(self, fields: Fields, at: int) -> list[DraftReaction]:
        found: list[DraftReaction] = []
        for reaction in fields.each("reactions"):
            when = of_number(reaction.number("create_at"), MILLISECOND) or at
            people = [reaction.key("user")] if reaction.key("user") else []
            name = reaction.text("emoji_name")
            found += found_reactions(name, people, when, report=self._report)
        return found


def _attachment(box: Fields) -> str:
    title, link = box.text("title"), box.text("title_link")
    heading = f"[{title}]({link})" if title and link else title and f"**{title}**"
    fields = [f"**{one.text('title')}**: {one.text('value')}" for one in box.each("fields")]
    lines = filter(None, [box.text("author_name"), heading, box.text("text"), *fields])
    inside = "\n".join(lines) or box.text("fallback")
    return "\n".join(filter(None, [box.text("pretext"), quoted(inside)]))
