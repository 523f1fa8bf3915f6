"""What people want to be notified of."""

from typing import cast
from uuid import UUID

from django.conf import settings

from apps.notifications.models import Preferences
from apps.notifications.vapid import public_key
from apps.wire import bodies, events
from apps.wire.publish import Publication


def of_person(user_id: UUID) -> bodies.NotificationSettings:
    """The person's own, or the defaults."""
    return body(stored(user_id))


def stored(user_id: UUID) -> Preferences:
    """The row, or one with the defaults that is not stored."""
    return Preferences.objects.filter(user_id=user_id).first() or Preferences(user_id=user_id)


def changes(user_id: UUID, since: int) -> list[Publication]:
    """Their last change, if it came after a revision of the person's stream."""
    return [
        changed(row) for row in Preferences.objects.filter(user_id=user_id, person_rev__gt=since)
    ]


def changed(row: Preferences) -> Publication:
    """The news of the last change."""
    event = events.NotificationSettingsChanged(user_rev=row.person_rev, settings=body(row))
    return Publication("person", row.user_id, event, row.person_rev, row.person_rev - 1)


def body(row: Preferences) -> bodies.NotificationSettings:
    """As its owner sees them."""
    return bodies.NotificationSettings(
        level=cast(bodies.NotifyLevel, row.level),
        keywords=list(row.keywords),
        break_through=row.break_through,
        delay=settings.PUSH_AFTER if row.delay is None else row.delay,
        content=row.content,
        push_key=public_key(),
    )
