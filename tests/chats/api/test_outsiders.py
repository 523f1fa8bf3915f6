"""Every route of the API, requested by an outsider. One row per route and verb: a new route without
a row fails here.
"""

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
from tests.chats.factories import give_back_connection, write
from tests.support.emptying import empty_tables
from tests.support.people import in_touch, person, signed_in

SECRET = "the words that only members read"
SOON = (timezone.now() + timedelta(days=1)).isoformat()


class Closed(NamedTuple):
    """An endpoint for members; outsiders get the response for unknown objects. `query` and `body`
    may contain {chat} and the like."""

    body: dict[str, object] | None = None
    query: str = ""


class Own(NamedTuple):
    """An endpoint for everyone, which returns only the person's own data."""

    body: dict[str, object] | None = None
    query: str = ""
    status: int = 200


A_CHAT = "chats/<uuid:chat>"
A_MESSAGE = f"{A_CHAT}/messages/<int:seq>"
A_HOOK = f"{A_CHAT}/webhooks/outgoing/<uuid:webhook>"
HOOK: dict[str, object] = {"url": "https://hooks.example.org/", "events": ["message.created"]}
HELD_MESSAGE = "moderation/held-messages/<uuid:held_message>"
READ_REQUEST = "moderation/read-requests/<uuid:read_request>"
ROWS: dict[tuple[str, str], Closed | Own] = {
    ("GET", A_CHAT): Closed(),
    ("PATCH", f"{A_CHAT}/marks"): Closed({"pinned": True}),
    ("GET", f"{A_CHAT}/positions"): Closed(),
    ("GET", f"{A_CHAT}/messages"): Closed(),
    ("POST", f"{A_CHAT}/messages"): Closed({"client_id": str(uuid4()), "text": "hello"}),
    ("GET", f"{A_CHAT}/changes"): Closed(query="since=0"),
    ("PUT", f"{A_CHAT}/title"): Closed({"title": "Another"}),
    ("GET", f"{A_CHAT}/title"): Closed(),
    ("GET", f"{A_CHAT}/retention"): Closed(),
    ("PUT", f"{A_CHAT}/retention"): Closed({"days": 30}),
    ("GET", f"{A_CHAT}/deletions"): Closed(),
    # With a receipt of a chat of others: see tests/retention.
    ("GET", "deletions/<uuid:receipt>"): Own(status=404),
    ("PUT", f"{A_CHAT}/picture"): Closed({"file": None}),
    ("GET", f"{A_CHAT}/members"): Closed(),
    ("POST", f"{A_CHAT}/members"): Closed({"people": ["{friend}"]}),
    ("PATCH", f"{A_CHAT}/members/<uuid:person>"): Closed({"role": "admin"}),
    ("DELETE", f"{A_CHAT}/members/<uuid:person>"): Closed(),
    ("GET", f"{A_CHAT}/webhooks/incoming"): Closed(),
    ("POST", f"{A_CHAT}/webhooks/incoming"): Closed({"name": "Grafana"}),
    ("DELETE", f"{A_CHAT}/webhooks/incoming/<uuid:incoming_webhook>"): Closed(),
    ("POST", f"{A_CHAT}/webhooks/incoming/<uuid:incoming_webhook>/secret"): Closed(),
    ("GET", f"{A_CHAT}/links"): Closed(),
    ("POST", f"{A_CHAT}/links"): Closed({"hours": 1}),
    ("DELETE", f"{A_CHAT}/links/<uuid:link>"): Closed(),
    ("GET", "join/<str:secret>"): Closed(),
    ("POST", "join/<str:secret>"): Closed(),
    ("GET", f"{A_CHAT}/pins"): Closed(),
    ("GET", f"{A_CHAT}/files"): Closed(),
    ("GET", f"{A_CHAT}/message-links"): Closed(),
    ("GET", f"{A_CHAT}/commands"): Closed(),
    ("POST", f"{A_CHAT}/commands"): Closed({"client_id": str(uuid4()), "text": "/help"}),
    ("GET", f"{A_CHAT}/notes"): Closed(),
    ("DELETE", f"{A_CHAT}/notes/<uuid:note>"): Closed(),
    ("PUT", f"{A_CHAT}/draft"): Closed({"text": "half a thou"}),
    ("GET", A_MESSAGE): Closed(),
    ("PATCH", A_MESSAGE): Closed({"text": "other words"}),
    ("DELETE", A_MESSAGE): Closed(),
    ("GET", f"{A_MESSAGE}/edits"): Closed(),
    ("GET", f"{A_MESSAGE}/reactions"): Closed(query="emoji=🎉"),
    ("PUT", f"{A_MESSAGE}/reactions/<str:emoji>"): Closed(),
    ("DELETE", f"{A_MESSAGE}/reactions/<str:emoji>"): Closed(),
    ("PUT", f"{A_MESSAGE}/pin"): Closed(),
    ("DELETE", f"{A_MESSAGE}/pin"): Closed(),
    ("PUT", f"{A_MESSAGE}/saved"): Closed(),
    ("DELETE", f"{A_MESSAGE}/saved"): Closed(),
    # With an entry of a plugin: see tests/plugins.
    ("POST", f"{A_MESSAGE}/acts"): Own({"name": "vote", "data": {"options": [0]}}, status=404),
    ("GET", f"{A_MESSAGE}/thread"): Closed(),
    ("GET", f"{A_MESSAGE}/seen"): Closed(),
    ("GET", f"{A_MESSAGE}/notified"): Closed(),
    ("GET", "search"): Closed(query="q=words&kind=messages&in_chat={chat}"),
    ("POST", "scheduled"): Closed(
        {"chat": "{chat}", "client_id": str(uuid4()), "text": "later", "due_at": SOON}
    ),
    ("PATCH", "scheduled/<uuid:scheduled_id>"): Closed({"text": "much later"}),
    ("DELETE", "scheduled/<uuid:scheduled_id>"): Closed(),
    # With a held message of somebody else: see tests/moderation/held/.
    ("POST", "scheduled/<uuid:scheduled_id>/withdraw"): Own(status=404),
    ("POST", "notifications/rehearsal"): Closed({"chat": "{chat}", "level": "all"}),
    ("POST", "reports"): Closed({"kind": "chat", "chat": "{chat}", "reason": "spam", "context": 5}),
    ("GET", "reports"): Own(),
    ("POST", "reports/seen"): Own(status=204),
    ("GET", "warnings"): Own(),
    # With a warning of somebody else: see tests/moderation/test_measures.py.
    ("POST", "warnings/<uuid:warning>/acknowledge"): Own(status=404),
    # Of moderators: see tests/moderation.
    ("GET", "moderation/waiting"): Own(status=403),
    ("GET", "moderation/people/<uuid:person>/warnings"): Own(status=403),
    ("POST", "moderation/people/<uuid:person>/warnings"): Own({"reason": "Spam"}, status=403),
    ("PUT", "moderation/people/<uuid:person>/slowdown"): Own(
        {"reason": "Spam", "interval_s": 60, "until": "2099-01-01T00:00:00Z"}, status=403
    ),
    ("DELETE", "moderation/people/<uuid:person>/slowdown"): Own(status=403),
    ("PUT", f"moderation/{A_CHAT}/closure"): Own({"reason": "Spam"}, status=403),
    ("DELETE", f"moderation/{A_CHAT}/closure"): Own(status=403),
    ("PUT", "moderation/people/<uuid:person>/suspension"): Own({"reason": "Spam"}, status=403),
    ("POST", "moderation/people/<uuid:person>/suspension/lift"): Own(
        {"reason": "Spam"}, status=403
    ),
    ("POST", "moderation/people/<uuid:person>/suspension/keep"): Own(
        {"reason": "Spam"}, status=403
    ),
    **{
        ("POST", f"moderation/{A_MESSAGE}/{verb}"): Own({"reason": "Spam"}, status=403)
        for verb in ("hide", "restore", "delete")
    },
    ("POST", f"moderation/{A_CHAT}/members/<uuid:person>/remove"): Own(
        {"reason": "Spam"}, status=403
    ),
    ("POST", f"moderation/{A_CHAT}/links/revoke"): Own({"reason": "Spam"}, status=403),
    ("POST", f"moderation/{A_CHAT}/links/<uuid:link>/revoke"): Own({"reason": "Spam"}, status=403),
    ("POST", "moderation/people/<uuid:person>/reset"): Own(
        {"what": "name", "reason": "Spam"}, status=403
    ),
    ("POST", f"moderation/{A_CHAT}/reset"): Own({"what": "title", "reason": "Spam"}, status=403),
    ("GET", "moderation/settings"): Own(status=403),
    ("PATCH", "moderation/settings"): Own({"values": {"REGISTRATION": "off"}}, status=403),
    ("GET", "moderation/settings/versions"): Own(status=403),
    ("POST", "moderation/settings/versions/<int:number>/revert"): Own(status=403),
    ("GET", "moderation/held-messages"): Own(status=403),
    ("GET", HELD_MESSAGE): Own(status=403),
    ("POST", f"{HELD_MESSAGE}/approve"): Own(status=403),
    ("POST", f"{HELD_MESSAGE}/refuse"): Own({"reason": "Spam"}, status=403),
    ("GET", "moderation/read-requests"): Own(status=403),
    ("POST", "moderation/read-requests"): Own(
        {
            "chat": "{chat}",
            "since": "2026-01-01T00:00:00Z",
            "reason": "abuse",
            "text": "Why not",
            "hours": 1,
        },
        status=403,
    ),
    **{
        ("POST", f"{READ_REQUEST}/{verb}"): Own({"reason": "No"}, status=403)
        for verb in ("approve", "refuse", "end")
    },
    ("GET", f"{READ_REQUEST}/messages"): Own(status=403),
    ("GET", "scheduled"): Own(),
    ("GET", "chats"): Own(),
    ("GET", "saved"): Own(),
    ("GET", "drafts"): Own(),
    ("POST", "receipts"): Own({"positions": [{"chat": "{chat}", "read": 1}]}, status=204),
    ("GET", "notifications/settings"): Own(),
    ("PATCH", "notifications/settings"): Own({}),
    ("GET", "notifications/digest"): Own(),
    ("PATCH", "notifications/digest"): Own({}),
    ("POST", "notifications/digest/now"): Own(status=409),
    ("GET", "push/devices"): Own(),
    ("POST", "push/devices"): Own({"endpoint": "x"}, status=400),
    ("DELETE", "push/devices/<uuid:device>"): Own(status=404),
    ("POST", "chats/direct"): Own({"person": "{bob}"}, status=403),
    ("POST", "groups"): Own({"title": "Mine", "people": ["{bob}"]}, status=403),
    ("GET", "me"): Own(),
    ("PATCH", "me"): Own({"version": 1, "about": "nobody"}),
    ("DELETE", "me"): Own(status=202),
    ("PUT", "me/status"): Own({"text": "busy"}),
    ("PUT", "me/do-not-disturb"): Own({}),
    ("PUT", "me/time-zone"): Own({"device": "Asia/Tokyo"}),
    ("PUT", "me/email"): Own({"email": "charlie@example.org"}, status=204),
    # A public profile: see tests/api/test_conventions.py.
    ("GET", "people/<uuid:person>"): Own(),
    ("GET", "people"): Own(query="q=nobody-of-that-name"),
    ("GET", "contacts"): Own(),
    # Of contacts alone: see tests/contacts/test_presence.py.
    ("GET", "presence"): Own(query="person={bob}"),
    ("GET", "devices"): Own(),
    ("DELETE", "devices"): Own(status=204),
    ("PATCH", "devices/<uuid:device>"): Own({"name": "mine"}, status=404),
    ("DELETE", "devices/<uuid:device>"): Own(status=404),
    ("GET", A_HOOK): Closed(),
    ("PUT", A_HOOK): Closed(HOOK),
    ("DELETE", A_HOOK): Closed(),
    ("GET", f"{A_CHAT}/webhooks/outgoing"): Closed(),
    ("POST", f"{A_CHAT}/webhooks/outgoing"): Closed(HOOK),
    ("PUT", f"{A_HOOK}/pause"): Closed(),
    ("PUT", f"{A_HOOK}/resume"): Closed({}),
    ("POST", f"{A_HOOK}/secret"): Closed(),
    ("POST", f"{A_HOOK}/test"): Closed(),
    ("GET", f"{A_HOOK}/log"): Closed(),
    ("GET", f"{A_HOOK}/log/<uuid:delivery>"): Closed(),
    ("POST", f"{A_HOOK}/log/<uuid:delivery>"): Closed(),
    # With bots of others: see tests/integrations.
    ("GET", "bots"): Own(),
    ("POST", "bots"): Own({"username": "mine"}, status=201),
    ("PATCH", "bots/<uuid:bot>"): Own({"name": "mine"}, status=404),
    ("DELETE", "bots/<uuid:bot>"): Own(status=404),
    ("POST", "bots/<uuid:bot>/tokens"): Own({"name": "x", "scopes": ["chats:read"]}, status=404),
    ("DELETE", "bots/<uuid:bot>/tokens/<uuid:token>"): Own(status=404),
    # Everybody's; with those of others: see tests/emoji.
    ("GET", "emoji"): Own(),
    ("GET", "emoji/images/<uuid:image>.webp"): Own(status=404),
    ("GET", "emoji/images/<uuid:image>-still.webp"): Own(status=404),
    ("PUT", "emoji/<str:name>"): Own(status=415),
    ("DELETE", "emoji/<str:name>"): Own(status=404),
    ("PUT", "emoji/<str:name>/aliases/<str:alias>"): Own(status=404),
    ("DELETE", "emoji/<str:name>/aliases/<str:alias>"): Own(status=404),
    # With an export of somebody else: see tests/accounts/exports/.
    ("GET", "exports"): Own(),
    ("POST", "exports"): Own(status=202),
    ("GET", "exports/<uuid:export>"): Own(status=404),
    # With files of others: see tests/files.
    ("GET", "files"): Own(),
    ("POST", "files"): Own({"client_id": str(uuid4()), "name": "a.txt", "size": 5}, status=201),
    ("GET", "files/storage"): Own(),
    ("GET", "files/bytes-saved"): Own(),
    ("PUT", "files/bytes-saved"): Own({"month": "{month}", "bytes": 1}),
    ("GET", "files/<uuid:file>"): Own(status=404),
    ("PATCH", "files/<uuid:file>"): Own({"name": "b.txt"}, status=404),
    ("DELETE", "files/<uuid:file>"): Own(status=404),
    ("PUT", "files/<uuid:file>/kept"): Own(status=404),
    ("DELETE", "files/<uuid:file>/kept"): Own(status=404),
    ("POST", "files/<uuid:file>/part"): Own({"start": 0, "size": 1}, status=404),
    ("PUT", "files/<uuid:file>/part"): Own({"start": 0}, status=404),
    ("HEAD", "files/<uuid:file>/content"): Own(status=404),
    ("PATCH", "files/<uuid:file>/content"): Own(status=415),
    ("GET", "files/<uuid:file>/content/<str:variant>"): Own(status=404),
    ("POST", "tickets"): Own(status=404),
    ("POST", "tokens"): Own({"username": "charlie", "password": "guess"}, status=401),
    # Without an identity provider.
    ("POST", "tokens/exchange"): Own({"provider_token": "guess"}, status=404),
    ("POST", "tokens/refresh"): Own({"refresh_token": "guess"}, status=401),
    ("POST", "tokens/revoke"): Own({"refresh_token": "guess"}, status=204),
    ("DELETE", "session"): Own(status=204),
    # Charlie has no password.
    ("PUT", "me/password"): Own({"password": "another good one"}, status=409),
    ("GET", "me/second-factor"): Own(),
    ("POST", "me/second-factor/app"): Own(status=409),
    ("PUT", "me/second-factor/app"): Own({"code": "000000"}, status=409),
    ("DELETE", "me/second-factor/app"): Own(status=404),
    ("POST", "me/second-factor/recovery-codes"): Own(status=409),
    ("POST", "me/second-factor/passkeys"): Own({"credential": {}}, status=409),
    ("POST", "me/second-factor/passkeys/options"): Own(status=409),
    # With a passkey of somebody else: see tests/accounts/test_factors_api.py.
    ("PATCH", "me/second-factor/passkeys/<int:passkey>"): Own({"name": "mine"}, status=404),
    ("DELETE", "me/second-factor/passkeys/<int:passkey>"): Own(status=404),
    # With an identity of somebody else: see tests/sso/test_identities_api.py.
    ("GET", "me/identities"): Own(),
    ("DELETE", "me/identities/<int:identity>"): Own(status=404),
    ("POST", "accounts"): Own({"username": "charlie", "password": "guess"}, status=400),
    ("POST", "session/proof"): Own({"password": "guess"}, status=403),
    ("POST", "session/proof/passkey"): Own(),
    # Before sign-in: see tests/accounts.
    ("POST", "session"): Own({"username": "charlie", "password": "guess"}, status=401),
    # Contacts: see tests/contacts.
    ("POST", "contacts/<uuid:person>/accept"): Own(status=409),
    ("PUT", "contacts/<uuid:person>/greeting"): Own({"text": "Hello"}, status=409),
    # Personal links: see tests/contacts/test_personal_links.py.
    ("GET", "me/link"): Own(status=404),
    ("PUT", "me/link"): Own(),
    ("DELETE", "me/link"): Own(status=404),
    ("GET", "with/<str:secret>"): Own(status=404),
    ("POST", "with/<str:secret>"): Own(status=404),
    **{
        ("POST", f"contacts/<uuid:person>/{verb}"): Own()
        for verb in ("invite", "decline", "cancel", "remove", "block", "unblock")
    },
}


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
