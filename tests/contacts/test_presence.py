"""Presence over the API: of contacts alone."""

from uuid import uuid4

import pytest
import redis
from django.conf import settings

from apps.accounts.models import User
from apps.contacts.actions import contacts
from apps.core.redis_script import redis_script
from apps.realtime.presence import lookup
from apps.realtime.presence.store import ENTRY_TTL_S
from tests.support.people import in_touch, person, signed_in

PATH = "/api/v1/presence"
SEEN = "2026-01-02T03:04:05Z"


@pytest.fixture
def online():
    """Writes the entry of a server process that a person is connected to."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    script = client.register_script(lookup.COUNT)
    written = []

    def connected(user, state="active"):
        written.append(f"parley:presence:{user.id}")
        script(keys=written[-1:], args=[uuid4().hex, ENTRY_TTL_S, state])

    yield connected
    client.delete(*written)


def ask(user, *people):
    return signed_in(user).get(PATH, {"person": ",".join(str(each.id) for each in people)})


def test_contacts_are_online_away_or_offline(alice, bob, charlie, online):
    dana = person("dana")
    for other in (bob, charlie, dana):
        in_touch(alice, other)
    online(bob)
    online(charlie, "away")
    User.objects.filter(id=dana.id).update(last_seen_at=SEEN)
    items = ask(alice, bob, charlie, dana, bob).json()["items"]
    assert items == [
        {"person": str(bob.id), "online": True, "away": False, "last_seen": None},
        {"person": str(charlie.id), "online": True, "away": True, "last_seen": None},
        {"person": str(dana.id), "online": False, "away": False, "last_seen": SEEN},
    ]


def test_an_outsider_sees_nobody(alice, bob, charlie, online):
    in_touch(alice, bob)
    online(bob)
    assert ask(charlie, bob, alice).json() == {"items": []}
    contacts.invite(charlie.id, bob.id)
    assert ask(charlie, bob).json() == {"items": []}
    contacts.block(bob.id, alice.id)
    assert ask(alice, bob).json() == {"items": []}


@pytest.mark.parametrize(
    "ids", ["", "nobody", "," * 40, ",".join(str(uuid4()) for _ in range(101))]
)
def test_malformed_lists_are_refused(alice, ids):
    answer = signed_in(alice).get(PATH, {"person": ids})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/person")


def test_without_redis_it_is_unknown(alice, bob, settings):
    in_touch(alice, bob)
    settings.REDIS_URL = "redis://127.0.0.1:1"
    redis_script.cache_clear()
    try:
        answer = ask(alice, bob)
    finally:
        redis_script.cache_clear()
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
