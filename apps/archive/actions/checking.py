"""Checks an archive: its records, their order, numbers and references, and its contents."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

import msgspec

from apps.archive.errors import ArchiveError, Wrong
from apps.archive.reading import ARCHIVE, CHATS, FILES, PEOPLE, UNREADABLE, Placed, Source
from apps.archive.records import FORMAT, VERSION, Archive, Chat, Entry, File, Person
from apps.archive.validation import Checker, EntryChecker

READ_BYTES = 1_048_576
R = TypeVar("R", Person, File, Chat)


class Checked(msgspec.Struct):
    """What an archive has. `refused` are chats with something that cannot be, by id, and what;
    `damaged` are the contents that are missing or others."""

    archive: Archive
    people: int = 0
    files: int = 0
    chats: int = 0
    entries: int = 0
    refused: dict[UUID, ArchiveError] = {}
    damaged: list[str] = []

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.refused and not self.damaged


def entries_name(chat: UUID) -> str:
    """The file with the entries of a chat."""
    return f"entries/{chat}.jsonl"


def check(source: Source, *, contents: bool = True) -> Checked:
    """Check all of an archive; with `contents`, also their hashes. Raises ArchiveError for what
    makes all of it unusable. Memory grows by the ids of people and files only."""
    head = source.one(ARCHIVE, Archive)
    if (head.format, head.version) != (FORMAT, VERSION):
        raise ArchiveError(ARCHIVE, f"is no {FORMAT} of version {VERSION}")
    if not 1 <= len(head.source) <= 40:
        raise ArchiveError(ARCHIVE, "source has 1 to 40 characters")
    found = Checked(head)
    checker = Checker()
    for place, person in _in_order(source.records(PEOPLE, Person)):
        with _at(place):
            checker.person(person)
        found.people += 1
    for place, file in _in_order(source.records(FILES, File)):
        with _at(place):
            checker.file(file)
        found.files += 1
        if contents:
            found.damaged += _damaged(source, file)
    for place, chat in _in_order(source.records(CHATS, Chat)):
        found.chats += 1
        try:
            with _at(place):
                checker.chat(chat)
            found.entries += _check_entries(source, chat, checker)
        except ArchiveError as error:
            found.refused[chat.id] = error
    _compare(found)
    return found


def _compare(found: Checked) -> None:
    for name in ("people", "files", "chats", "entries"):
        said, there = getattr(found.archive, name), getattr(found, name)
        # Of a refused chat not all entries were counted.
        if said != there and not (name == "entries" and found.refused):
            raise ArchiveError(ARCHIVE, f"says {said} {name}, and there are {there}")


def _check_entries(source: Source, chat: Chat, checker: Checker) -> int:
    checking = EntryChecker(checker, chat.kept_from)
    for place, entry in source.records(entries_name(chat.id), Entry):
        with _at(place):
            checking.entry(entry)
    for member in chat.members:
        if max(member.read, member.delivered) > checking.last_seq:
            raise ArchiveError(CHATS, f"{chat.id}: a member has read more than there is")
    return checking.count


@contextmanager
def _at(place: str) -> Iterator[None]:
    try:
        yield
    except Wrong as error:
        raise ArchiveError(place, str(error)) from error


def _in_order(records: Iterable[Placed[R]]) -> Iterator[Placed[R]]:
    """The records, whose ids have to grow: so none is there twice."""
    last: UUID | None = None
    for place, record in records:
        if last is not None and record.id <= last:
            raise ArchiveError(place, "is not in the order of the ids")
        last = record.id
        yield place, record


def _damaged(source: Source, file: File) -> list[str]:
    """The contents of a file that are missing or others."""
    if file.missing:
        return []
    parts = [(each.sha256, each.size) for each in file.variants] or [(file.sha256, file.size)]
    return [sha256 for sha256, size in parts if _measure(source, sha256, size) != (sha256, size)]


def _measure(source: Source, sha256: str, size: int) -> tuple[str, int] | None:
    """Hash and size of a content, read a little further than it may be long."""
    digest, read = hashlib.sha256(), 0
    try:
        with source.open_content(sha256) as content:
            while read <= size and (part := content.read(READ_BYTES)):
                read += len(part)
                digest.update(part)
    except (*UNREADABLE, ArchiveError):
        return None
    return digest.hexdigest(), read
