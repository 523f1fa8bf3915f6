"""Reactions from before an emoji had one form: they are merged, and clients learn of it."""

from importlib import import_module

import pytest
from django.db import connection
from django.utils import timezone

from apps.chats.models import Chat, Reaction
from apps.chats.queries import changes
from tests.chats.factories import write

pytestmark = pytest.mark.django_db
migration = import_module("apps.chats.migrations.0019_one_form_of_emoji")


def react(who, chat, seq, *emoji):
    Reaction.objects.bulk_create(
        Reaction(chat_id=chat, seq=seq, user_id=who.id, emoji=one, at=timezone.now())
        for one in emoji
    )


def merge():
    with connection.schema_editor(atomic=False) as editor:
        migration.merge(None, editor)


@pytest.mark.parametrize("size", [1, 2, 5_000])
def test_spellings_of_an_emoji_are_merged_and_told(alice, bob, chat, crew, monkeypatch, size):
    monkeypatch.setattr(migration, "SLICE", size)
    first, second, other = (write(alice, place, "look") for place in (chat, chat, crew))
    react(alice, chat, first.seq, "👍\ufe0f", "👍", "❤")
    react(bob, chat, first.seq, "👍\ufe0f")
    react(bob, chat, second.seq, "👍", "🎉")
    react(bob, crew, other.seq, "1\u20e3")
    before = Chat.objects.get(id=chat).rev

    merge()

    found = {(one.seq, one.user_id, one.emoji) for one in Reaction.objects.filter(chat_id=chat)}
    assert found == {
        (first.seq, alice.id, "👍"),
        (first.seq, alice.id, "❤\ufe0f"),
        (first.seq, bob.id, "👍"),
        (second.seq, bob.id, "👍"),
        (second.seq, bob.id, "🎉"),
    }
    assert [one.emoji for one in Reaction.objects.filter(chat_id=crew)] == ["1\ufe0f\u20e3"]
    told = changes.since({chat: before})[chat].publications
    assert {one.event.message.seq for one in told} == {first.seq}
    after = Chat.objects.get(id=chat).rev
    merge()
    assert Chat.objects.get(id=chat).rev == after


def test_a_chat_is_changed_a_few_rows_at_a_time(alice, chat, monkeypatch):
    monkeypatch.setattr(migration, "CHUNK", 2)
    sent = write(alice, chat, "look")
    too_long = "❤\u200d" * 31 + "❤"
    react(alice, chat, sent.seq, "❤", "☎", "☺", "☝", "☘", too_long)
    chunks = []
    merge_chat = migration.merge_chat
    monkeypatch.setattr(
        migration,
        "merge_chat",
        lambda cursor, of, rows: (chunks.append(len(rows)), merge_chat(cursor, of, rows)),
    )
    merge()
    assert chunks == [2, 2, 1]
    found = set(Reaction.objects.values_list("emoji", flat=True))
    assert found == {too_long, *(f"{one}\ufe0f" for one in "❤☎☺☝☘")}
