"""The change feed: all changes since a revision, once and in order, or a gap."""

import pytest

from apps.chats.models import Message
from apps.chats.queries import changes, gaps
from apps.core.reads import result_of
from tests.chats.factories import heads, write, write_many
from tests.support.people import direct_chat
from tests.support.reading import chat_revs


def test_each_publication_follows_the_one_before(chat, alice):
    write_many(alice, chat, 20)
    missed = changes.since({chat: 5})[chat]
    assert missed.complete
    assert [item.rev for item in missed.publications] == list(range(6, 21))
    assert [item.follows for item in missed.publications] == list(range(5, 20))
    assert missed.rev == heads(chat)[1]


def test_follows_skips_replaced_revisions(chat, alice):
    write_many(alice, chat, 6)
    # As after an edit of entry 4: no row has revision 4 any more, and 7 is the newest.
    Message.objects.filter(chat_id=chat, seq=4).update(rev=7)
    missed = changes.since({chat: 2})[chat]
    assert [(item.follows, item.rev) for item in missed.publications] == [
        (2, 3),
        (3, 5),
        (5, 6),
        (6, 7),
    ]
    told = [item.event.prev for item in missed.publications]
    assert told == [None, 3, None, None]


def test_unchanged_chats_are_left_out(chat, alice, charlie):
    other = direct_chat(alice, charlie)
    write(alice, chat)
    assert set(changes.since({chat: 0, other: 0})) == {chat}
    assert changes.since({chat: 1, other: 0}) == {}
    assert changes.since({}) == {}


@pytest.mark.parametrize(
    ("amount", "complete"), [(changes.MAX_CHANGES, True), (changes.MAX_CHANGES + 1, False)]
)
def test_more_than_five_hundred_changes_are_a_gap_with_the_newest_fifty(
    chat, alice, amount, complete
):
    write_many(alice, chat, amount)
    missed = changes.since({chat: 0})[chat]
    assert missed.complete is complete
    assert len(missed.publications) == (amount if complete else 0)
    gap = gaps.gap(alice.id, chat)
    assert [entry.seq for entry in gap.messages] == list(range(amount - 49, amount + 1))
    assert (gap.rev, gap.last_seq, gap.read_seq) == (amount, amount, amount)


def test_a_read_of_moved_chats_returns_chats_with_another_revision(chat, alice, charlie):
    other = direct_chat(alice, charlie)
    write(alice, chat)
    assert result_of(changes.moved_reading({chat: 0, other: 0})) == {chat: 1}
    assert result_of(changes.moved_reading({chat: 1, other: 0})) == {}
    assert result_of(changes.moved_reading(chat_revs(alice.id))) == {}
