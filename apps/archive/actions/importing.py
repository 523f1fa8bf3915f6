"""Imports an archive: people, files, then one chat after the other.

Each step can be repeated: what is there already stays as it is, and a chat goes on with the entry
that it lacks. So an import that was killed is finished by a second one, and an archive that was
imported before changes nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from uuid import UUID

import msgspec
from django.db import transaction

from apps.archive.actions.checking import Checked, check, entries_name
from apps.archive.actions.lacking import is_open, lacking_files, without_picture
from apps.archive.actions.people import Match, match_people
from apps.archive.errors import ArchiveError
from apps.archive.reading import CHATS, FILES, PEOPLE, UNREADABLE, Source
from apps.archive.records import Chat, Entry, File, Person
from apps.archive.rows import Files, Who, past_chat, past_entry, past_file, past_member
from apps.chats.actions import imported
from apps.chats.actions.imported_entries import PastEntry
from apps.core.errors import Invalid, Refused
from apps.core.identifiers import new_id
from apps.files.actions import uses
from apps.files.actions.imported import PastFile, import_file
from apps.files.actions.imported_before import OTHER_CONTENT, find_file
from apps.files.models import File as StoredFile

# A batch ends with so many entries, or with the one that makes its texts so large.
BATCH = 1_000
BATCH_CHARACTERS = 2_000_000
Say = Callable[[str], None]


class Imported(msgspec.Struct):
    """What an import did, or would do. `matched` people have an account, `made` ones got (or would
    get) a placeholder; `known` files and `complete` chats were imported before."""

    matched: int = 0
    made: int = 0
    files: int = 0
    known: int = 0
    missing: int = 0
    chats: int = 0
    complete: int = 0
    refused: int = 0
    entries: int = 0


def import_archive(source: Source, *, say: Say, dry_run: bool = False) -> Imported:
    """Import an archive, after all of it was checked. `say` gets a line for all that is not as the
    archive says. With `dry_run` nothing is written.

    Raises ArchiveError for an archive that cannot be used, and StorageUnavailable. A chat that
    cannot be imported is left out, and the others are not.
    """
    checked = check(source, contents=False)
    done = Imported()
    who = _import_people(source, checked, done, say, dry_run=dry_run)
    lacking = lacking_files(source, checked, who)
    files = _import_files(source, who, lacking, done, say, dry_run=dry_run)
    if not dry_run:
        _set_pictures(source, who, files)
    for place, chat in source.records(CHATS, Chat):
        error = checked.refused.get(chat.id)
        try:
            if error is not None:
                raise error
            _import_chat(source, chat, who, files, done, dry_run=dry_run)
        except (ArchiveError, Refused) as refusal:
            done.refused += 1
            reason = str(refusal) if isinstance(refusal, ArchiveError) else refusal.detail
            say(f"{place}: the chat {chat.id} is left out: {reason}")
    return done


def _import_people(
    source: Source, checked: Checked, done: Imported, say: Say, *, dry_run: bool
) -> Who:
    """The account of each person whose id is not that of their account."""
    who: dict[UUID, UUID] = {}
    people = (person for _, person in source.records(PEOPLE, Person))
    for match in match_people(people, source=checked.archive.source, dry_run=dry_run):
        _count(match, done, say)
        if match.account != match.person.id:
            who[match.person.id] = match.account
    return who


def _count(match: Match, done: Imported, say: Say) -> None:
    if match.by == "":
        done.made += 1
    else:
        done.matched += 1
    wish = match.person.username
    if match.by == "" and wish and match.username != wish:
        say(f"{wish} is called {match.username} here.")


def _import_files(
    source: Source,
    who: Who,
    lacking: Collection[UUID] | None,
    done: Imported,
    say: Say,
    *,
    dry_run: bool,
) -> Files:
    """Store files, all or those that are `lacking`. Returns the ids here of all."""
    files: dict[UUID, UUID] = {}
    for place, record in source.records(FILES, File):
        if lacking is not None and record.id not in lacking:
            done.known += 1
            # Names no file: nobody has shown that the archive has the content.
            files[record.id] = new_id()
            continue
        past = past_file(record, who)
        if not past.missing and (reason := _unreadable(source, past)):
            past = msgspec.structs.replace(past, missing=reason)
            say(f"{place}: {reason}")
        done.missing += bool(past.missing)
        file = _import_file(source, past, place, done, say, dry_run=dry_run)
        if file != record.id:
            say(f"{place}: {OTHER_CONTENT}")
        files[record.id] = file
    return files


def _import_file(
    source: Source, past: PastFile, place: str, done: Imported, say: Say, *, dry_run: bool
) -> UUID:
    """Its id here."""
    try:
        return _store_file(source, past, done, dry_run=dry_run)
    except (Invalid, *UNREADABLE) as error:
        reason = error.detail if isinstance(error, Invalid) else str(error)
        say(f"{place}: {reason}")
        done.missing += 1
        lost = msgspec.structs.replace(past, missing=reason, variants=())
        return _store_file(source, lost, done, dry_run=dry_run)
    except Refused as refusal:
        raise ArchiveError(place, refusal.detail) from refusal


def _store_file(source: Source, past: PastFile, done: Imported, *, dry_run: bool) -> UUID:
    """Store a file, unless it is there. Returns its id here."""
    found = find_file(past, source.open_content)
    if not found.is_stored and not dry_run:
        import_file(msgspec.structs.replace(past, id=found.id), source.open_content)
    done.files += not found.is_stored
    done.known += found.is_stored
    return found.id


def _unreadable(source: Source, past: PastFile) -> str:
    """Why the content of a file cannot be opened; empty if it can."""
    for sha256 in [each.sha256 for each in past.variants] or [past.sha256]:
        try:
            source.open_content(sha256).close()
        except FileNotFoundError:
            return "The archive does not have the content."
        except ArchiveError as error:
            return error.reason
    return ""


def _set_pictures(source: Source, who: Who, files: Files) -> None:
    """Give placeholders their pictures; others have their own."""
    for _, person in source.records(PEOPLE, Person):
        # An archive may name any id: only what it has the content of, and no other person has here.
        picture = person.picture and files.get(person.picture)
        if picture is None or person.id in who:
            continue
        with transaction.atomic():
            uses.lock([picture])
            pictures = StoredFile.objects.filter(id=picture, owner_id=person.id, body__kind="image")
            user = without_picture().filter(id=person.id)
            if pictures.exists() and user.update(picture=picture):
                uses.add([picture])


def _members(chat: Chat, who: Who) -> list[imported.PastMember]:
    """The memberships. Of those of one account, one that has ended gives way. Raises Invalid when
    two that have not are of one account."""
    members = [past_member(member, who) for member in chat.members]
    found = {member.person: member for member in members if not member.left}
    if len(found) != sum(not member.left for member in members):
        raise Invalid("Two of its members have the same account here.")
    for member in members:
        found.setdefault(member.person, member)
    return [member for member in members if found[member.person] is member]


def _import_chat(
    source: Source, chat: Chat, who: Who, files: Files, done: Imported, *, dry_run: bool
) -> None:
    members = _members(chat, who)
    past = past_chat(chat, members, files)
    have = (imported.last_entry(past) or 0) if dry_run else imported.begin_chat(past)
    was_open = is_open(chat)
    records = source.records(entries_name(chat.id), Entry)
    entries = (past_entry(entry, who, files) for _, entry in records)
    last = chat.kept_from - 1
    for batch in _batches(entries):
        last = batch[-1].seq
        known = [entry for entry in batch if entry.seq <= have]
        new = batch[len(known) :]
        if known:
            imported.check_same(chat.id, [(entry.seq, entry.id) for entry in known])
        if new and was_open:
            raise Invalid(imported.OTHERS)
        if new and not dry_run:
            imported.add_entries(chat.id, new)
        done.entries += len(new)
    if have > last and not was_open:
        raise Invalid(imported.OTHERS)
    is_new = not was_open if dry_run else imported.open_chat(chat.id, members)
    done.chats += is_new
    done.complete += not is_new


def _batches(entries: Iterable[PastEntry]) -> Iterator[Sequence[PastEntry]]:
    batch: list[PastEntry] = []
    size = 0
    for entry in entries:
        batch.append(entry)
        size += len(entry.text) + sum(len(text) for text, _ in entry.edits)
        if len(batch) == BATCH or size > BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
