"""The index finds exactly what a scan of all messages finds."""

import random
from uuid import UUID

from django.utils import timezone

from apps.accounts.models import User
from apps.chats.gateways.search import postgres, search_request
from apps.chats.gateways.search.backend import SearchCursor
from apps.chats.models import Chat, Member
from apps.chats.queries.search_language import parse
from tests.chats.search.generated import fill, random_query
from tests.support.people import person

SEARCHES = 30
# With --long the second one.
AMOUNTS = 20_000, 100_000


def found(asker: User, text: str) -> list[tuple[UUID, int]]:
    """All (chat, seq) that the backend returns, window after window."""
    places, place = [], SearchCursor(timezone.now())
    while place is not None:
        page = postgres.Postgres().find(
            search_request(asker, parse(text, timezone.now().date()), None), place, limit=5000
        )
        places += page.places
        place = page.next
    return places


def groups(asker: User, amount: int, left_rev: int | None) -> dict[str, UUID]:
    """Groups by title; with `left_rev`, groups that the asker has left."""
    now = timezone.now()
    chats = Chat.objects.bulk_create(
        Chat(kind="group", title=f"Room {amount}{n:02}", active_at=now, created_at=now)
        for n in range(amount)
    )
    Member.objects.bulk_create(
        Member(chat=chat, user=asker, person_rev=0, left_rev=left_rev) for chat in chats
    )
    return {chat.title: chat.id for chat in chats}


def test_search_and_scan_agree_on_thousands_of_messages(alice, monkeypatch, pytestconfig):
    amount = AMOUNTS[pytestconfig.getoption("--long")]
    # Windows, pages and limits have tests of their own.
    monkeypatch.setattr(postgres, "WINDOW_SIZE", 5000)
    monkeypatch.setattr(postgres, "SEARCH_TIMEOUT_S", 600)
    chance = random.Random(20261121)
    # No dictionary for this language: inflected forms do not match, as in the scan.
    User.objects.filter(id=alice.id).update(time_zone="Europe/Berlin", locale="zxx")
    alice.refresh_from_db()
    senders = {f"sender{n}": person(f"sender{n}").id for n in range(10)}
    mine, former = groups(alice, 60, None), groups(alice, 20, 1)
    written = fill([*mine.values(), *former.values()], [*senders.values()], chance, amount=amount)
    visible = [message for message in written if message.chat in set(mine.values())]
    differences, hits = {}, 0
    for _ in range(SEARCHES):
        search = random_query(visible, senders, mine | former, chance)
        expected = search.matching(visible)
        places = found(alice, str(search))
        hits += len(places)
        if len(places) != len(set(places)) or set(places) != expected:
            differences[str(search)] = [
                next(m.text for m in written if (m.chat, m.seq) == place)
                for place in expected.symmetric_difference(places)
            ]
    assert differences == {}
    assert hits > amount // 10
