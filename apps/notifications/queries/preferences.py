"""Notification preferences as the wire carries them."""

from collections.abc import Collection, Iterable, Mapping
from typing import cast
from uuid import UUID

from apps.core.reads import KeyedRead, Read, read_changes, read_models
from apps.core.runtime import runtime
from apps.notifications.models import Preferences
from apps.notifications.vapid import public_key
from apps.wire import bodies, events
from apps.wire.publish import Publication


def of_person(user_id: UUID) -> bodies.NotificationSettings:
    """The person's preferences, or the defaults."""
    return body(stored(user_id))


def reading(people: Collection[UUID]) -> Read[dict[UUID, bodies.NotificationSettings]]:
    """The read of `of_person` for several people."""

    def build(rows: Iterable[Preferences]) -> dict[UUID, bodies.NotificationSettings]:
        stored = {row.user_id: row for row in rows}
        defaults = body(Preferences())
        return {id_: body(stored[id_]) if id_ in stored else defaults for id_ in people}

    return read_models(Preferences, "WHERE user_id = ANY(%s)", [list(people)], build)


def stored(user_id: UUID) -> Preferences:
    """The person's row, or an unsaved one with the defaults."""
    return Preferences.objects.filter(user_id=user_id).first() or Preferences(user_id=user_id)


def changes_reading(since: Mapping[UUID, int]) -> KeyedRead[UUID, Publication]:
    """The read of each person's last change, if it is newer than that revision of their stream."""
    return read_changes(Preferences, since, changed)


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
