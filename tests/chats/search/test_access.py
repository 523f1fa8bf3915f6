"""Search returns only what the person may see at that moment."""

import pytest
from django.utils import timezone

from apps.chats.actions.groups import create_group, remove_member
from apps.chats.gateways.search import search_messages
from apps.chats.gateways.search.backend import SearchCursor
from apps.chats.models import Chat, Member
from apps.chats.queries import search
from apps.chats.queries.search import Matches
from apps.chats.queries.search_language import parse
from tests.chats.factories import write
from tests.chats.search.helpers import texts
from tests.support.people import direct_chat, in_touch, signed_in
from tests.support.statements import traffic

SEARCH = "/api/v1/search"


def found(client, **query):
    return client.get(SEARCH, query).json()


def test_an_outsider_does_not_find_what_a_member_finds(alice, bob, charlie, chat):
    write(alice, chat, "the secret https://plan.example `code`")
    assert texts(bob, "secret") == ["the secret https://plan.example `code`"]
    for asked in ("secret", "from:alice", "has:link", "has:code", "in:alice secret", "-nothing"):
        assert texts(charlie, asked) == []
    assert found(signed_in(charlie), q="secret", kind="messages")["messages"] == []
    assert found(signed_in(charlie), q="alice", kind="chats")["chats"] == []


def test_a_removed_member_finds_nothing_from_then_on(alice, bob, charlie):
    in_touch(alice, bob)
    group = create_group(alice.id, "Design team", [bob.id])
    sent = write(alice, group, "the secret plan")
    assert texts(bob, "secret") == ["the secret plan"]
    remove_member(alice.id, group, person=bob.id)
    assert texts(bob, "secret") == texts(bob, "-x") == []
    assert found(signed_in(bob), q="design", kind="chats")["chats"] == []
    assert search.hits(bob.id, [(group, sent.seq)], Matches()) == []
    assert texts(alice, "secret") == ["the secret plan"]


def test_a_cursor_from_before_the_removal_returns_nothing(alice, bob):
    in_touch(alice, bob)
    group = create_group(alice.id, "Design team", [bob.id])
    for n in range(30):
        write(alice, group, f"secret {n}")
    client = signed_in(bob)
    page = found(client, q="secret", kind="messages")
    assert len(page["messages"]) == 20
    remove_member(alice.id, group, person=bob.id)
    later = found(client, q="secret", kind="messages", cursor=page["next"])
    assert later == {"people": [], "chats": [], "messages": [], "next": None}


def test_searching_a_foreign_chat_is_like_an_unknown_one(alice, bob, charlie, chat):
    write(alice, chat, "the secret plan")
    absent = "01890000-0000-7000-8000-000000000000"
    assert len(found(signed_in(bob), q="secret", kind="messages", in_chat=chat)["messages"]) == 1
    answers = [
        signed_in(charlie).get(SEARCH, {"q": "secret", "kind": "messages", "in_chat": where})
        for where in (chat, absent)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_searching_requires_sign_in(client, db):
    assert client.get(SEARCH, {"q": "hello", "kind": "messages"}).status_code == 401


def test_another_persons_cursor_returns_none_of_their_messages(alice, bob, charlie, dana, chat):
    for n in range(30):
        write(alice, chat, f"secret {n}")
    write(charlie, direct_chat(charlie, dana), "secret of ours")
    cursor = found(signed_in(bob), q="secret", kind="messages")["next"]
    answer = found(signed_in(charlie), q="secret", kind="messages", cursor=cursor)
    assert {hit["message"]["text"] for hit in answer["messages"]} <= {"secret of ours"}


@pytest.mark.parametrize("chats", [1, 60])
def test_the_number_of_queries_does_not_depend_on_chats_and_hits(alice, bob, chat, chats):
    others = Chat.objects.bulk_create(
        Chat(
            kind="group",
            title=f"Group {n}",
            active_at="2026-01-01T00:00Z",
            created_at="2026-01-01T00:00Z",
        )
        for n in range(chats - 1)
    )
    Member.objects.bulk_create(Member(chat=c, user=alice, person_rev=0) for c in others)
    for n in range(chats // 2 + 1):
        write(alice, chat, f"hello {n}")
    # Chats, people; catching up (6); savepoint, terms, setup, six steps, release; hits, senders,
    # folding.
    with traffic() as sent:
        page = search_messages(
            alice,
            parse("hello from:alice", timezone.now().date()),
            SearchCursor(timezone.now()),
            in_chat=None,
            limit=20,
        )
    assert sent.statements <= 21
    assert len(page.hits) == min(20, chats // 2 + 1)
