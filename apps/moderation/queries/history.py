"""What moderators see of a person next to a report: earlier reports, and what was done to them."""

from typing import NamedTuple
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from apps.accounts.models import Slowdown, Suspension, User
from apps.chats.models import Chat
from apps.moderation.models import Appeal, AuditRecord, Report

MAX_SHOWN = 20
# Records about the work on a report or on a message that waits; the rest of the log says what was
# done to the person.
WORK = ("view_evidence", "view_file", "view_held", "claim", "release", "note", "decide")


class History(NamedTuple):
    """Newest first, up to MAX_SHOWN of each."""

    suspension: Suspension | None
    slowdown: Slowdown | None
    appeals: list[Appeal]
    reports: list[Report]
    records: list[AuditRecord]


def of_person(person_id: UUID, *, without: UUID) -> History:
    """The history of the person, `without` the report next to which it is shown."""
    reports = Report.objects.filter(person_id=person_id).exclude(id=without)
    records = AuditRecord.objects.filter(person=person_id).exclude(action__in=WORK)
    slowdowns = Slowdown.objects.select_related("by")
    return History(
        Suspension.objects.select_related("by").filter(user_id=person_id).first(),
        slowdowns.filter(user_id=person_id, until__gt=timezone.now()).first(),
        list(Appeal.objects.filter(user_id=person_id).order_by("-id")[:MAX_SHOWN]),
        list(reports.select_related("decided_by").order_by("-id")[:MAX_SHOWN]),
        list(with_names(records).order_by("-number")[:MAX_SHOWN]),
    )


def with_names(records: "QuerySet[AuditRecord]") -> "QuerySet[AuditRecord]":
    """With the usernames and the title of today, as far as these still exist: `by_name`,
    `person_name`, `chat_title` (empty for a direct chat)."""
    titles = Chat.objects.filter(id=OuterRef("chat")).values("title")
    return records.annotate(
        by_name=_name("by"), person_name=_name("person"), chat_title=Subquery(titles[:1])
    )


def title_of(chat_id: UUID | None) -> str | None:
    """The title of a group; empty for a direct chat; None for a chat that is gone."""
    if chat_id is None:
        return None
    return Chat.objects.filter(id=chat_id).values_list("title", flat=True).first()


def _name(column: str) -> Subquery:
    return Subquery(User.objects.filter(id=OuterRef(column)).values("username")[:1])
