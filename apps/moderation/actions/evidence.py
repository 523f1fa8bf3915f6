"""Copies what is reported, so that it can still be read when its author edits or deletes it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from apps.accounts.queries import profiles
from apps.chats.models import MessageEdit
from apps.chats.queries import history, message_rows
from apps.core.graphemes import cut
from apps.core.runtime import runtime
from apps.files.actions import copies, uses
from apps.moderation.models import Evidence, EvidenceFile, Note, Report
from apps.wire import bodies

# Messages may be long, and edited often. Beyond this, the reported message stays whole, and texts
# far from it are stored with their beginnings only.
MAX_CHARACTERS = 200_000
MAX_BEGINNING = 500
MAX_NAME = 80
DELETE_BATCH_SIZE = 100


def copy(report: Report, *, context: int) -> None:
    """Copy the reported entry with `context` entries on each side, or the last `context` of a
    reported chat, and their files. Call it under the chat's lock."""
    entries = _entries(report, context)
    people = profiles.people({entry.sender for entry in entries})
    former = _former(report)
    texts = _within_limit(report, entries, former)
    Evidence.objects.bulk_create(
        Evidence(
            report=report,
            seq=entry.seq,
            kind=entry.kind,
            reported=entry.seq == report.seq,
            sender_id=entry.sender,
            sender_name=_sender_name(entry, people),
            text=texts[entry.seq],
            shortened=texts[entry.seq] != entry.text
            or (entry.seq == report.seq and any("shortened" in each for each in former)),
            former=former or None if entry.seq == report.seq else None,
            files=[_named(file) for file in entry.files] or None,
            at=entry.at,
            edited_at=entry.edited_at,
            deleted=entry.deleted,
        )
        for entry in entries
    )
    files = {file.id for entry in entries for file in entry.files}
    if report.kind == Report.Kind.PERSON and report.person and report.person.picture:
        files.add(report.person.picture)
    kept = copies.copy_files(files, owner=report.id)
    EvidenceFile.objects.bulk_create(EvidenceFile(report=report, file=file) for file in kept)


def _sender_name(entry: bodies.Message, people: Mapping[UUID, bodies.Person]) -> str:
    """As members read it: the name that a program gives itself, and that of its bot."""
    name = people[entry.sender].name if entry.sender in people else ""
    given = entry.layout.name if entry.layout else ""
    return f"{cut(given, MAX_NAME // 2)} ({cut(name, MAX_NAME // 2 - 3)})" if given else name


def _entries(report: Report, context: int) -> list[bodies.Message]:
    if report.chat_id is None or report.kind == Report.Kind.PERSON:
        return []
    if report.seq is None:
        return history.newest(report.chat_id, limit=context) if context else []
    entry = message_rows.one(report.chat_id, report.seq)
    found = [] if entry is None else [entry]
    if context:
        found = [
            *history.before(report.chat_id, seq=report.seq, limit=context),
            *found,
            *history.after(report.chat_id, seq=report.seq, limit=context),
        ]
    return found


def _former(report: Report) -> list[dict[str, str]]:
    """What the reported message said before it was edited, as its chat's members can read it."""
    if report.chat_id is None or report.seq is None:
        return []
    edits = MessageEdit.objects.filter(chat_id=report.chat_id, seq=report.seq).order_by("version")
    return [{"text": each.text, "until": each.until.isoformat()} for each in edits]


def _within_limit(
    report: Report, entries: Sequence[bodies.Message], former: list[dict[str, str]]
) -> dict[int, str]:
    """The text to store of each entry, by its seq. Shortens those of `former`.

    The reported message is whole. Its earlier texts, from the last on, then the entries, from the
    nearest on, are whole as long as all are within MAX_CHARACTERS.
    """
    middle = report.seq or (entries[-1].seq if entries else 0)
    nearest = sorted(entries, key=lambda entry: abs(entry.seq - middle))
    left = MAX_CHARACTERS
    texts = {}
    if nearest and nearest[0].seq == report.seq:
        texts[report.seq] = nearest.pop(0).text
        left -= len(texts[report.seq])
    for each in reversed(former):
        left -= len(each["text"])
        if left < 0 and len(each["text"]) > MAX_BEGINNING:
            each |= {"text": cut(each["text"], MAX_BEGINNING), "shortened": "yes"}
    for entry in nearest:
        left -= len(entry.text)
        texts[entry.seq] = entry.text if left >= 0 else cut(entry.text, MAX_BEGINNING)
    return texts


def _named(file: bodies.File) -> dict[str, object]:
    return {"id": str(file.id), "name": file.name, "type": file.type, "size": file.size}


def delete_old() -> None:
    """Delete the copies, and give up the files, of reports that were decided long ago. The report
    stays, with who reported whom, why, and the outcome. Safe to run concurrently anywhere."""
    while _delete_batch() == DELETE_BATCH_SIZE:
        pass


@transaction.atomic
def _delete_batch() -> int:
    ttl = timedelta(days=runtime.EVIDENCE_DAYS)
    old = Report.objects.filter(decided_at__lt=Now() - ttl, emptied_at=None)
    rows = list(
        old.order_by("decided_at").select_for_update(no_key=True, skip_locked=True)[
            :DELETE_BATCH_SIZE
        ]
    )
    kept = EvidenceFile.objects.filter(report__in=rows)
    files = list(kept.values_list("file_id", flat=True))
    kept.delete()
    Evidence.objects.filter(report__in=rows).delete()
    Note.objects.filter(report__in=rows).delete()
    Report.objects.filter(id__in=[row.id for row in rows]).update(
        emptied_at=Now(), text="", shown={}
    )
    uses.remove(files)
    return len(rows)
