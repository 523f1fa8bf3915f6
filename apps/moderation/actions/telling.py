"""Tells moderators what waits for them, and reporters what was decided.

An event is a hint that the count has changed; PostgreSQL counts (`queries.waiting`). What is new
notifies those who have a device, too. Both say nothing about what was reported.

Call these inside the transaction of the change, after its locks and before its audit record.
"""

import logging
from collections.abc import Collection
from uuid import UUID

from django.db import Error, transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import override

from apps.accounts.actions import profile, streams, warnings
from apps.accounts.models import Suspension, User
from apps.accounts.queries import profiles
from apps.core.database import is_lock_conflict
from apps.core.limits import WARNINGS, limited
from apps.moderation.models import ReadRequest, Report
from apps.moderation.queries import read_requests
from apps.moderation.queries.moderators import all_moderators
from apps.notifications.actions import topics
from apps.notifications.notices import FOR_MODERATORS, FOR_REPORTERS
from apps.wire.events import WaitingChanged
from apps.wire.publish import Publication, publish

logger = logging.getLogger(__name__)
MAX_TOLD = 1_000


def of_report(row: Report, *, by: UUID | None = None, new: bool = False) -> None:
    """A report came in (`new`), or `by` took it up, gave it back or decided it."""
    _tell(all_moderators().exclude(Q(id=row.person_id)), by=by or row.reporter_id, new=new)


def of_appeal(suspension: Suspension, *, by: UUID | None = None, new: bool = False) -> None:
    """A suspended person has answered, or `by` has lifted, replaced or kept the suspension."""
    people = all_moderators()
    staff = suspension.user.is_staff or suspension.user.is_superuser
    if suspension.by_administrator or staff:
        people = people.filter(is_superuser=True)
    _tell(people.exclude(id=suspension.user_id), by=by, new=new)


def of_read_request(row: ReadRequest, *, by: UUID | None = None, new: bool = False) -> None:
    """Somebody asks to read a chat, or `by` has approved, refused or ended the request."""
    _tell(read_requests.approvers(row), by=by, new=new)


def of_held(sender: UUID, new: bool = False, *, by: UUID | None = None) -> None:
    """A message of this sender waits (`new`), was decided by `by`, or does not wait any more."""
    _tell(all_moderators().exclude(id=sender), by=by, new=new)


def of_decision(row: Report) -> None:
    """The reporter's clients point at the decision until they look at it; the first one since then
    notifies them."""
    if row.reporter_id is None:
        return
    profile.moderated(row.reporter_id, has_decision=True)
    topics.notify([row.reporter_id], FOR_REPORTERS)


def of_measure(person: User, words: Promise, *, reason: str, by: UUID | None, **names: str) -> None:
    """Write to a person what moderators did and why, in their language, as a warning: their devices
    show it until they acknowledge it."""
    with override(person.locale):
        text = str(words) % {"reason": reason, **names}
    warnings.give(person.id, text=text, by=by)


@limited(WARNINGS)
@transaction.atomic
def decisions_seen(user_id: UUID) -> None:
    """The person has looked at the decisions about their reports. Idempotent. Raises NotFound."""
    streams.lock([user_id])
    if profiles.get_active_user(user_id).has_decision:
        profile.moderated(user_id, has_decision=False)
        topics.seen(user_id, FOR_REPORTERS)


def _tell(people: "QuerySet[User]", *, by: UUID | None, new: bool) -> None:
    told = list(people.values_list("id", flat=True)[:MAX_TOLD])
    publish(Publication("person", person, WaitingChanged()) for person in told)
    if new:
        _notify([person for person in told if person != by])
    elif by is not None:
        topics.seen(by, FOR_MODERATORS)


def _notify(people: Collection[UUID]) -> None:
    """Notify moderators, unless one of their pushes stays locked: then they see the number without
    a push. Everything new locks the pushes of the same few people, and the caller may hold the lock
    of a chat, in which others must be able to write."""
    try:
        with transaction.atomic():
            topics.notify(people, FOR_MODERATORS)
    except Error as error:
        if not is_lock_conflict(error):
            raise
        logger.warning("moderators get no push: one of theirs is locked")
