"""Limits how often a person may send, until a time.

A slowdown is locked before the person's stream: a send locks it after its chats (docs/locks.md).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from apps.accounts.actions import profile
from apps.accounts.models import Slowdown
from apps.core.errors import NotPossible, Slowed

TURNS = """
SELECT user_id, interval_s::float, coalesce(extract(
    epoch FROM sent_at + interval_s * interval '1 second' - clock_timestamp()), 0)::float
FROM accounts_slowdown WHERE user_id = ANY(%s) AND until > clock_timestamp()
ORDER BY user_id FOR NO KEY UPDATE
"""
# By the clock that TURNS reads.
NOTE_SENT = "UPDATE accounts_slowdown SET sent_at = clock_timestamp() WHERE user_id = ANY(%s)"


class Turn(NamedTuple):
    """The seconds between two messages of a person, and until the next one: zero or less, now."""

    interval_s: float
    wait_s: float


@transaction.atomic
def begin(
    user_id: UUID, *, interval_s: int, until: datetime, reason: str, by: UUID | None = None
) -> None:
    """Allow the person one message in `interval_s` seconds until a time. Replaces the slowdown that
    they have."""
    Slowdown.objects.update_or_create(
        user_id=user_id,
        defaults={
            "interval_s": interval_s,
            "until": until,
            "reason": reason,
            "by_id": by,
            "at": timezone.now(),
        },
    )
    profile.moderated(user_id, slowed_until=until)


@transaction.atomic
def end(user_id: UUID) -> None:
    """Let the person write as before. Raises NotPossible when they are not slowed down."""
    if not Slowdown.objects.filter(user_id=user_id, until__gt=timezone.now()).delete()[0]:
        raise NotPossible(gettext_noop("This person is not slowed down."))
    profile.moderated(user_id, slowed_until=None)


def lock_turns(people: Iterable[UUID]) -> dict[UUID, Turn]:
    """Lock the slowdowns of these people and return when each may send. People who are not slowed
    down (any more) are left out."""
    with connection.cursor() as cursor:
        cursor.execute(TURNS, [list(people)])
        return {person: Turn(interval_s, wait_s) for person, interval_s, wait_s in cursor}


@transaction.atomic
def take_turn(user_id: UUID) -> None:
    """Begin the person's interval for a message that somebody else writes because of them. Raises
    Slowed while they may not send."""
    turn = lock_turns([user_id]).get(user_id)
    if turn is None:
        return
    if turn.wait_s > 0:
        raise Slowed(retry_after=turn.wait_s)
    note_sent([user_id])


def note_sent(people: Iterable[UUID]) -> None:
    """These people have sent a message: their interval begins. Call it under `lock_turns`."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE_SENT, [list(people)])
