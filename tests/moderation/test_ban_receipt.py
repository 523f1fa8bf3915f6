"""A ban ends everything that a person has, and the receipt counts it."""

import asyncio
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Ending
from apps.accounts.queries import endings
from apps.chats.actions import groups, invite_links, scheduled
from apps.core.errors import NotFound
from apps.core.identifiers import new_id
from apps.moderation.actions import people
from apps.moderation.actions.audit import By, Door
from apps.notifications.models import Subscription
from tests.support.apps import app_of
from tests.support.listeners import TRANSPORTS, listener
from tests.support.live import cast, database, db, shared_database
from tests.support.people import session_of
from tests.support.uploads import stored_file

__all__ = ["cast", "db", "listener", "shared_database"]
SIGNED_OUT = {"socket": 4401, "stream": 4401, "poll": 401}
# Without Redis, each process finds out by its session check.
BY_THE_CHECK_S = 20.0


def belongings(user):
    """A browser with a device for pushes, an app, an invite link, a message for later, and links to
    a file. Returns the key of the browser, the app, and what to try afterwards."""
    key, app = session_of(user), app_of(user)
    Subscription.objects.create(
        user=user, session_id=key, endpoint=key, endpoint_hash=key, host="push.example", keys={}
    )
    chat = groups.create_group(user.id, "Group", [])
    link = invite_links.create_link(user.id, chat, lifetime=timedelta(hours=1), most_uses=None)
    due = timezone.now() + timedelta(hours=1)
    scheduled.schedule(user.id, chat, client_id=new_id(), text="later", due_at=due)
    file = stored_file(user, "notes.txt", b"some words")
    browser = Client()
    browser.cookies["parley"] = key
    page = f"/api/v1/files/{file.id}/content/original"
    files = [
        browser.get(page)["Location"],
        app.request("GET", page.removeprefix("/api/v1/"))["Location"],
    ]
    assert [status(each) for each in files] == [200, 200]
    return key, app, link.secret, files


def status(address):
    return Client().get(address).status_code


def ban(user):
    return people.suspend(By(None, Door.COMMAND), user.id, until=None, reason="Insults")


def check_that_all_ended(app, secret, files):
    assert (app.status, app.refresh().status_code) == (401, 401)
    assert [status(each) for each in files] == [404, 404]
    with pytest.raises(NotFound):
        invite_links.find_link(secret)


def receipt(user):
    record = Ending.objects.select_related("user").get(user=user)
    counts = endings.totals(record, record.parts.all()).counts
    return counts, endings.left(record)


async def counted(user, connections):
    """The receipt, once it has all connections."""
    async with asyncio.timeout(BY_THE_CHECK_S):
        while True:
            counts, left = await asyncio.to_thread(database, receipt, user)
            if counts.get(endings.CONNECTIONS, 0) >= connections:
                return counts, left
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("redis", ["up", "dead"])
async def test_a_ban_ends_everything_and_the_receipt_counts_it(
    servers, cast, listener, valkey_server, files_storage, redis
):
    key, app, secret, files = await asyncio.to_thread(database, belongings, cast.alice)
    listening = [
        (way, await listener(at, cast.alice, way, key=key).join())
        for at in servers
        for way in TRANSPORTS
    ]
    bob = await listener(servers[1], cast.bob, "socket").join()
    if redis == "dead":
        valkey_server.process.kill()
        valkey_server.process.wait()
    try:
        await asyncio.to_thread(database, ban, cast.alice)
        codes = await asyncio.gather(*(each.ended(BY_THE_CHECK_S) for _, each in listening))
        assert codes == [SIGNED_OUT[way] for way, _ in listening]
        counts, left = await counted(cast.alice, len(listening))
        assert counts == {
            "sessions": 2,
            "push subscriptions": 1,
            "scheduled messages": 1,
            "invite links": 1,
            endings.CONNECTIONS: len(listening),
        }
        assert not any(left.values())
        assert not await bob.lost(within=0)
    finally:
        if redis == "dead":
            await asyncio.to_thread(database, valkey_server.restart)
    await asyncio.to_thread(database, check_that_all_ended, app, secret, files)
