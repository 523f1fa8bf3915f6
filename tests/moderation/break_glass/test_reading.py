"""What an approved request shows, for how long, and what is recorded."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.chats.actions import edits, hiding
from apps.chats.models import Chat, Message
from apps.core.errors import NotPossible
from apps.moderation.actions import break_glass
from apps.moderation.models import AuditRecord
from apps.moderation.queries import audit
from apps.moderation.queries.moderators import NoModerator, OutOfReach
from tests.chats.factories import write, write_many
from tests.chats.test_lock_order import in_order, order_of_locks
from tests.moderation.break_glass.asking import LONG_AGO, actions, approved, ask, by, expire, texts
from tests.moderation.test_entries import OPERATOR
from tests.support.uploads import stored_file


def test_each_page_is_read_after_an_approval_and_recorded(crew, alice, mona, nick):
    write_many(alice, crew, 60)
    row = ask(mona, crew)
    assert row.entries == 62
    for user in (mona, nick):
        with pytest.raises((NotPossible, OutOfReach)):
            break_glass.read(by(user), row.id)
    break_glass.approve(by(nick), row.id)
    with pytest.raises(OutOfReach):
        break_glass.read(by(nick), row.id)
    page = break_glass.read(by(mona), row.id)
    rest = break_glass.read(by(mona), row.id, after=page.following)
    assert texts(page) + texts(rest) == [str(number) for number in range(1, 61)]
    assert (page.following, rest.following) == (50, None)
    assert actions() == ["ask_to_read", "approve_reading", "read_chat", "read_chat"]
    views = AuditRecord.objects.filter(action="read_chat").order_by("number")
    assert {(view.by, view.chat) for view in views} == {(mona.id, crew)}
    shown = [json.loads(view.details) for view in views]
    assert [(each["first"], each["last"]) for each in shown] == [(1, 50), (51, 62)]
    assert {each["request"] for each in shown} == {str(row.id)}
    assert audit.verify().intact
    row.refresh_from_db()
    assert (row.first_read, row.last_read) == (1, 62)


def test_only_the_part_that_was_asked_for_is_read(crew, alice, bob, mona, nick):
    write(alice, crew, "before")
    middle = write(bob, crew, "inside")
    write(alice, crew, "after")
    for seq, days in ((middle.seq - 1, 20), (middle.seq, 10), (middle.seq + 1, 5)):
        at = timezone.now() - timedelta(days=days)
        Message.objects.filter(chat_id=crew, seq__lte=seq, created_at__gt=at).update(created_at=at)
    Chat.objects.filter(id=crew).update(created_at=LONG_AGO)
    now = timezone.now()
    row = approved(mona, nick, crew, since=now - timedelta(days=15), until=now - timedelta(days=7))
    write(alice, crew, "later")
    for after in (0, middle.seq - 2, middle.seq, middle.seq + 100):
        assert set(texts(break_glass.read(by(mona), row.id, after=after))) <= {"inside"}
    assert texts(break_glass.read(by(mona), row.id)) == ["inside"]
    with pytest.raises(NotPossible):
        ask(mona, crew, since=now - timedelta(days=8), until=now - timedelta(days=7))


def test_messages_are_shown_as_to_members(crew, alice, bob, mona, nick):
    file = stored_file(bob, "plan.txt", b"the plan").id
    seqs = [write(bob, crew, text).seq for text in ("first", "rude", "gone")]
    write(bob, crew, "with a file", files=[file])
    edits.edit_message(bob.id, crew, seq=seqs[0], text="changed")
    hiding.hide_message(crew, seqs[1])
    edits.delete_message(bob.id, crew, seq=seqs[2])
    row = approved(mona, nick, crew)
    shown = [each for each in break_glass.read(by(mona), row.id).entries if each.kind == "text"]
    assert [each.text for each in shown] == ["changed", "", "", "with a file"]
    assert [(each.edited, each.hidden, each.deleted) for each in shown] == [
        (True, False, False),
        (False, True, True),
        (False, False, True),
        (False, False, False),
    ]
    assert {each.name for each in shown} == {"Bob"}
    assert shown[-1].files == ["plan.txt"]


def test_it_ends_when_it_expires_or_somebody_ends_it(crew, alice, mona, nick, settings):
    row = approved(mona, nick, crew, hours=2)
    assert row.over_at - row.decided_at == timedelta(hours=2)
    expire(row)
    with pytest.raises(NotPossible):
        break_glass.read(by(mona), row.id)
    with pytest.raises(NotPossible):
        break_glass.end(by(mona), row.id)
    for who in (by(mona), by(nick), OPERATOR):
        row = approved(mona, nick, crew)
        break_glass.read(by(mona), row.id)
        break_glass.end(who, row.id)
        with pytest.raises(NotPossible):
            break_glass.read(by(mona), row.id)
    row = ask(mona, crew, hours=20)
    settings.BREAK_GLASS_MAX_HOURS = 5
    row = break_glass.approve(by(nick), row.id)
    assert row.over_at - row.decided_at == timedelta(hours=5)


def test_one_who_lost_the_permission_reads_no_more(crew, mona, nick):
    row = approved(mona, nick, crew)
    waiting = ask(mona, crew)
    mona.user_permissions.clear()
    with pytest.raises(NoModerator):
        break_glass.read(by(mona), row.id)
    with pytest.raises(NotPossible):
        break_glass.approve(by(nick), waiting.id)


def test_each_step_locks_in_the_documented_order(crew, mona, nick):
    row = approved(mona, nick, crew)
    with order_of_locks() as tables:
        break_glass.read(by(mona), row.id)
    assert tables == ["moderation_readrequest", "moderation_auditrecord"]
    expire(row, hours=25)
    with order_of_locks() as tables:
        break_glass.tell_members()
    assert tables[:2] == ["chats_chat", "moderation_readrequest"]
    assert in_order(tables), tables
