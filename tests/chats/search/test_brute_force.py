"""The index finds exactly what a look at every message finds."""

import random
from uuid import UUID

from django.utils import timezone

from apps.accounts.models import User
from apps.chats.gateways.search import postgres, search_request
from apps.chats.gateways.search.backend import SearchCursor
from apps.chats.models import Chat, Member
from apps.chats.queries.search_language import parse
from tests.chats.search.generated import asked, fill
from tests.support.people import person

SEARCHES = 30


def found(asker: User, text: str) -> list[tuple[UUID, int]]:
    """Every place the backend names, window after window."""
    places, place = [], SearchCursor(timezone.now())
    while place is not None:
        page = postgres.Postgres().find(search_request(asker, parse(text), None), place, limit=5000)
        places += page.places
        place = page.next
    return places


def groups(asker: User, amount: int, left_rev: int | None) -> dict[str, UUID]:
    """Groups of the asker by title; `left_rev` set: no longer theirs."""
    now = timezone.now()
    chats = Chat.objects.bulk_create(
        Chat(kind="group", title=f"Room {amount}{n:02}", active_at=now, created_at=now)
        for n in range(amount)
    )
    Member.objects.bulk_create(
        Member(chat=chat, user=asker, person_rev=0, left_rev=left_rev) for chat in chats
    )
    return {chat.title: chat.id for chat in chats}


def test_a_hundred_thousand_messages_in_many_languages(alice, monkeypatch):
    # Windows, pages and limits have their own tests. All of this is one transaction.
    monkeypatch.setattr(postgres, "WINDOW_SIZE", 5000)
    monkeypatch.setattr(postgres, "SEARCH_TIMEOUT_S", 600)
    chance = random.Random(20261121)
    # No dictionary for this language: words as they are, as the other side compares them.
    User.objects.filter(id=alice.id).update(time_zone="Europe/Berlin", locale="zxx")
    alice.refresh_from_db()
    senders = {f"sender{n}": person(f"sender{n}").id for n in range(10)}
    mine, former = groups(alice, 60, None), groups(alice, 20, 1)
    written = fill([*mine.values(), *former.values()], [*senders.values()], chance)
    visible = [message for message in written if message.chat in set(mine.values())]
    differences, hits = {}, 0
    for _ in range(SEARCHES):
        search = asked(visible, senders, mine | former, chance)
        expected = search.among(visible)
        places = found(alice, str(search))
        hits += len(places)
        if len(places) != len(set(places)) or set(places) != expected:
            differences[str(search)] = [
                next(m.text for m in written if (m.chat, m.seq) == place)
                for place in expected.symmetric_difference(places)
            ]
    assert differences == {}
    assert hits > 10_000
