"""Exports chats into an archive. Memory does not grow with the length of a chat, nor with its
files; it does with the number of chats, people and files."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction

from apps.accounts.models import User
from apps.archive import records
from apps.archive.actions.checking import entries_name
from apps.archive.actions.contents import Progress, Room, any_size, file_record, ignore
from apps.archive.queries.people import people_records
from apps.archive.queries.timeline import OPERATOR, View, chat_record, entries
from apps.archive.reading import ARCHIVE, CHATS, FILES, PEOPLE
from apps.archive.writing import Target, held_lines, line, new_target
from apps.chats.models import Chat, Member
from apps.core.errors import NotFound
from apps.core.identifiers import MADE_UP_END
from apps.files.models import File

BATCH = 500


def all_chats() -> list[UUID]:
    """The chats of this installation, without those of load checks and those that an import has not
    finished."""
    members = Member.objects.filter(chat_id__gt=MADE_UP_END)
    return list(members.order_by("chat_id").values_list("chat_id", flat=True).distinct())


def chats_of(person: UUID) -> list[UUID]:
    """The chats that a person is in."""
    rows = Member.objects.filter(user_id=person, left_rev=None)
    return list(rows.order_by("chat_id").values_list("chat_id", flat=True))


def export_to(path: Path, chats: Iterable[UUID], view: View = OPERATOR) -> records.Archive:
    """Write these chats into a new folder or (by its name) ZIP file. Raises FileExistsError,
    NotFound for an unknown chat, and StorageUnavailable."""
    with new_target(path) as target:
        return export(target, chats, view)


class _Named:
    """The people and files that the chats name; the files with who sent each first."""

    def __init__(self) -> None:
        self.people: set[UUID] = set()
        self.files: dict[UUID, UUID] = {}

    def chat(self, chat: records.Chat) -> None:
        """What a chat names."""
        self.people.update(member.person for member in chat.members)
        if chat.picture is not None:
            self.files.setdefault(chat.picture, chat.members[0].person)

    def entry(self, entry: records.Entry) -> None:
        """What an entry names."""
        self.people.add(entry.by)
        self.people.update(entry.mentions)
        self.people.update(each.person for each in entry.reactions)
        if entry.about is not None:
            self.people.add(entry.about)
        for file in entry.files:
            self.files.setdefault(file, entry.by)


def export(
    target: Target,
    chats: Iterable[UUID],
    view: View = OPERATOR,
    *,
    room: Room = any_size,
    progress: Progress = ignore,
) -> records.Archive:
    """Write these chats. Each is read from one snapshot of the database; files, which the storage
    gives, outside of transactions. There is `room` for a content, or it is left out. `progress` is
    called with what is written and how many of it; what it raises ends the export.

    The caller decides who may have these chats; a person, only those that they are in. Raises
    NotFound, StorageUnavailable.
    """
    named = _Named()
    count_chats = count_entries = 0
    with held_lines() as lines:
        for chat_id in sorted(chats):
            chat, count = _export_chat(target, chat_id, named, view, progress)
            lines.write(line(chat))
            count_chats, count_entries = count_chats + 1, count_entries + count
        lines.seek(0)
        target.copy(CHATS, lines)
    if view.is_whole:
        _add_owners(named)
    with held_lines() as lines:
        count_files = 0
        for row in _files(named.files):
            sender = None if view.is_whole else named.files[row.id]
            lines.write(line(file_record(target, row, sender, room)))
            count_files += 1
            progress("files", count_files)
        lines.seek(0)
        target.copy(FILES, lines)
    count_people = target.records(PEOPLE, people_records(named.people, view))
    head = records.Archive(
        format=records.FORMAT,
        version=records.VERSION,
        source=records.PARLEY,
        people=count_people,
        files=count_files,
        chats=count_chats,
        entries=count_entries,
    )
    target.records(ARCHIVE, [head])
    return head


def _export_chat(
    target: Target, chat_id: UUID, named: _Named, view: View, progress: Progress
) -> tuple[records.Chat, int]:
    def noted() -> Iterator[records.Entry]:
        for entry in entries(row, view):
            named.entry(entry)
            if entry.seq % BATCH == 0:
                progress("entries", entry.seq)
            yield entry

    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = Chat.objects.filter(id=chat_id).first()
        # Asked in the snapshot: a removal that it has not seen comes after all that is in it.
        if found is None or not _may_have(chat_id, view):
            raise NotFound
        row = found
        chat = chat_record(row, view)
        named.chat(chat)
        return chat, target.records(entries_name(chat_id), noted())


def _may_have(chat_id: UUID, view: View) -> bool:
    if view.person is None:
        return True
    return Member.objects.filter(chat_id=chat_id, user_id=view.person, left_rev=None).exists()


def _add_owners(named: _Named) -> None:
    """Add who uploaded the files, and the pictures of all these people."""
    for batch in _batches(sorted(named.files)):
        rows = File.objects.filter(id__in=batch).values_list("owner_id", flat=True)
        named.people.update(rows)
    for batch in _batches(sorted(named.people)):
        shown = User.objects.filter(id__in=batch, picture__isnull=False)
        for person, picture in shown.values_list("id", "picture"):
            if picture is not None:
                named.files.setdefault(picture, person)


def _files(files: Iterable[UUID]) -> Iterator[File]:
    for batch in _batches(sorted(files)):
        yield from File.objects.filter(id__in=batch).select_related("blob").order_by("id")


def _batches(ids: list[UUID]) -> Iterator[list[UUID]]:
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch
