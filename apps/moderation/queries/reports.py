"""A person's own reports."""

from typing import cast
from uuid import UUID

from django.utils.translation import gettext, override

from apps.accounts.models import User
from apps.moderation.models import Report
from apps.notifications.notices import Notice
from apps.wire import bodies, events
from apps.wire.publish import Publication


def of_reporter(user_id: UUID, *, before: UUID | None, limit: int) -> list[Report]:
    """Up to `limit` reports of the person, the newest first."""
    rows = Report.objects.filter(reporter_id=user_id)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows.order_by("-id")[:limit])


def body(row: Report) -> bodies.Report:
    """A report as its reporter sees it."""
    return bodies.Report(
        id=row.id,
        kind=cast(bodies.ReportKind, row.kind),
        chat=row.chat_id,
        seq=row.seq,
        person=row.person_id,
        reason=cast(bodies.ReportReason, row.reason),
        state=cast(bodies.ReportState, row.state),
        outcome=cast(bodies.ReportOutcome, row.outcome) if row.outcome else None,
        created_at=row.created_at,
        decided_at=row.decided_at,
        answer=row.answer,
    )


def describe_decision(user_id: UUID, topic: UUID, *, first: int, last: int) -> Notice | None:
    """The notification of a reporter: that something was decided, not what. None when they have
    looked at it."""
    user = User.objects.filter(id=user_id, has_decision=True).first()
    if user is None:
        return None
    with override(user.locale):
        title, body = gettext("My reports"), gettext("Moderators have decided about your report.")
    return Notice(chat=topic, seq=0, count=1, title=title, body=body, path="/?reports")


def publications(row: Report) -> list[Publication]:
    """The report as it is now, for the reporter's live connections, if a person reported it."""
    if row.reporter_id is None:
        return []
    changed = Publication("person", row.reporter_id, events.ReportChanged(report=body(row)))
    return [changed]
