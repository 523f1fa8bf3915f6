"""Archives made by hand for tests."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import msgspec

from apps.archive.records import Archive, Chat, Entry, File, Membership, Person
from apps.archive.writing import line

THEN = datetime(2020, 1, 1, tzinfo=UTC)


def an_id(number: int) -> UUID:
    """An id; higher numbers are later ones."""
    return UUID(int=(0x01900000 << 96) + number)


ANNA, BEN, GROUP, NOTE = an_id(1), an_id(2), an_id(100), an_id(50)


def an_entry(seq: int, by: UUID = ANNA, **fields: object) -> Entry:
    """A message of Anna's, a minute after the one before."""
    given = {"seq": seq, "id": an_id(1_000 + seq), "by": by, "text": f"text {seq}"}
    given["at"] = fields.get("at") or THEN + timedelta(minutes=seq)
    return msgspec.convert(given | fields, Entry, from_attributes=True)


class Made(msgspec.Struct):
    """An archive of a group of Anna and Ben, to be changed before it is written."""

    people: list[Person]
    files: list[File]
    chats: list[Chat]
    entries: dict[UUID, list[Entry]]
    contents: list[bytes]
    source: str = "slack"

    def write(self, path: Path) -> Path:
        """Write it as a folder."""
        head = Archive(
            format="parley-archive",
            version=1,
            source=self.source,
            people=len(self.people),
            files=len(self.files),
            chats=len(self.chats),
            entries=sum(map(len, self.entries.values())),
        )
        _write(path / "archive.json", [head])
        _write(path / "people.jsonl", self.people)
        _write(path / "files.jsonl", self.files)
        _write(path / "chats.jsonl", self.chats)
        for chat, entries in self.entries.items():
            _write(path / "entries" / f"{chat}.jsonl", entries)
        for content in self.contents:
            target = path / "contents" / sha256(content).hexdigest()
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(content)
        return path


def made(*entries: Entry) -> Made:
    """An archive with these entries, by default three."""
    written = list(entries) or [an_entry(1), an_entry(2, BEN), an_entry(3, files=[NOTE])]
    members = (Membership(person=ANNA, role="owner"), Membership(person=BEN))
    chat = Chat(id=GROUP, kind="group", created_at=THEN, members=members, title="Team")
    content = b"a note"
    note = File(
        id=NOTE,
        owner=ANNA,
        name="note.txt",
        type="text/plain",
        size=len(content),
        at=THEN,
        sha256=sha256(content).hexdigest(),
    )
    people = [Person(id=ANNA, username="anna", name="Anna"), Person(id=BEN, username="ben")]
    return Made(people, [note], [chat], {GROUP: written}, [content])


def _write(path: Path, records: Iterable[msgspec.Struct]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(map(line, records)))
