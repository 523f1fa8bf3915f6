"""Beginnings of texts in lists, quotes and notifications: none ends inside an emoji."""

import pytest

from apps.chats.actions.messages import send_batch, validated_send
from apps.chats.queries import history
from apps.chats.queries.notices import describe
from apps.core.identifiers import new_id
from tests.chats.factories import write
from tests.support.people import signed_in

pytestmark = pytest.mark.django_db
EMOJI = "👩🏽\u200d💻"


def long_text(limit):
    """A text whose emoji stands across the limit."""
    return "a" * (limit - 2) + EMOJI


def test_a_quote_ends_before_the_emoji(alice, bob, chat, captured_events):
    first = write(alice, chat, long_text(200))
    with captured_events() as published:
        send = validated_send(
            sender=bob.id, chat=chat, client_id=new_id(), text="yes", reply_to=first.seq
        )
        [reply] = send_batch([send])
    [told, _] = [one.event.message for one in published if hasattr(one.event, "message")]
    [stored] = [one for one in history.newest(chat, limit=1) if one.seq == reply.seq]
    assert told.quote.text == stored.quote.text == "a" * 198


def test_a_line_of_the_list_ends_before_the_emoji(alice, bob, chat):
    write(bob, chat, long_text(300))
    [listed] = signed_in(alice).get("/api/v1/chats").json()["items"]
    assert listed["last"]["text"] == "a" * 298


def test_a_notification_ends_before_the_emoji(alice, bob, chat):
    sent = write(bob, chat, long_text(239))
    write(bob, chat, long_text(239) + "b")
    notice = describe(alice.id, chat, first=sent.seq, last=sent.seq + 1)
    assert notice.body == "a" * 237 + "…"


def test_a_notification_has_no_marks_of_markup(alice, bob, chat):
    sent = write(bob, chat, "> **final** [plan](https://plan.example)\n- `now`")
    assert describe(alice.id, chat, first=sent.seq, last=sent.seq).body == "final plan • now"
    long = write(bob, chat, f"**{'a' * 238}** `b`")
    assert describe(alice.id, chat, first=sent.seq, last=long.seq).body == f"{'a' * 238} b"
