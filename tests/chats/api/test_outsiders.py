"""Every route of the API, requested by an outsider (`outsider_rows`)."""

from collections.abc import Iterator
from copy import copy
from datetime import timedelta
from typing import NamedTuple
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver
from django.utils import timezone

from apps.accounts.models import User
from apps.chats.actions import groups, invite_links, scheduled
from apps.chats.actions.group_commit import group_commit
from apps.chats.models import Chat
from apps.core import limits
from apps.core.errors import RateLimited
from apps.integrations.actions import incoming, outgoing
from chatproject.urls import api
from tests.chats.api.outsider_rows import A_CHAT, ROWS, SECRET, Closed, Own
from tests.chats.factories import give_back_connection, write
from tests.support.emptying import empty_tables
from tests.support.people import in_touch, person, signed_in


def addresses() -> Iterator[tuple[str, str]]:
    """All (verb, route) of the API."""

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, str]]:
        for each in patterns:
            route = before + str(each.pattern)
            if isinstance(each, URLResolver):
                yield from walk(each.url_patterns, route)
            elif (view := getattr(each.callback, "cls", None)) is not None:
                verbs = (verb for verb in view.http_method_names if verb != "options")
                yield from ((verb.upper(), route) for verb in verbs if hasattr(view, verb))

    return walk(api, "")


class Cast(NamedTuple):
    """Alice's group, Bob in it; Charlie is no member. `names`: ids of its objects, by name."""

    alice: User
    charlie: User
    names: dict[str, object]


def build() -> Cast:
    """Needs the database."""
    alice, bob, charlie, friend = map(person, ("alice", "bob", "charlie", "friend"))
    in_touch(alice, bob)
    in_touch(alice, friend)
    in_touch(charlie, friend)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    link = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
    due = timezone.now() + timedelta(days=1)
    later = scheduled.schedule(
        alice.id, crew, client_id=uuid4(), text=SECRET, due_at=due, reply_to=None
    )
    hook, _ = outgoing.make(
        alice.id, crew, url="https://hooks.example.org/", events=["message.created"]
    )
    names = {
        "webhook": hook,
        "delivery": outgoing.test(alice.id, crew, hook),
        "chat": crew,
        "bob": bob.id,
        "friend": friend.id,
        "person": bob.id,
        "seq": write(alice, crew, SECRET).seq,
        "emoji": "🎉",
        "link": link.id,
        "secret": link.secret,
        "scheduled_id": later.id,
        "device": uuid4(),
        "export": uuid4(),
        "receipt": uuid4(),
        "file": uuid4(),
        "variant": "original",
        "month": f"{timezone.now():%Y-%m}",
        "passkey": 1,
        "identity": 1,
        "number": 0,
        "warning": uuid4(),
        "read_request": uuid4(),
        "held_message": uuid4(),
        "image": uuid4(),
        "name": "party_cat",
        "alias": "kitty",
        "bot": uuid4(),
        "incoming_webhook": incoming.make(alice.id, crew, name="Grafana")[0],
        "note": uuid4(),
        "token": uuid4(),
    }
    return Cast(alice, charlie, names)


@pytest.fixture(scope="module")
def _shared_cast(shared_rows) -> Cast:
    return shared_rows(build)


@pytest.fixture
def alice(_shared_cast: Cast, db: None) -> User:
    return copy(_shared_cast.alice)


@pytest.fixture
def charlie(_shared_cast: Cast, db: None) -> User:
    return copy(_shared_cast.charlie)


@pytest.fixture
def names(_shared_cast: Cast, db: None) -> dict[str, object]:
    return _shared_cast.names


def ask(client: Client, row: tuple[str, str], names: dict[str, object]) -> tuple[int, str]:
    verb, route = row
    asked = ROWS[row]
    path = "".join(
        str(names[part.split(">")[0].split(":")[1]]) + part.split(">")[1] if ">" in part else part
        for part in route.split("<")
    )
    query = f"?{asked.query.format(**names)}" if asked.query else ""
    more = {"data": filled(asked.body, names), "content_type": "application/json"}
    given = more if asked.body is not None else {}
    answer = getattr(client, verb.lower())(f"/api/v1/{path}{query}", **given)
    return answer.status_code, answer.content.decode()


def filled(value: object, names: dict[str, object]) -> object:
    """The value with the names in its texts replaced."""
    if isinstance(value, dict):
        return {name: filled(part, names) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, names) for part in value]
    return value.format(**names) if isinstance(value, str) else value


def test_every_route_has_a_row():
    assert set(addresses()) == set(ROWS)


# Sends are committed by a thread of their own, which sees only committed rows.
BY_ANOTHER_THREAD = ("POST", f"{A_CHAT}/messages")
CLOSED = [row for row, asked in ROWS.items() if isinstance(asked, Closed)]


@pytest.mark.parametrize("row", [row for row in CLOSED if row != BY_ANOTHER_THREAD], ids="-".join)
def test_an_outsider_gets_the_response_of_unknown_objects(names, alice, charlie, row):
    strange = {
        "chat": uuid4(),
        "person": uuid4(),
        "link": uuid4(),
        "secret": "guess",
        "scheduled_id": uuid4(),
        "webhook": uuid4(),
        "incoming_webhook": uuid4(),
        "delivery": uuid4(),
    }
    theirs = names | ({"secret": "another guess"} if "secret" in row[1] else {})
    outsider = signed_in(charlie)
    before = Chat.objects.values().get(id=names["chat"])
    status, answer = ask(outsider, row, theirs)
    assert (status, answer) == ask(outsider, row, names | strange)
    assert status == 404
    assert Chat.objects.values().get(id=names["chat"]) == before
    status, answer = ask(signed_in(alice), row, names)
    assert 200 <= status < 300, answer


# Refused before they are counted. Signing in has limits of its own, and signing out has none.
UNCOUNTED = {
    ("POST", "accounts"),
    ("DELETE", "devices"),
    ("DELETE", "devices/<uuid:device>"),
    # Counted once the body is read: see tests/files/test_uploads.py.
    ("PATCH", "files/<uuid:file>/content"),
    # Counted once the picture is read: see tests/emoji.
    ("PUT", "emoji/<str:name>"),
    ("POST", "push/devices"),
    ("POST", "session"),
    ("DELETE", "session"),
    ("POST", "session/proof"),
    ("POST", "tokens"),
    ("POST", "tokens/exchange"),
    ("POST", "tokens/refresh"),
    ("POST", "tokens/revoke"),
}
CHANGING = [row for row in ROWS if row[0] not in ("GET", "HEAD") and row not in UNCOUNTED]


@pytest.mark.parametrize("row", CHANGING, ids="-".join)
def test_every_change_has_a_limit(names, alice, row, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise RateLimited(retry_after=7)

    monkeypatch.setattr(limits, "acquire_shared", full)
    monkeypatch.setattr(limits.in_process, "acquire", full)
    status, answer = ask(signed_in(alice), row, names)
    assert (status, '"code":"rate_limited"' in answer) == (429, True), answer


@pytest.mark.django_db(transaction=True)
def test_an_outsider_cannot_send():
    empty_tables()
    alice, charlie, names = build()
    test_an_outsider_gets_the_response_of_unknown_objects(names, alice, charlie, BY_ANOTHER_THREAD)
    give_back_connection(group_commit)


@pytest.mark.parametrize(
    "row", [row for row, asked in ROWS.items() if isinstance(asked, Own)], ids="-".join
)
def test_an_outsider_gets_no_data_of_others(names, charlie, row):
    before = Chat.objects.values().get(id=names["chat"])
    status, answer = ask(signed_in(charlie), row, names)
    assert status == ROWS[row].status, answer
    assert str(names["chat"]) not in answer
    assert SECRET not in answer
    assert Chat.objects.values().get(id=names["chat"]) == before
