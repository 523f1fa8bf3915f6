"""Renders an archive as pages that open offline: no script, nothing from elsewhere.

index.html            the chats
chats/<id>-<n>.html   a page of a chat
files/<id>-<name>     pictures and other files
"""

from base64 import b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.template.loader import get_template
from django.utils.formats import date_format
from django.utils.translation import get_language, get_language_bidi, gettext, ngettext

from apps.archive.actions.checking import entries_name
from apps.archive.actions.contents import Progress, ignore
from apps.archive.actions.page_texts import event_text, hidden_links, message_text, quote_of
from apps.archive.errors import ArchiveError
from apps.archive.reading import CHATS, FILES, PEOPLE, UNREADABLE, Source
from apps.archive.records import Chat, Entry, File, Person
from apps.archive.writing import Target
from apps.core.file_names import safe_name
from apps.files.file_types import ACTIVE_SUFFIXES

PAGE_SIZE = 2_000
PLAIN = "bin"
ENDINGS = {"image/jpeg": "jpg", "image/webp": "webp", "image/avif": "avif", "image/png": "png"}
# The largest form first.
VARIANTS = ("full", "saver", "thumbnail")
# Links are looked for in shorter texts.
MAX_LINKED = 10_000


class ShownFile(NamedTuple):
    """A file as the pages link to it, from the folder of the chats."""

    name: str
    path: str
    size: int
    width: int
    height: int
    is_picture: bool
    missing: bool


class Quoted(NamedTuple):
    """A message that others reply to. `file` is its page, and `text` its beginning."""

    file: str
    name: str
    text: str


class _Book:
    """What all pages need: names, files, and how moments are shown."""

    def __init__(self, source: Source, target: Target, zone: ZoneInfo) -> None:
        self.source, self.target, self.zone = source, target, zone
        self.names: dict[UUID, str] = {}
        self.usernames: dict[UUID, str] = {}
        for _, person in source.records(PEOPLE, Person):
            self.names[person.id] = person.name or person.username or gettext("Former member")
            self.usernames[person.id] = person.username
        self.files: dict[UUID, ShownFile] = {}
        self.template = get_template("archive/page.html")
        # The template includes it: exactly what is between its tags.
        digest = sha256(get_template("archive/style.css").render().encode()).digest()
        self.style_hash = f"sha256-{b64encode(digest).decode()}"

    def name(self, person: UUID) -> str:
        """The name of a person."""
        return self.names.get(person, gettext("Former member"))

    def page(self, name: str, context: Mapping[str, Any]) -> None:
        """Write a page."""
        base = {
            "language": get_language(),
            "direction": "rtl" if get_language_bidi() else "ltr",
            "style_hash": self.style_hash,
            "zone": self.zone.key,
        }
        with self.target.file(name) as file:
            file.write(self.template.render({**base, **context}).encode())


def render(
    source: Source,
    target: Target,
    *,
    zone: ZoneInfo,
    without: Collection[UUID] = (),
    progress: Progress = ignore,
) -> int:
    """Write the pages of an archive, `without` these chats, in the language that is active. Returns
    how many chats there are. Memory grows with people, files, a page of entries, and the messages
    of a chat that have replies. Raises ArchiveError."""
    book = _Book(source, target, zone)
    for _, file in source.records(FILES, File):
        book.files[file.id] = _write_file(book, file)
        progress("files", len(book.files))
    chats = (chat for _, chat in source.records(CHATS, Chat) if chat.id not in without)
    listed = [_write_chat(book, chat, progress) for chat in chats]
    book.page("index.html", {"is_index": True, "title": gettext("Chats"), "chats": listed})
    return len(listed)


def _write_file(book: _Book, file: File) -> ShownFile:
    by_name = {each.name: each for each in file.variants}
    best = next((by_name[name] for name in VARIANTS if name in by_name), None)
    name = safe_name(file.name)
    digest, stored = file.sha256, name
    if best is not None:
        digest, stored = (
            best.sha256,
            f"{name.rpartition('.')[0] or name}.{ENDINGS.get(best.type, PLAIN)}",
        )
    elif name.lower().endswith(ACTIVE_SUFFIXES):
        # A browser would run it with the rights of the pages.
        stored = f"{name}.txt"
    path = f"files/{file.id}-{stored}"
    missing = bool(file.missing) or not _copy(book, digest, path)
    size = (best.width, best.height) if best else (0, 0)
    # `#` and `%` of a name are no part of an address as they are.
    return ShownFile(name, f"../{quote(path)}", file.size, *size, best is not None, missing)


def _copy(book: _Book, digest: str, path: str) -> bool:
    """Copy a content. Returns whether the archive has it."""
    try:
        content = book.source.open_content(digest)
    except (FileNotFoundError, ArchiveError):
        return False
    try:
        with content:
            book.target.copy(path, content, is_content=True)
    except UNREADABLE:
        return False
    return True


def _write_chat(book: _Book, chat: Chat, progress: Progress) -> dict[str, Any]:
    count, replied = 0, set[int]()
    for _, entry in book.source.records(entries_name(chat.id), Entry):
        count += 1
        if entry.reply_to is not None:
            replied.add(entry.reply_to)
    pages = max(1, -(-count // PAGE_SIZE))
    members = [book.name(each.person) for each in chat.members if not each.left]
    title = chat.title or ", ".join(members)
    entries = (entry for _, entry in book.source.records(entries_name(chat.id), Entry))
    deleted = describe_deleted(chat) if chat.kept_from > 1 else ""
    quoted: dict[int, Quoted] = {}
    for number in range(1, pages + 1):
        file = page_name(chat.id, number)
        on_page = _noted(book, file, islice(entries, PAGE_SIZE), replied, quoted)
        context = {
            "index": "../index.html",
            "title": title,
            "members": ", ".join(members),
            "deleted": deleted if number == 1 else "",
            "rows": _rows(book, quoted, on_page),
            "pages": _page_links(chat.id, number, pages),
        }
        book.page(f"chats/{file}", context)
        progress("pages", number)
    return {"page": f"chats/{page_name(chat.id, 1)}", "title": title, "count": count}


def _page_links(chat: UUID, here: int, pages: int) -> list[dict[str, Any]]:
    """The first and last pages and those around `here`; "…" without a file for the others."""
    numbers = Paginator(range(pages), 1).get_elided_page_range(here)
    return [
        {
            "number": each,
            "file": page_name(chat, each) if isinstance(each, int) else "",
            "is_here": each == here,
        }
        for each in numbers
    ]


def page_name(chat: UUID, number: int) -> str:
    """The file of a page of a chat."""
    return f"{chat}-{number}.html"


def describe_deleted(chat: Chat) -> str:
    """What is said where entries were deleted for good."""
    if not chat.kept_days:
        return gettext("Older messages were deleted here.")
    words = ngettext(
        "Messages older than %(count)s day are deleted here.",
        "Messages older than %(count)s days are deleted here.",
        chat.kept_days,
    )
    return words % {"count": chat.kept_days}


def _noted(
    book: _Book,
    file: str,
    entries: Iterable[Entry],
    replied: Collection[int],
    quoted: dict[int, Quoted],
) -> Iterator[Entry]:
    """The entries of a page. Those with replies, which come later, are added to `quoted`."""
    for entry in entries:
        if entry.seq in replied:
            quoted[entry.seq] = Quoted(file, book.name(entry.by), quote_of(entry))
        yield entry


def _rows(
    book: _Book, quoted: Mapping[int, Quoted], entries: Iterable[Entry]
) -> Iterator[dict[str, Any]]:
    day = ""
    for entry in entries:
        at = entry.at.astimezone(book.zone)
        row = {
            "seq": entry.seq,
            "iso": at.isoformat(),
            "time": date_format(at, "TIME_FORMAT"),
            "name": book.name(entry.by),
        }
        if (today := date_format(at, "DATE_FORMAT")) != day:
            row["day"] = day = today
        yield row | (_message(book, quoted, entry) if entry.kind == "text" else _event(book, entry))


def _event(book: _Book, entry: Entry) -> dict[str, Any]:
    about = "" if entry.about is None else book.name(entry.about)
    return {"event": event_text(entry, book.name(entry.by), about)}


def _message(book: _Book, quoted: Mapping[int, Quoted], entry: Entry) -> dict[str, Any]:
    if entry.hidden_at is not None:
        return {"gone": gettext("Moderators hid this message.")}
    if entry.deleted_at is not None:
        return {"gone": gettext("This message was deleted.")}
    text = message_text(entry, book.usernames, book.names)
    return {
        "text": text,
        "links": hidden_links(entry, text),
        "is_long": len(entry.text) > MAX_LINKED,
        "edited": entry.edited_at is not None,
        "pinned": entry.pinned_at is not None,
        "reply_to": entry.reply_to,
        "reply": quoted.get(entry.reply_to or 0),
        "files": [book.files[file] for file in entry.files if file in book.files],
        "reactions": _reactions(book, entry),
    }


def _reactions(book: _Book, entry: Entry) -> list[dict[str, Any]]:
    people: dict[str, list[str]] = {}
    for each in entry.reactions:
        people.setdefault(each.emoji, []).append(book.name(each.person))
    return [
        {"emoji": emoji, "count": len(names), "names": ", ".join(names)}
        for emoji, names in people.items()
    ]
