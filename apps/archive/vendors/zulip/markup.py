"""Converts the Markdown of Zulip.

Source: https://zulip.com/help/format-your-message-using-markdown
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from apps.archive.vendors.drafts import DraftFile
from apps.archive.vendors.people import People
from apps.archive.vendors.report import Report
from apps.chats.foreign import emoji
from apps.chats.foreign.markdown import outside_code, plain
from apps.chats.foreign.texts import quoted

MENTION = re.compile(r"@(_?)\*\*([^*|\n]{1,200})(?:\|(\d{1,20}))?\*\*|@(_?)\*([^*\n]{1,200})\*")
CHANNEL = re.compile(r"#\*\*([^*>\n]{1,200})(?:>([^*\n]{0,200}))?\*\*")
UPLOAD = re.compile(r"!?\[([^\[\]\n]*)\]\((?:https?://[^/\s()]+)?/user_uploads/([^()\s]+)\)")
QUOTE = re.compile(
    r"^(`{3,}|~{3,})[ ]*(quote|spoiler[^\n]*)\n(.*?)(?:^\1[ ]*$|\Z)", re.DOTALL | re.MULTILINE
)
TIME = re.compile(r"<time:([^<>\n]{1,60})>")
EVERYBODY = {"all", "everyone", "channel", "stream", "topic"}


class Converted(NamedTuple):
    """A text of Parley, whom it mentions, and the files that it links to."""

    text: str
    mentions: list[str]
    mentions_all: bool
    files: list[DraftFile]


class Markup:
    """Knows people by their full names, and uploads by their paths."""

    def __init__(
        self,
        people: People,
        by_name: Mapping[str, str],
        uploads: Mapping[str, DraftFile],
        report: Report,
    ) -> None:
        self._people = people
        self._by_name = by_name
        self._uploads = uploads
        self._report = report

    def convert(self, text: str) -> Converted:
        """A text of Zulip as Parley writes it."""
        found = Converted("", [], False, [])
        everybody: list[str] = []

        def mention(match: re.Match[str]) -> str:
            name, silent = match[2] or match[5], match[1] or match[4]
            if match[2] and name in EVERYBODY:
                everybody.append(name)
                return "@all"
            key = match[3] or self._by_name.get(name, "")
            if match[5] or key not in self._people:
                return f"@{name}"  # a group of people
            if not silent and key not in found.mentions:
                found.mentions.append(key)
            return f"@{self._people.named(key).username}"

        def upload(match: re.Match[str]) -> str:
            file = self._uploads.get(match[2])
            name = match[1] or match[2].rpartition("/")[2]
            file = file or DraftFile(match[2], name, paths=[f"uploads/{match[2]}"])
            found.files.append(file)
            return ""

        def outside(part: str) -> str:
            part = MENTION.sub(mention, UPLOAD.sub(upload, part))
            part = CHANNEL.sub(
                lambda one: f"#{one[1]}{' > ' if one[2] else ''}{one[2] or ''}", part
            )
            part, unknown = emoji.in_text(plain(TIME.sub(r"\1", part)))
            for name in unknown:
                self._report.changed("custom emoji in texts", "shown by their names", f":{name}:")
            return part

        text = QUOTE.sub(lambda one: quoted(one[3]), text)
        text = outside_code(text, outside).strip("\n")
        if any(name not in ("all", "everyone") for name in everybody):
            self._report.changed("mentions of many", "as @all", f"@{everybody[0]}")
        return found._replace(text=text, mentions_all=bool(everybody))
