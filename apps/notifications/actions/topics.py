"""Notifies people of something that is no message (`notices.TOPICS`)."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.queries.profiles import quiet_until
from apps.notifications.actions.cancel_on_read import read_up_to
from apps.notifications.actions.decide import Candidate, record_decisions
from apps.notifications.models import Preferences, Subscription
from apps.notifications.rules import ChatPreferences, DoNotDisturb, Level

NOW_MS = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"


def notify(people: Collection[UUID], topic: UUID) -> None:
    """Notify those of these people who have a device, as of a mention in a chat without settings of
    its own: after the person's delay, not at the level `none`, and not during do not disturb.

    Call it inside the transaction of the change, after all rows that it locks (docs/locks.md).
    """
    if not people:
        return
    devices = Subscription.objects.filter(user=OuterRef("id"))
    reachable = User.objects.filter(Exists(devices), id__in=people, is_active=True)
    chosen = {row.user_id: row for row in Preferences.objects.filter(user__in=people)}
    now, seq = timezone.now(), _seq()
    record_decisions(
        (
            _candidate(user, chosen.get(user.id) or Preferences(user=user), topic, seq)
            for user in reachable
        ),
        now=now,
    )


def seen(user_id: UUID, topic: UUID) -> None:
    """The person has seen what there is: cancel a pending notification, and clear a shown one."""
    read_up_to({(user_id, topic): _seq()})


def _seq() -> int:
    """The time of the database in milliseconds: by the clocks of processes, what was seen could be
    older than what was notified before."""
    with connection.cursor() as cursor:
        cursor.execute(NOW_MS)
        seq: int
        [seq] = cursor.fetchone()
    return seq


def _candidate(user: User, preferences: Preferences, topic: UUID, seq: int) -> Candidate:
    quiet = DoNotDisturb(user.time_zone, user.dnd_start, user.dnd_end, quiet_until(user))
    return Candidate(
        person=user.id,
        chat=topic,
        seq=seq,
        text="",
        mentioned=True,
        preferences=ChatPreferences(
            level=Level(preferences.level),
            break_through=preferences.break_through,
            do_not_disturb=quiet,
        ),
        delay=preferences.delay,
    )
