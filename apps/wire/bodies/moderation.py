"""What members report to the moderators."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from apps.wire.bodies.base import Body, Seq

ReportKind = Literal["entry", "person", "chat"]
ReportReason = Literal[
    "spam", "harassment", "hate", "violence", "sexual", "illegal", "self_harm", "other"
]
ReportState = Literal["open", "claimed", "decided"]
ReportOutcome = Literal["action", "no_action"]


class Report(Body, frozen=True):
    """What the reader reported, and what became of it. `person` is also who wrote a reported entry.
    `outcome`, `decided_at` and the moderators' `answer` come with the decision."""

    id: UUID
    kind: ReportKind
    chat: UUID | None
    seq: Seq | None
    person: UUID | None
    reason: ReportReason
    state: ReportState
    outcome: ReportOutcome | None
    created_at: datetime
    decided_at: datetime | None
    answer: str
