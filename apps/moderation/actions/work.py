"""Trying work again that failed, or that no worker has taken."""

from collections.abc import Callable, Mapping
from uuid import UUID

from django.db import transaction

from apps.accounts.actions import deletions, exports
from apps.core.errors import NotFound
from apps.files.actions import processing
from apps.moderation.actions import audit
from apps.moderation.actions.audit import About, By
from apps.moderation.queries.moderators import check_administrator

# Each takes the id of `queries.work.Work`, and returns whose work it is.
AGAIN: Mapping[str, Callable[[UUID], UUID]] = {
    "export": exports.try_again,
    "deletion": deletions.try_again,
    "file": processing.try_again,
}


@transaction.atomic
def try_again(by: By, kind: str, work_id: UUID) -> None:
    """Let workers try this again, now.

    Raises NoAdministrator, NotFound (also for what is done by now), and NotPossible.
    """
    check_administrator(by.id)
    if kind not in AGAIN:
        raise NotFound
    person = AGAIN[kind](work_id)
    details = {"kind": kind, "id": str(work_id)}
    audit.record("try_again", by=by, about=About(person=person), details=details)
