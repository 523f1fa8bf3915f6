"""A deleted account: live clients of others end as a fresh one begins, and a killed worker harms
nothing."""

import asyncio
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F

from apps.accounts.actions import deletions, erasing
from apps.accounts.models import Deletion, EndedAccess, User
from apps.chats.actions import groups
from apps.notifications.models import Push
from tests.promises.test_pushes import until
from tests.promises.test_state_equals_events import check
from tests.support.live import database
from tests.support.people import in_touch, person
from tests.support.workers import workers

__all__ = ["workers"]
# Some seconds of work, in parts.
ROWS = 40_000
MANY = """
INSERT INTO notifications_push
    (id, user_id, chat_id, first_seq, last_seq, state, reason, open,
    due_at, newest_due_at, created_at)
SELECT gen_random_uuid(), %s, gen_random_uuid(), n, n, 'sent', '', false, now(), now(), now()
FROM generate_series(1, %s) n
"""


def delete_now(user):
    deletions.start(user.id, at_once=True)
    erasing.erase_due(user.id)
    assert not Deletion.objects.filter(user_id=user.id).exists()


@pytest.fixture
def crew(cast):
    """A group of Alice, Bob, and a friend of Alice's who has no contact with Bob."""
    friend = person(f"friend-{uuid4().hex[:8]}")
    in_touch(cast.alice, friend)
    return friend, groups.create_group(cast.alice.id, "Crew", [cast.bob.id, friend.id])


async def test_clients_of_others_learn_the_new_name_without_a_reload(servers, device, cast, crew):
    friend, group = crew
    group = str(group)
    bob = await device(servers[1], cast.bob).join()
    away = await device(servers[0], cast.bob).join()
    await away.cut()
    other = await device(servers[0], friend).join()
    alice = await device(servers[1], cast.alice).join()
    await alice.send(str(cast.chat), "what stays")
    await asyncio.to_thread(database, delete_now, cast.alice)
    assert await alice.closed() == 4401

    # In the direct chat and the contacts: the whole state of a contact's client.
    gone = str(cast.alice.id)
    await bob.knows(lambda state: gone not in state.contacts)
    direct = bob.state.chats[str(cast.chat)]
    assert direct["person"] == {
        "id": gone,
        "username": "",
        "name": "Former member",
        "about": "",
        "status": None,
        "picture": None,
        "bot": False,
    }
    assert direct["last"]["text"] == "what stays"

    # In the group: an event for people without any contact, too.
    for one in (bob, other):
        event = await one.until(
            lambda event: (
                event["type"] == "member"
                and event["member"]["person"]["id"] == gone
                and event["member"]["left"]
            )
        )
        assert event["member"]["person"]["name"] == "Former member"
        assert event["chat"] == group
        await one.knows(lambda state: 4 in state.messages.get(group, {}))
        assert one.state.messages[group][4]["kind"] == "left"

    await away.join()
    fresh = await device(servers[0], cast.bob).join()
    for old in (bob, away):
        for state in (old.state, fresh.state):
            # A client takes them from the members that it knows.
            for name in ("sender", "members", "role"):
                state.chats[group].pop(name, None)
        await check(old, fresh, str(cast.chat))
    assert (bob.resumes, other.resumes) == (1, 1)


def run(sql, given):
    with connection.cursor() as cursor:
        cursor.execute(sql, given)


@pytest.fixture
def erin(db):
    """Somebody with much to erase, whose account is due."""
    user = database(person, f"erin-{uuid4().hex[:8]}", name="Erin")
    other = database(person, f"other-{uuid4().hex[:8]}")
    database(in_touch, user, other)
    database(run, MANY, [user.id, ROWS])
    database(deletions.start, user.id, at_once=True)
    yield user
    database(run, "DELETE FROM notifications_push WHERE user_id = %s", [user.id])


def test_the_deletion_of_a_killed_worker_is_finished_by_the_next_one(erin, workers):
    row = Deletion.objects.filter(user_id=erin.id)
    pushes = Push.objects.filter(user_id=erin.id)
    workers.beat()
    first = workers.tasks()
    until(lambda: 0 < database(pushes.count) < ROWS, within=60)
    first.kill9()
    left = database(pushes.count)
    assert 0 < left < ROWS
    assert database(row.exists)
    database(row.update, claimed_at=F("claimed_at") - erasing.LEASE)
    workers.tasks()
    until(lambda: not database(row.exists), within=90)
    assert database(pushes.count) == 0
    user = database(User.objects.get, id=erin.id)
    assert (user.name, user.is_active) == ("Former member", False)
    counts = database(
        lambda: dict(
            EndedAccess.objects.filter(ending__user_id=erin.id).values_list("kind", "count")
        )
    )
    # Each part was counted when it was committed: nothing twice, nothing lost.
    assert (counts["pushes"], counts["profiles"], counts["contacts"]) == (ROWS, 1, 1)
    print(f"\nfault=SIGKILL of the worker injections=1 left={left} erased={ROWS}")
