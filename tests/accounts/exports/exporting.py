"""Exports that people ask for, and what their tests look at."""

from asgiref.sync import async_to_sync
from django.db.models import F

from apps.accounts.actions import exports
from apps.accounts.models import Export
from apps.accounts.tasks import make_exports
from tests.support.storages import stored

PAGE = "/settings/data"
EXPORTS = "/api/v1/exports"
State = Export.State


def files():
    """The names of the exports at the storage."""
    return sorted(key.removeprefix("exports/") for key in stored())


def content(response):
    async def read() -> bytes:
        return b"".join([chunk async for chunk in response.streaming_content])

    return async_to_sync(read)()


def made(user):
    """An export that is ready."""
    row = exports.ask(user.id)
    make_exports()
    row.refresh_from_db()
    assert row.state == State.READY
    return row


def path_of(row):
    return f"{PAGE}/{row.id}/file"


def lapse(row):
    """Let the claim of a dead worker run out."""
    Export.objects.filter(id=row.id).update(claimed_at=F("claimed_at") - exports.LEASE)


def the_one():
    return Export.objects.get()
