"""Writes what was read from an export as an archive of Parley."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from apps.archive.actions.checking import entries_name
from apps.archive.reading import ARCHIVE, CHATS, FILES, PEOPLE
from apps.archive.records import (
    FORMAT,
    VERSION,
    Archive,
    Chat,
    Edit,
    Entry,
    File,
    Membership,
    Person,
    Reaction,
)
from apps.archive.validation import MAX_MEMBERSHIPS
from apps.archive.vendors import groups
from apps.archive.vendors.contents import Contents
from apps.archive.vendors.drafts import DraftChat, DraftFile, DraftMember, DraftPerson
from apps.archive.vendors.identifiers import Identifiers
from apps.archive.vendors.moments import SECOND, as_datetime
from apps.archive.vendors.people import People
from apps.archive.vendors.report import Report
from apps.archive.vendors.store import Numbered, Store
from apps.archive.writing import Target
from apps.chats.queries.members import MAX_FORMER
from apps.core.file_names import safe_name

UNKNOWN_TYPE = "application/octet-stream"
MAX_TYPE_LENGTH = 100


class Choices(NamedTuple):
    """`source`: the vendor; `group_size`: how many members a group may have."""

    source: str
    group_size: int
    large: groups.Large | None


class Writer:
    """Writes one archive; `archive.json` comes last."""

    def __init__(
        self,
        target: Target,
        *,
        store: Store,
        people: People,
        ids: Identifiers,
        contents: Contents,
        choices: Choices,
        report: Report,
    ) -> None:
        self._target = target
        self._store = store
        self._people = people
        self._ids = ids
        self._contents = contents
        self._choices = choices
        self._report = report

    def write(self) -> Archive:
        """Write all of it. Raises ExportError for a group that is too large, without a choice."""
        self._store.number()
        chats: list[Chat] = []
        entries = 0
        for draft in self._store.chats():
            for chat in self._chats(draft):
                named: Counter[UUID] = Counter()
                lines = self._noted(chat, draft, named)
                entries += self._target.records(entries_name(chat.id), lines)
                chats.append(_with_former_members(chat, named))
        people = sorted(map(self._person, self._people.all()), key=lambda one: str(one.id))
        chats.sort(key=lambda one: str(one.id))
        archive = Archive(
            FORMAT,
            VERSION,
            self._choices.source,
            people=self._target.records(PEOPLE, people),
            files=self._target.records(FILES, self._files()),
            chats=self._target.records(CHATS, chats),
            entries=entries,
        )
        self._target.records(ARCHIVE, [archive])
        return archive

    def _person(self, draft: DraftPerson) -> Person:
        person = self._ids.person(draft.key)
        picture = None
        if draft.picture:
            picture = self._file(draft.picture, owner=draft.key, at=SECOND)
        return Person(
            person,
            draft.username,
            name=draft.name,
            email=draft.email,
            about=draft.about,
            time_zone=draft.time_zone,
            locale=draft.locale,
            picture=picture,
            former=draft.former,
            bot=draft.bot,
        )

    def _chats(self, draft: DraftChat) -> Iterator[Chat]:
        """The chats that one becomes."""
        draft.members = [
            member
            for member in {each.person: each for each in draft.members}.values()
            if member.person in self._people
        ]
        if not draft.members:
            draft.members = self._authors(draft)
        first = self._store.first_moment(draft.key) or self._store.last_moment() or SECOND
        created = min(draft.created_at or first, first)
        if not draft.members:
            self._report.lost("groups", "without members and messages", draft.title)
            found = []
        elif draft.kind == "direct":
            found = [groups.Part(0, "", draft.members)]
        else:
            found = groups.parts(
                draft,
                self._store.activity(draft.key),
                limit=self._choices.group_size,
                large=self._choices.large,
                report=self._report,
                unfit={one.key for one in self._people.all() if one.bot or one.former},
            )
        self._report.kept("direct chats" if draft.kind == "direct" else "groups", len(found[:1]))
        count = self._store.count(draft.key)
        for part in found:
            members = [self._member(draft.key, each, count) for each in part.members]
            yield Chat(
                self._ids.chat(draft.key, part.number),
                draft.kind,
                as_datetime(created),
                tuple(sorted(members, key=lambda one: str(one.person))),
                title=part.title,
            )

    def _authors(self, draft: DraftChat) -> list[DraftMember]:
        """Those who wrote: archived channels of Slack have no members, and nobody could read them
        otherwise."""
        found = [DraftMember(key) for key in self._store.activity(draft.key) if key in self._people]
        if found:
            self._report.changed("groups", "without members, so of those who wrote", draft.title)
        return found

    def _member(self, chat: str, draft: DraftMember, count: int) -> Membership:
        """What was read elsewhere is not unread here."""
        read = self._store.seq_until(chat, draft.read_until) if draft.read_until else count
        return Membership(
            self._ids.person(draft.person), role=draft.role, read=read, delivered=count
        )

    def _noted(self, chat: Chat, draft: DraftChat, named: "Counter[UUID]") -> Iterator[Entry]:
        """The entries; `named` counts how often each person is part of one."""
        for numbered in self._entries(draft):
            entry = self._entry(chat, numbered)
            named.update([entry.by, *entry.mentions, *(one.person for one in entry.reactions)])
            yield entry

    def _entries(self, draft: DraftChat) -> Iterator[Numbered]:
        for numbered in self._store.messages(draft.key):
            message = numbered.message
            if message.thread not in ("", message.key) and not numbered.thread:
                self._report.changed(
                    "replies",
                    "not in a thread, as its first message is missing or later",
                    message.text,
                )
            yield numbered

    def _entry(self, chat: Chat, numbered: Numbered) -> Entry:
        message, thread = numbered.message, numbered.thread or None
        person: Callable[[str], UUID] = self._ids.person
        files = [self._file(file, owner=message.by, at=message.at) for file in message.files]
        return Entry(
            numbered.seq,
            self._ids.entry(chat.id, message.key),
            person(message.by),
            # Some exports say that a chat was created after its first message.
            chat.created_at if message.kind == "created" else as_datetime(message.at),
            kind=message.kind,
            text=message.text,
            about=person(message.about) if message.about else None,
            reply_to=thread,
            thread=thread,
            mentions=tuple(map(person, message.mentions)),
            mentions_all=message.mentions_all,
            files=tuple(files),
            reactions=tuple(
                Reaction(one.emoji, person(one.person), as_datetime(one.at))
                for one in message.reactions
            ),
            edits=tuple(Edit(one.text, as_datetime(one.until)) for one in message.edits),
            edited_at=_moment(message.edited_at),
            deleted_at=_moment(message.deleted_at),
            pinned_at=_moment(message.pinned_at),
        )

    def _files(self) -> Iterator[File]:
        decoder = msgspec.json.Decoder(File)
        return map(decoder.decode, self._store.files())

    def _file(self, draft: DraftFile, *, owner: str, at: int) -> UUID:
        """The id of a file, whose line and content are added at its first use."""
        file_id = self._ids.file(draft.key)
        if self._store.file(str(file_id)) is None:
            content = self._contents.copy(draft.paths)
            missing = content.missing and (draft.missing or content.missing)
            name = safe_name(draft.name)
            if missing:
                self._report.lost("contents of files (their names are kept)", missing, name)
            else:
                self._report.kept("files")
            record = File(
                file_id,
                self._ids.person(owner),
                name,
                draft.type[:MAX_TYPE_LENGTH] or UNKNOWN_TYPE,
                content.size or max(0, draft.size),
                as_datetime(at),
                sha256=content.sha256,
                missing=missing,
            )
            self._store.add_file(str(file_id), msgspec.json.encode(record))
        return file_id


def _with_former_members(chat: Chat, named: "Counter[UUID]") -> Chat:
    """A group with everybody else whom its entries name as having left: members see the names of
    those alone. Of more than the list of former members has, those who are named most."""
    if chat.kind == "direct":
        return chat
    present = {member.person for member in chat.members}
    others = [person for person, _ in named.most_common() if person not in present]
    room = min(MAX_FORMER, MAX_MEMBERSHIPS - len(present))
    # One without a time of joining counts as erased already (`chats.actions.erasure`).
    left = [Membership(one, joined_at=chat.created_at, left=True) for one in others[:room]]
    members = sorted([*chat.members, *left], key=lambda one: str(one.person))
    return msgspec.structs.replace(chat, members=tuple(members))


def _moment(at: int) -> Any:
    return as_datetime(at) if at else None
