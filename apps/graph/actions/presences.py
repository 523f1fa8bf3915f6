"""Applies what Graph says of a person, in the order of time, from a poll or a notification."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.contacts.actions import profile
from apps.graph import statuses
from apps.graph.gateways.graph import Presence
from apps.graph.models import Link


def apply(user_id: UUID, presence: Presence, *, known_at: datetime) -> None:
    """Set the person's status to this presence, unless a later one is known, or they do not share
    it (any more). Raises Conflict when too much changes at the same time; the next poll
    mends that."""

    def decide() -> Mapping[str, Any] | None:
        link = Link.objects.select_for_update().filter(
            user_id=user_id, object_id=presence.object_id
        )
        found = link.first()
        if found is None or (found.known_at is not None and found.known_at >= known_at):
            return None
        found.availability, found.activity = presence.availability, presence.activity
        found.known_at = known_at
        found.save(update_fields=["availability", "activity", "known_at"])
        status = statuses.status_of(presence.availability, presence.activity)
        return statuses.fields(User.objects.get(id=user_id), status, known_at=known_at)

    profile.sync_status(user_id, decide)


def is_news(user: User, presence: Presence, *, known_at: datetime) -> bool:
    """Whether the status of the person has to change for this presence."""
    status = statuses.status_of(presence.availability, presence.activity)
    return statuses.fields(user, status, known_at=known_at) is not None
