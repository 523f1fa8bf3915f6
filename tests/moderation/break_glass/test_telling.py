"""What the members of a chat that was read are told, and when."""

import json
from functools import partial

import pytest

from apps.chats.actions import edits
from apps.chats.models import Chat, Message
from apps.chats.queries import chat_list, history
from apps.core.errors import NotFound
from apps.moderation.actions import break_glass, entries, reports
from apps.moderation.actions.reports import Reported
from tests.chats.factories import write
from tests.moderation.break_glass.asking import (
    WORDS,
    actions,
    approved,
    by,
    changes_of,
    expire,
    told_in,
)
from tests.moderation.break_glass.test_pages import LIST
from tests.moderation.test_entries import OPERATOR
from tests.support.people import signed_in


def test_a_deleted_chat_is_not_read_and_nobody_is_told(crew, mona, nick, settings):
    row = approved(mona, nick, crew)
    break_glass.read(by(mona), row.id)
    Chat.objects.filter(id=crew).delete()
    with pytest.raises(NotFound):
        break_glass.read(by(mona), row.id)
    expire(row, hours=25)
    break_glass.tell_members()
    row.refresh_from_db()
    assert row.told_at is not None
    assert "deleted chat" in signed_in(nick).get(LIST).content.decode()


def test_members_are_told_once_after_the_delay(
    crew, alice, bob, mona, nick, settings, captured_events
):
    seq = write(bob, crew, WORDS).seq
    row = approved(mona, nick, crew)
    break_glass.read(by(mona), row.id)
    settings.BREAK_GLASS_DELAY = 24
    for hours in (0, 23):
        expire(row, hours=hours)
        break_glass.tell_members()
        assert told_in(crew) == []
    expire(row, hours=24)
    rev = Chat.objects.get(id=crew).rev
    with captured_events() as published:
        break_glass.tell_members()
        break_glass.tell_members()
    [entry] = told_in(crew)
    told = json.loads(entry.text)
    first, last = history.newest(crew, limit=100)[0], Message.objects.get(chat_id=crew, seq=seq)
    assert told == {
        "from": first.at.isoformat(),
        "to": last.created_at.isoformat(),
        "reason": "abuse",
    }
    assert [event.event.message.kind for event in published] == ["moderator_read"]
    # For devices that were away, in history, and in the list of chats, unread.
    assert [item.seq for item in changes_of(crew, rev)] == [entry.seq]
    assert history.newest(crew, limit=1)[0].kind == "moderator_read"
    for user in (alice, bob):
        [chat] = [each for each in chat_list.by_ids(user.id, [crew])]
        assert (chat.last.kind, chat.last_seq) == ("moderator_read", entry.seq)
        assert chat.read_seq < entry.seq
        assert chat.sender is None
    # Neither who read nor what they wrote about it.
    everything = json.dumps(signed_in(alice).get(f"/api/v1/chats/{crew}/messages").json())
    assert str(mona.id) not in everything
    assert "Threats" not in everything
    assert actions()[-1] == "tell_members"
    write(alice, crew, "Why?")


def test_nothing_is_told_when_nothing_was_read(crew, mona, nick, settings):
    settings.BREAK_GLASS_DELAY = 0
    expire(approved(mona, nick, crew))
    break_glass.tell_members()
    assert told_in(crew) == []


def test_one_chat_that_cannot_be_told_does_not_stop_the_others(
    crew, chat, bob, mona, nick, settings, monkeypatch
):
    write(bob, chat, WORDS)
    for each in (crew, chat):
        row = approved(mona, nick, each)
        break_glass.read(by(mona), row.id)
        expire(row, hours=25)
    real = break_glass.moderating.tell_of_reading

    def fails_once(chat_id, **more):
        if chat_id == crew:
            raise RuntimeError("broken")
        real(chat_id, **more)

    monkeypatch.setattr(break_glass.moderating, "tell_of_reading", fails_once)
    break_glass.tell_members()
    assert (len(told_in(crew)), len(told_in(chat))) == (0, 1)
    monkeypatch.setattr(break_glass.moderating, "tell_of_reading", real)
    break_glass.tell_members()
    assert (len(told_in(crew)), len(told_in(chat))) == (1, 1)


def test_nobody_reports_deletes_or_hides_what_the_members_are_told(crew, alice, bob, mona, nick):
    write(bob, crew, WORDS)
    row = approved(mona, nick, crew)
    break_glass.read(by(mona), row.id)
    expire(row, hours=25)
    break_glass.tell_members()
    [entry] = told_in(crew)
    seq = entry.seq
    for attempt in (
        partial(reports.create_report, alice.id, Reported("entry", "other", chat=crew, seq=seq)),
        partial(edits.delete_message, alice.id, crew, seq=seq),
        partial(entries.hide, OPERATOR, crew, seq, reason="No"),
        partial(entries.delete, OPERATOR, crew, seq, reason="No"),
    ):
        with pytest.raises(NotFound):
            attempt()
    # As context, it goes along.
    asked = Reported("entry", "other", chat=crew, seq=write(bob, crew, "more").seq, context=3)
    copied = reports.create_report(alice.id, asked).report.evidence.order_by("seq")
    assert [each.kind for each in copied][-2:] == ["moderator_read", "text"]
