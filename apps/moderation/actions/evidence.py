"""Copies what is reported, so that it can still be read when its author edits or deletes it."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from apps.accounts.queries import profiles
from apps.chats.models import MessageEdit
from apps.chats.queries import history, message_rows
from apps.files.actions import copies, uses
from apps.moderation.models import Evidence, EvidenceFile, Note, Report
from apps.wire import bodies

# After the decision. Long enough for an appeal.
EVIDENCE_TTL = timedelta(days=180)
DELETE_BATCH_SIZE = 100


def copy(report: Report, *, context: int) -> None:
    """Copy the reported entry with `context` entries on each side, or the last `context` of a
    reported chat, and their files. Call it under the chat's lock."""
    entries = _entries(report, context)
    people = profiles.people({entry.sender for entry in entries})
    Evidence.objects.bulk_create(
        Evidence(
            report=report,
            seq=entry.seq,
            kind=entry.kind,
            reported=entry.seq == report.seq,
            sender_id=entry.sender,
            sender_name=people[entry.sender].name if entry.sender in people else "",
            text=entry.text,
            former=_former(report) if entry.seq == report.seq else None,
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


def _former(report: Report) -> list[dict[str, str]] | None:
    """What the reported message said before it was edited, as its chat's members can read it."""
    if report.chat_id is None or report.seq is None:
        return None
    edits = MessageEdit.objects.filter(chat_id=report.chat_id, seq=report.seq).order_by("version")
    return [{"text": each.text, "until": each.until.isoformat()} for each in edits] or None


def _named(file: bodies.File) -> dict[str, object]:
    return {"id": str(file.id), "name": file.name, "type": file.type, "size": file.size}


def delete_old() -> None:
    """Delete the copies, and give up the files, of reports that were decided long ago. The report
    stays, with who reported whom, why, and the outcome. Safe to run concurrently anywhere."""
    while _delete_batch() == DELETE_BATCH_SIZE:
        pass


@transaction.atomic
def _delete_batch() -> int:
    old = Report.objects.filter(decided_at__lt=Now() - EVIDENCE_TTL, emptied_at=None)
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
