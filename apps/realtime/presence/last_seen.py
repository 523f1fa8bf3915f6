"""When people were last seen, in PostgreSQL: written once, when the last connection has ended."""

import asyncio
from datetime import datetime
from uuid import UUID

from django.db import Error

from apps.accounts.models import User
from apps.core.database import database_outages
from apps.realtime.database import in_database


class LastSeen:
    """Times that are not written yet, kept while PostgreSQL is unavailable."""

    def __init__(self) -> None:
        self._unsaved: dict[UUID, datetime] = {}
        # One write at a time: who waits finds their time written with those of others.
        self._saving = asyncio.Lock()

    @property
    def unsaved(self) -> int:
        """How many people's times are not written yet."""
        return len(self._unsaved)

    def note(self, person: UUID, at: datetime) -> None:
        """Have `save` write when a person's last connection ended."""
        self._unsaved[person] = at

    async def save(self) -> None:
        """Write all noted times. A later call writes those that PostgreSQL does not take now."""
        async with self._saving:
            times = dict(self._unsaved)
            if not times:
                return
            try:
                await in_database(write, times)
            except Error as error:
                database_outages.failed(error)
                return
            for person, at in times.items():
                if self._unsaved.get(person) is at:
                    del self._unsaved[person]


def read(people: list[UUID]) -> dict[UUID, datetime | None]:
    """When these people's last connections ended."""
    return dict(User.objects.filter(id__in=people).values_list("id", "last_seen_at"))


def write(times: dict[UUID, datetime]) -> None:
    """Write when these people's last connections ended."""
    people = [User(id=person, last_seen_at=at) for person, at in times.items()]
    User.objects.bulk_update(people, ["last_seen_at"], batch_size=500)
