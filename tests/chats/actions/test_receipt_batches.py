"""One batch of receipts: its statements, revisions and pushes."""

import pytest

from apps.accounts.models import Stream
from apps.chats.actions import groups
from apps.chats.actions.receipts import Receipt, Report, move_batch
from apps.chats.models import Member
from apps.core.identifiers import new_id
from apps.wire.events import ReadMoved, ReceiptMoved
from tests.chats.actions.test_gathered_receipts import (
    TRANSACTION,
    a_push,
    place,
    reads,
    team,
)
from tests.chats.factories import (
    write_many,
)
from tests.support.people import direct_chat
from tests.support.statements import traffic


@pytest.mark.parametrize("size", [2, 20])
def test_a_batch_is_as_many_statements_for_twenty_people_as_for_two(db, size):
    chat, people = team(size)
    with traffic() as seen:
        move_batch([reads(each, chat, 10) for each in people])
    # The lock and the positions in one round trip; the pushes.
    assert (seen.statements, seen.round_trips) == (TRANSACTION + 3, TRANSACTION + 2)
    assert {place(each, chat) for each in people} == {(10, 10)}


def test_each_chat_that_was_read_has_a_revision_of_its_own(alice, bob, charlie, captured_events):
    chats = [direct_chat(alice, bob), direct_chat(alice, charlie)]
    write_many(bob, chats[0], 3)
    write_many(charlie, chats[1], 3)
    before = Stream.objects.get(user=alice).rev
    with captured_events() as events:
        move_batch(
            [
                Report(alice.id, [Receipt(chat, read=2) for chat in chats]),
                Report(bob.id, [Receipt(chats[0], delivered=3)]),
                reads(charlie, chats[1], 3),
            ]
        )
    own = [each for each in events if each.to == alice.id]
    assert [(each.follows, each.rev, each.event.user_rev) for each in own] == [
        (before, before + 1, before + 1),
        (before + 1, before + 2, before + 2),
    ]
    stored = Member.objects.filter(user=alice).values_list("person_rev", "chat_id")
    assert sorted(stored) == sorted((each.rev, each.event.chat) for each in own)
    # They sent these messages, so they have read them.
    assert {each.to for each in events} == {alice.id, *chats}
    assert {type(each.event) for each in events} == {ReadMoved, ReceiptMoved}


def test_reports_of_one_person_end_at_the_furthest_position(alice, bob, chat, captured_events):
    write_many(alice, chat, 10)
    with captured_events() as events:
        move_batch(
            [
                reads(bob, chat, 5),
                Report(bob.id, [Receipt(chat, delivered=9)]),
                reads(bob, chat, 5),
                reads(bob, chat, 3),
            ]
        )
    assert place(bob, chat) == (5, 9)
    assert len(events) == 2


def test_outsiders_and_former_members_move_nothing_and_others_do(db, charlie, captured_events):
    chat, (owner, former, member) = team(3)
    groups.remove_member(owner.id, chat, person=former.id)
    before = place(former, chat)
    with captured_events() as events:
        move_batch(
            [
                reads(charlie, chat, 10),
                reads(former, chat, 10),
                reads(member, chat, 10),
                reads(member, new_id(), 10),
            ]
        )
    assert place(former, chat) == before
    assert place(member, chat) == (10, 10)
    assert [(each.stream, each.to) for each in events] == [("chat", chat), ("person", member.id)]
    assert not Member.objects.filter(chat=chat, user=charlie).exists()


def test_pushes_are_cancelled_for_the_members_who_read_or_look(db, charlie):
    chat, (_, reader, looker, other, former) = team(5)
    groups.remove_member(
        Member.objects.get(chat=chat, role="owner").user_id, chat, person=former.id
    )
    pushes = {each: a_push(each, chat, seq=10) for each in (reader, looker, other, former, charlie)}
    seen = [Receipt(chat, delivered=10)]
    move_batch(
        [
            reads(reader, chat, 10),
            Report(looker.id, seen, True),
            Report(other.id, seen),
            Report(former.id, seen, True),
            Report(charlie.id, seen, True),
        ]
    )
    states = {}
    for each, push in pushes.items():
        push.refresh_from_db()
        states[each] = push.state, push.reason
    assert states == {
        reader: ("cancelled", ""),
        looker: ("cancelled", "visible"),
        other: ("pending", ""),
        former: ("pending", ""),
        charlie: ("pending", ""),
    }
