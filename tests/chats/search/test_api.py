"""`GET /api/v1/search`: kinds, pages and refusals."""

from datetime import UTC, datetime
from itertools import chain

import pytest
from django.db import connection

from apps.accounts.models import User
from apps.chats.actions.groups import create_group
from apps.chats.api import search as search_api
from apps.chats.models import Chat, Member, Message
from apps.core.limits import Limit
from tests.chats.factories import write
from tests.support.people import person, signed_in

SEARCH = "/api/v1/search"


@pytest.fixture
def get(alice):
    client = signed_in(alice)

    def ask(**query):
        return client.get(SEARCH, query)

    return ask


def pages(get, **query):
    """The responses of all pages."""
    answers, cursor = [], {}
    while True:
        answer = get(**query, **cursor).json()
        answers.append(answer)
        if answer["next"] is None:
            return answers
        cursor = {"cursor": answer["next"]}


def test_a_hit_has_message_chat_sender_and_highlights(alice, bob, chat, get):
    sent = write(bob, chat, "Hello Wörld")
    [hit] = get(q="world", kind="messages").json()["messages"]
    assert hit["chat"] == str(chat)
    assert hit["message"]["seq"] == sent.seq
    assert hit["message"]["text"] == hit["excerpt"] == "Hello Wörld"
    assert hit["sender"]["username"] == "bob"
    assert hit["highlights"] == [{"start": 6, "end": 11}]


def test_people_are_found_by_the_plain_words(alice, bob, charlie, get):
    [found] = get(q="bob", kind="people").json()["people"]
    assert found["person"]["username"] == "bob"
    [found] = get(q="char from:bob -dana", kind="people").json()["people"]
    assert found["person"]["username"] == "charlie"
    for nothing in ("from:bob", "-bob", "x" * 100):
        assert get(q=nothing, kind="people").json()["people"] == []


def test_people_are_paged_by_cursor(alice, get):
    for n in range(25):
        person(f"common{n:02}")
    found = pages(get, q="common", kind="people")
    names = [[item["person"]["username"] for item in page["people"]] for page in found]
    assert [len(page) for page in names] == [20, 5]
    assert list(chain(*names)) == [f"common{n:02}" for n in range(25)]


def test_chats_are_found_by_title_and_by_person(alice, bob, chat, get):
    create_group(alice.id, "Überraschung für Carla", [])

    def titles(q):
        found = get(q=q, kind="chats").json()["chats"]
        return [one["title"] or one["person"]["username"] for one in found]

    assert titles("uber") == titles("carl") == titles("FÜR") == ["Überraschung für Carla"]
    assert titles("bob") == ["bob"]
    for nothing in ("raschung", "%%", "__", "\\\\", "from:bob", "alice", "!!!!!!", "\u0301\u0301"):
        assert titles(nothing) == []


def test_chats_whose_name_begins_with_the_words_come_first(alice, get):
    for title in ("Big team", "Team one", "Team two"):
        create_group(alice.id, title, [])
    titles = [chat["title"] for chat in get(q="team", kind="chats").json()["chats"]]
    assert titles == ["Team two", "Team one", "Big team"]


def test_chats_are_paged_by_cursor(alice, get):
    chats = Chat.objects.bulk_create(
        Chat(
            kind="group",
            title=f"Team {n}",
            active_at="2026-01-01T00:00Z",
            created_at="2026-01-01T00:00Z",
        )
        for n in range(45)
    )
    Member.objects.bulk_create(Member(chat=chat, user=alice, person_rev=0) for chat in chats)
    found = [[chat["id"] for chat in page["chats"]] for page in pages(get, q="team", kind="chats")]
    assert [len(page) for page in found] == [20, 20, 5]
    assert len(set(chain(*found))) == 45


MANY = """
INSERT INTO chats_message (chat_id, seq, rev, id, kind, sender_id, client_id, text, created_at)
SELECT %s, n, n, gen_random_uuid(), 'text', %s, gen_random_uuid(),
    'zebra ' || repeat('word ', n %% 7), now() - n * interval '5 hours'
FROM generate_series(1, 450) n
"""


def write_many(chat, sender):
    """Add 450 messages about zebras, spread over three months."""
    with connection.cursor() as cursor:
        cursor.execute(MANY, [chat, sender.id])
    Chat.objects.filter(id=chat).update(rev=450, last_seq=450)


def test_messages_of_several_windows_are_returned_once(alice, chat, get):
    write_many(chat, alice)
    found = pages(get, q="zebra", kind="messages")
    seqs = [hit["message"]["seq"] for page in found for hit in page["messages"]]
    assert sorted(seqs) == list(range(1, 451))
    assert all(len(page["messages"]) == 20 for page in found[:9])


def test_a_deletion_between_two_pages_skips_nothing(alice, chat, get):
    write_many(chat, alice)
    first = get(q="zebra", kind="messages").json()
    shown = [hit["message"]["seq"] for hit in first["messages"]]
    Message.objects.filter(chat_id=chat, seq__in=shown[:10]).delete()
    answer = first
    while answer["next"] is not None:
        answer = get(q="zebra", kind="messages", cursor=answer["next"]).json()
        shown += [hit["message"]["seq"] for hit in answer["messages"]]
    assert sorted(shown) == list(range(1, 451))


@pytest.mark.parametrize("kind", ["people", "chats", "messages"])
@pytest.mark.parametrize(
    "q", ["", "a", " a ", "a" * 10_000, "hi\x00", "on:2026-02-30", "ab " * 100]
)
def test_invalid_queries_are_refused_for_all_kinds(get, kind, q):
    answer = get(q=q, kind=kind)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/q"


@pytest.mark.parametrize("kind", ["chats", "messages"])
def test_a_cursor_is_valid_for_its_own_search_only(alice, chat, get, kind):
    chats = Chat.objects.bulk_create(
        Chat(
            kind="group",
            title="Hello",
            active_at="2026-01-01T00:00Z",
            created_at="2026-01-01T00:00Z",
        )
        for n in range(21)
    )
    Member.objects.bulk_create(Member(chat=chat, user=alice, person_rev=0) for chat in chats)
    for n in range(21):
        write(alice, chat, f"hello {n}")
    cursor = get(q="hello", kind=kind).json()["next"]
    assert get(q="hello", kind=kind, cursor=cursor).status_code == 200
    other = {"chats": "messages", "messages": "chats"}[kind]
    for refused in (
        {"q": "hell", "kind": kind, "cursor": cursor},
        {"q": "hello", "kind": other, "cursor": cursor},
        {"q": "hello", "kind": kind, "cursor": "x" + cursor},
        {"q": "hello", "kind": kind, "cursor": "zz"},
    ):
        answer = get(**refused)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["pointer"] == "#/cursor"


def test_an_unknown_kind_or_parameter_is_refused(get):
    assert get(q="hello", kind="files").status_code == 400
    assert get(q="hello").status_code == 400
    assert get(q="hello", kind="chats", page="2").status_code == 400


def test_too_many_searches_are_refused_with_the_time_to_wait(get, monkeypatch):
    monkeypatch.setattr(search_api, "SEARCHES", Limit("searches-test", amount=2, seconds=60))
    statuses = [get(q="hello", kind="messages").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert int(get(q="hello", kind="chats")["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("chosen", "zone", "found"),
    [
        (False, "Pacific/Kiritimati", 1),
        (False, "America/Lima", 0),
        (False, "", 0),
        (False, "Nowhere/../Land", 0),
        (True, "Pacific/Kiritimati", 0),
    ],
)
def test_days_are_those_of_the_device_until_a_zone_is_chosen(alice, chat, get, chosen, zone, found):
    User.objects.filter(id=alice.id).update(time_zone="UTC", time_zone_chosen=chosen)
    write(alice, chat, "hello")
    Message.objects.update(created_at=datetime(2026, 1, 31, 12, tzinfo=UTC))
    hits = get(q="hello on:2026-02-01", kind="messages", tz=zone).json()["messages"]
    assert len(hits) == found
