"""Changes a person's digest, and plans when it is due."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Annotated
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone
from django.utils.translation import gettext_noop
from msgspec import Meta

from apps.accounts.actions import streams
from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.core.errors import NotPossible
from apps.core.limits import DIGESTS, PREFERENCES, limited
from apps.core.runtime import runtime
from apps.core.task_wakeup import TaskWakeup
from apps.notifications.digest_times import SUNDAY, Frequency, next_time
from apps.notifications.models import Digest
from apps.notifications.queries.digests import body, owner_of, schedule_of
from apps.wire import bodies
from apps.wire.http import Input

wake = TaskWakeup("apps.notifications.tasks.send_digests")
BATCH_SIZE = 500


class DigestUpdate(Input, frozen=True):
    """The parts to change; None leaves one as it is."""

    frequency: bodies.DigestFrequency | None = None
    day: Annotated[int, Meta(ge=1, le=SUNDAY)] | None = None
    at: bodies.ClockTime | None = None
    texts: bool | None = None


@limited(PREFERENCES)
def set_digest(user_id: UUID, update: DigestUpdate) -> bodies.Digest:
    """Change a person's digest and return it. Mail to an address that was refused is tried again.

    Raises NotFound for a closed account.
    """
    with transaction.atomic():
        row, person = _locked(user_id)
        for name in ("frequency", "day", "texts"):
            if (value := getattr(update, name)) is not None:
                setattr(row, name, value)
        if update.at is not None:
            row.at = time.fromisoformat(update.at)
        row.refused = ""
        plan(row, person, now=timezone.now())
        row.save()
    return body(row, person)


@limited(DIGESTS)
def ask_for_digest(user_id: UUID) -> bodies.Digest:
    """Send the person a digest of all that is unread now, to try it: a worker does it at once.

    Raises NotPossible without a mail server or a confirmed address, and NotFound for a closed
    account.
    """
    with transaction.atomic():
        row, person = _locked(user_id)
        if body(row, person).problem in ("no_mail", "no_address"):
            raise NotPossible(gettext_noop("There is no address to send a digest to."))
        row.trial, row.next_at = True, timezone.now()
        row.failures = 0
        row.save()
        transaction.on_commit(wake)
    return body(row, person)


def turn_off(token: str) -> None:
    """End the digests of the person for whom the mail with this token was made. Raises NotFound for
    a token that is not ours, and for a closed account.

    Mail programs call it (RFC 8058): no limit of the person must stop it.
    """
    with transaction.atomic():
        row, person = _locked(owner_of(token).id)
        row.frequency, row.trial = Frequency.OFF, False
        plan(row, person, now=timezone.now())
        row.save()


def plan(row: Digest, person: User, *, now: datetime) -> None:
    """Set when the next digest is due: the first time of the schedule after `now`. One that the
    person has asked for stays due."""
    schedule = schedule_of(row, person)
    row.zone, row.failures = schedule.zone, 0
    # Without an address nothing is planned: `plan_changed` finds the row once there is one.
    gets_mail = person.is_active and bool(person.email)
    row.planned = schedule.frequency if gets_mail else ""
    if not row.trial:
        gets_mail = gets_mail and row.refused != person.email
        row.next_at = next_time(schedule, now) if gets_mail else None


def plan_changed() -> int:
    """Plan the digests of people for whom something else has changed: their time zone, their
    address, or the server's default. Returns how many."""
    planned = 0
    while batch := _plan_batch():
        planned += batch
    return planned


def _plan_batch() -> int:
    default = runtime.DIGEST
    people = User.objects.filter(is_active=True, email__isnull=False)
    if default != Frequency.OFF:
        missing = people.filter(digest=None).order_by("id")[:BATCH_SIZE]
        Digest.objects.bulk_create([Digest(user=each) for each in missing], ignore_conflicts=True)
    frequency = Coalesce(NullIf("frequency", Value("")), Value(default))
    changed = ~Q(zone=F("user__time_zone")) | ~Q(planned=frequency) | _has_other_address()
    rows = Digest.objects.filter(changed, user__in=people).select_related("user")
    with transaction.atomic():
        # Skips rows locked by another transaction; the next run takes them.
        found = list(rows.select_for_update(of=("self",), skip_locked=True)[:BATCH_SIZE])
        _plan_each(found)
    return len(found)


def _has_other_address() -> Q:
    return ~Q(refused="") & ~Q(refused=F("user__email"))


def _plan_each(rows: Iterable[Digest]) -> None:
    now = timezone.now()
    for row in rows:
        if row.refused != row.user.email:
            row.refused = ""
        plan(row, row.user, now=now)
    fields = ["planned", "zone", "failures", "next_at", "refused"]
    Digest.objects.bulk_update(rows, fields)


def _locked(user_id: UUID) -> tuple[Digest, User]:
    """The person's row, made if there is none, and locked. Call it inside a transaction."""
    streams.lock([user_id])
    person = profiles.get_active_user(user_id)
    Digest.objects.bulk_create([Digest(user_id=user_id)], ignore_conflicts=True)
    return Digest.objects.select_for_update().get(user_id=user_id), person
