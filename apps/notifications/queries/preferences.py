"""Notification preferences as the wire carries them."""

from collections.abc import Collection
from typing import cast
from uuid import UUID

from apps.core.runtime import runtime
from apps.notifications.models import Preferences
from apps.notifications.vapid import public_key
from apps.wire import bodies, events
from apps.wire.publish import Publication


def of_person(user_id: UUID) -> bodies.NotificationSettings:
    """The person's preferences, or the defaults."""
    return body(stored(user_id))


def of_people(people: Collection[UUID]) -> dict[UUID, bodies.NotificationSettings]:
    """`of_person` for several people, in one query."""
    rows = {row.user_id: row for row in Preferences.objects.filter(user_id__in=people)}
    return {id_: body(rows.get(id_) or Preferences(user_id=id_)) for id_ in people}


def stored(user_id: UUID) -> Preferences:
    """The person's row, or an unsaved one with the defaults."""
    return Preferences.objects.filter(user_id=user_id).first() or Preferences(user_id=user_id)


def changes(user_id: UUID, since: int) -> list[Publication]:
    """The last change, if it is newer than revision `since` of the person's stream."""
    return [
        changed(row) for row in Preferences.objects.filter(user_id=user_id, person_rev__gt=since)
    ]


def changed(row: Preferences) -> Publication:
    """The event of the last change, for the person's own stream."""
    event = events.NotificationSettingsChanged(user_rev=row.person_rev, settings=body(row))
    return Publication("person", row.user_id, event, row.person_rev, row.person_rev - 1)


def body(row: Preferences) -> bodies.NotificationSettings:
    """The preferences as their owner sees them."""
    return bodies.NotificationSettings(
        level=cast(bodies.NotifyLevel, row.level),
        keywords=list(row.keywords),
        break_through=row.break_through,
        delay=runtime.PUSH_AFTER if row.delay is None else row.delay,
        content=row.content,
        push_key=public_key(),
    )
