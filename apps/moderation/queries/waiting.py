"""What waits for a moderator: reports, answers to suspensions, messages that rules hold, and
requests to read chats."""

from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext, ngettext, override
from msgspec import Struct

from apps.accounts.models import Suspension, User
from apps.moderation.models import Appeal, HeldMessage, ReadRequest, Report
from apps.moderation.queries.moderators import all_moderators, is_moderator, may_handle
from apps.moderation.queries.read_requests import may_break_glass, visible_to
from apps.notifications.notices import Notice

# Counting stops here.
MAX_COUNTED = 100


class Waiting(Struct, frozen=True):
    """How much waits for a moderator, each counted to 100: `reports` that no other moderator has
    claimed, `appeals` (answers to suspensions that they may lift), `held_messages` of others, and
    `read_requests` that they may approve."""

    reports: int = 0
    appeals: int = 0
    held_messages: int = 0
    read_requests: int = 0

    @property
    def total(self) -> int:
        """All together."""
        return self.reports + self.appeals + self.held_messages + self.read_requests


def count(user: User) -> Waiting:
    """What waits for this moderator."""
    requests = read_requests_for(user)
    return Waiting(
        reports=_count(reports_for(user)),
        appeals=_count(appeals_for(user)),
        held_messages=_count(held_for(user)),
        read_requests=0 if requests is None else _count(requests),
    )


def reports_for(user: User) -> QuerySet[Report]:
    """The reports that the moderator can take up, or has taken up; also those of somebody who
    moderates no more."""
    others = all_moderators().exclude(id=user.id).values("id")
    claimed = Q(state=Report.State.CLAIMED) & ~Q(claimed_by__in=others)
    return Report.objects.filter(Q(state=Report.State.OPEN) | claimed, may_handle(user.id))


def appeals_for(user: User) -> QuerySet[Appeal]:
    """The answers to suspensions that stand, and that the moderator may lift."""
    standing = Suspension.objects.filter(user=OuterRef("user"), at=OuterRef("suspended_at"))
    rows = Appeal.objects.filter(kept_at=None)
    if not user.is_superuser:
        standing = standing.filter(by_administrator=False)
        rows = rows.filter(user__is_staff=False, user__is_superuser=False)
    return rows.filter(Exists(standing)).exclude(user=user)


def held_for(user: User) -> QuerySet[HeldMessage]:
    """The messages of others that wait."""
    rows = HeldMessage.objects.filter(state=HeldMessage.State.HELD)
    return rows.exclude(user_id=user.id)


def read_requests_for(user: User) -> QuerySet[ReadRequest] | None:
    """The requests that the moderator can approve; None where nobody reads chats."""
    if not settings.BREAK_GLASS or not may_break_glass(user):
        return None
    waiting = visible_to(user.id).filter(state=ReadRequest.State.WAITING)
    return waiting.exclude(asked_by=user.id)


def describe(user_id: UUID, topic: UUID, *, first: int, last: int) -> Notice | None:
    """The notification of a moderator: how much waits, and nothing about it. None when nothing
    does."""
    user = User.objects.filter(id=user_id).first()
    waiting = count(user).total if user is not None and is_moderator(user) else 0
    if user is None or not waiting:
        return None
    with override(user.locale):
        title = gettext("Administration")
        body = ngettext(
            "Something waits for moderators.", "%(count)s things wait for moderators.", waiting
        ) % {"count": waiting}
    return Notice(chat=topic, seq=0, count=1, title=title, body=body, path="/admin/")


def _count(
    rows: QuerySet[Report] | QuerySet[Appeal] | QuerySet[HeldMessage] | QuerySet[ReadRequest],
) -> int:
    return rows.order_by()[:MAX_COUNTED].count()
