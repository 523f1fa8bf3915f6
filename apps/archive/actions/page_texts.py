"""The texts of pages of an archive: messages without the marks of markup, and what happened."""

import re
from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext, ngettext

from apps.archive.records import Entry
from apps.chats.links import links
from apps.chats.mention_names import with_names
from apps.chats.plain_text import plain_lines, plain_text
from apps.core.graphemes import cut
from apps.moderation.words import event_words

MAX_QUOTE = 120
# What is read of a message for its quote: marks are left out.
MAX_READ = 4 * MAX_QUOTE
# A longer text is shown as it was written, without links.
MAX_CONVERTED = 10_000
MAX_LINKS = 100
DAYS = re.compile("[0-9]{1,5}")


def message_text(entry: Entry, usernames: Mapping[UUID, str], names: Mapping[UUID, str]) -> str:
    """The text of a message as people read it: the people it mentions by their names."""
    if len(entry.text) > MAX_CONVERTED:
        return entry.text
    text = plain_lines(entry.text)
    mentioned = {
        usernames[person].lower(): names[person]
        for person in entry.mentions
        if usernames.get(person)
    }
    return with_names(text, mentioned)


def hidden_links(entry: Entry, shown: str) -> list[str]:
    """The addresses that are behind words, and so not in the text that is shown."""
    if len(entry.text) > MAX_CONVERTED:
        return []
    addresses = links(entry.text, limit=MAX_LINKS)
    return [each for each in addresses if each.partition("://")[2] not in shown]


def quote_of(entry: Entry) -> str:
    """The beginning of a message, on one line; empty for one without a text."""
    if entry.deleted_at is not None or entry.hidden_at is not None:
        return ""
    text = plain_text(entry.text[:MAX_READ]).text
    return cut(text, MAX_QUOTE - 1).rstrip() + "…" if len(text) > MAX_QUOTE else text


def event_text(entry: Entry, name: str, about: str) -> str:
    """What happened in the chat, and who did it."""
    if entry.kind == "retention" and DAYS.fullmatch(entry.text):
        return _retention(name, int(entry.text))
    if entry.kind == "joined" and about:
        return gettext("{name} added {other}").format(name=name, other=about)
    words = [name, event_words(entry.kind)]
    if about:
        words.append(f"({about})")
    shown = " ".join(words)
    return f"{shown}: {entry.text}" if entry.text else shown


def _retention(name: str, days: int) -> str:
    if not days:
        return gettext("{name} keeps messages here until they are deleted by hand").format(
            name=name
        )
    return ngettext(
        "{name} has messages deleted here after {n} day",
        "{name} has messages deleted here after {n} days",
        days,
    ).format(name=name, n=days)
