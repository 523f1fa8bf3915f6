"""Time limits of searches, and one search at a time per person."""

import pytest
from django.utils import timezone

from apps.chats.gateways.search import postgres, search_messages
from apps.chats.gateways.search.backend import SearchCursor
from apps.chats.queries.search_language import parse
from apps.core.errors import RateLimited
from tests.chats.factories import write
from tests.support.locks import held

pytestmark = pytest.mark.django_db(transaction=True)


def hits(asker):
    place = SearchCursor(timezone.now())
    return search_messages(
        asker, parse("hello", timezone.now().date()), place, in_chat=None, limit=20
    ).hits


def test_a_slow_search_is_cancelled_with_advice(alice, chat, monkeypatch):
    write(alice, chat, "hello")
    assert len(hits(alice)) == 1
    monkeypatch.setattr(postgres, "SEARCH_TIMEOUT_S", 0.2)
    with (
        held("LOCK TABLE chats_searchable IN ACCESS EXCLUSIVE MODE"),
        pytest.raises(postgres.SearchTimedOut),
    ):
        hits(alice)
    assert len(hits(alice)) == 1


def test_a_person_can_run_one_search_at_a_time(alice, bob, chat):
    write(alice, chat, "hello")
    with held("SELECT pg_advisory_xact_lock(7201, hashtext(%s))", str(alice.id)):
        with pytest.raises(RateLimited):
            hits(alice)
        assert len(hits(bob)) == 1
    assert len(hits(alice)) == 1
