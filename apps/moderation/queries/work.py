"""Work of the servers that failed, or that no worker has taken for too long. It names people and
states: no name of a file, and no content."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from msgspec import Struct

from apps.accounts.models import Deletion, Export, User
from apps.core.identifiers import first_id_at
from apps.files.models import File

# Work that waits for longer is not taken by any worker, or never succeeds.
LATE = timedelta(minutes=10)
MAX_SHOWN = 50


class Work(Struct, frozen=True):
    """One piece of work: `id` is that of its row (of a deletion, the person's). `problem`: a word
    of the server about why it failed."""

    kind: str
    id: UUID
    person: str
    state: str
    problem: str
    since: datetime
    attempts: int
    again: bool


class Found(NamedTuple):
    """A row of work, and whose it is."""

    row: Any
    person: UUID
    work: dict[str, Any]


def late_exports(now: datetime) -> QuerySet[Export]:
    """Exports that wait for too long."""
    return Export.objects.filter(state=Export.State.WAITING, asked_at__lt=now - LATE)


def late_deletions(now: datetime) -> QuerySet[Deletion]:
    """Deletions of accounts that are not done."""
    return Deletion.objects.filter(due_at__lt=now - LATE)


def late_files(now: datetime) -> QuerySet[File]:
    """Files that wait for too long."""
    return File.objects.filter(state=File.State.PROCESSING, id__lt=first_id_at(now - LATE))


def all_work() -> list[Work]:
    """Up to MAX_SHOWN of each kind and state."""
    now = timezone.now()
    found = [*_exports(now), *_deletions(now), *_files(now)]
    names = dict(
        User.objects.filter(id__in={each.person for each in found}).values_list("id", "username")
    )
    return [
        Work(
            person=names.get(each.person, ""),
            attempts=each.row.attempt,
            id=each.row.pk,
            **each.work,
        )
        for each in found
    ]


def _exports(now: datetime) -> Iterator[Found]:
    failed = Export.objects.filter(state=Export.State.FAILED)
    for rows in (failed, late_exports(now)):
        newest = rows.filter(expires_at__gt=now).order_by("-asked_at")
        for row in newest[:MAX_SHOWN]:
            yield Found(row, row.user_id, _work("export", row.state, row.asked_at))


def _deletions(now: datetime) -> Iterator[Found]:
    for row in late_deletions(now).order_by("due_at")[:MAX_SHOWN]:
        yield Found(row, row.user_id, _work("deletion", "waiting", row.due_at))


def _files(now: datetime) -> Iterator[Found]:
    for row in late_files(now).order_by("id")[:MAX_SHOWN]:
        yield Found(row, row.owner_id, _work("file", "waiting", row.created_at))
    failed = File.objects.filter(state=File.State.FAILED).order_by("-id")
    for row in failed[:MAX_SHOWN]:
        # Its parts are deleted: only its owner can send it again.
        work = _work("file", "failed", row.created_at, problem=row.problem, again=False)
        yield Found(row, row.owner_id, work)


def _work(
    kind: str, state: str, since: datetime, *, problem: str = "", again: bool = True
) -> dict[str, Any]:
    return {"kind": kind, "state": state, "since": since, "problem": problem, "again": again}
