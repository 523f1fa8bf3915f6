"""Converts exports in tests, and reads the archives."""

from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from apps.archive.records import Archive, Chat, Entry, File, Person
from apps.archive.vendors.convert import Conversion, Options, convert


class Read:
    """All of an archive in memory."""

    def __init__(self, conversion: Conversion) -> None:
        self.folder = conversion.folder
        self.report = conversion.report
        self.archive = msgspec.json.decode(
            (self.folder / "archive.json").read_bytes(), type=Archive
        )
        self.people: dict[UUID, Person] = {
            one.id: one for one in self._lines("people.jsonl", Person)
        }
        self.files: dict[UUID, File] = {one.id: one for one in self._lines("files.jsonl", File)}
        self.chats: list[Chat] = self._lines("chats.jsonl", Chat)
        assert (len(self.people), len(self.files), len(self.chats)) == (
            self.archive.people,
            self.archive.files,
            self.archive.chats,
        )

    def chat(self, title: str) -> Chat:
        """The only group with this title."""
        (found,) = [chat for chat in self.chats if chat.title == title]
        return found

    def entries(self, chat: Chat | str) -> list[Entry]:
        """The entries of a chat."""
        found = self.chat(chat) if isinstance(chat, str) else chat
        entries: list[Entry] = self._lines(f"entries/{found.id}.jsonl", Entry)
        assert [entry.seq for entry in entries] == [*range(1, len(entries) + 1)]
        return entries

    def texts(self, chat: Chat | str) -> list[str]:
        """The texts of the messages of a chat."""
        return [entry.text for entry in self.entries(chat) if entry.kind == "text"]

    def name(self, person: UUID) -> str:
        """Somebody's username."""
        return self.people[person].username

    def _lines(self, name: str, of: type[Any]) -> list[Any]:
        data = (self.folder / name).read_bytes().splitlines()
        return [msgspec.json.decode(line, type=of) for line in data]


def converted(vendor: str, path: Path, **options: Any) -> Read:
    """The archive of an export, in a work folder beside it."""
    given = {"group_size": 100, "max_file_bytes": 1_000_000} | options
    work = given.pop("work", path.parent / "work")
    return Read(convert(vendor, path, work, Options(**given)))
