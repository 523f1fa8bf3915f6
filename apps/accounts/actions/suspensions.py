"""Closes an account until moderators, or the end of a period, open it again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_noop

from apps.accounts.access_handlers import Scope
from apps.accounts.actions import streams
from apps.accounts.actions.access import Way, end_access
from apps.accounts.actions.reopening import reopen
from apps.accounts.models import Ending, Suspension, User
from apps.accounts.queries.deletions import may_open
from apps.core.errors import Forbidden, NotPossible


@transaction.atomic
def begin(
    user_id: UUID,
    *,
    until: datetime | None,
    reason: str,
    by: UUID | None = None,
    by_administrator: bool = False,
) -> Ending | None:
    """Close the account until a time; None: for good. Replaces a suspension that the person has.

    Ends everything that a closed account ends (decision 0022); with `until`, the person keeps their
    roles in groups. Returns the record of that. Raises Forbidden for anybody but an administrator
    when an administrator has suspended the person.
    """
    scope = Scope(user_id, account=True, for_a_time=until is not None)
    ending = end_access(scope, way=Way.SUSPENSION, by=by)
    # After the locks of chats and of the person's stream: see docs/locks.md. An account that was
    # closed in another way stays closed by that, too.
    user = User.objects.select_for_update(no_key=True).get(id=user_id)
    if user.is_active:
        user.is_active, user.closed_way = False, Way.SUSPENSION
        user.save(update_fields=["is_active", "closed_way"])
    check_may_change(user_id, by_administrator)
    Suspension.objects.update_or_create(
        user_id=user_id,
        defaults={
            "until": until,
            "reason": reason,
            "by_id": by,
            "by_administrator": by_administrator,
            "at": Now(),
        },
    )
    return ending


@transaction.atomic
def end(user_id: UUID, *, expired: bool = False, by_administrator: bool = False) -> None:
    """Open the account again, unless something else keeps it closed. What ended does not come back.

    `expired`: only if the time of the suspension has passed. Raises NotPossible, and Forbidden as
    `begin`.
    """
    # As `begin` and `accounts.activate`: stream, account, suspension.
    streams.lock(User.objects.filter(id=user_id).values_list("id", flat=True))
    user = User.objects.select_for_update(no_key=True).get(id=user_id)
    rows = over() if expired else Suspension.objects.all()
    if not expired:
        check_may_change(user_id, by_administrator)
    if not rows.filter(user_id=user_id).order_by().delete()[0]:
        raise NotPossible(gettext_noop("This person is not suspended."))
    if user.closed_way == Way.SUSPENSION and may_open(user):
        reopen(user)


def check_may_change(user_id: UUID, by_administrator: bool) -> None:
    """Raises Forbidden where an administrator has suspended the person and somebody else changes
    it. Call it with the account or the suspension locked."""
    set_by_one = Suspension.objects.filter(user_id=user_id, by_administrator=True)
    if not by_administrator and set_by_one.exists():
        raise Forbidden(
            gettext_noop("An administrator has suspended this person: only they can change that.")
        )


def over() -> "QuerySet[Suspension]":
    """Suspensions whose time has passed."""
    return Suspension.objects.filter(until__lte=Now()).order_by("until")
