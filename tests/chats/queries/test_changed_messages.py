"""What became of entries after a position, in parts, whatever happens between them."""

import random

import pytest

from apps.chats.actions import edits, reactions
from apps.chats.queries import changed_messages
from apps.chats.queries.changed_messages import Position, What, head, part_after
from tests.chats.factories import write
from tests.support.shared_people import alice, bob, crew, shared_people

__all__ = ["alice", "bob", "crew", "shared_people"]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(changed_messages, "MAX_NEW", 2)
    monkeypatch.setattr(changed_messages, "MAX_CHANGED", 2)
    monkeypatch.setattr(changed_messages, "MAX_SCANNED", 3)


def parts_after(chat, position, between=lambda: None):
    """All changes, with something done after each part."""
    found = []
    while True:
        part = part_after(chat, position)
        found += part.changes
        if part.reached == position:
            return found, position
        position = part.reached
        between()


def words(found):
    return [(what.value, entry.text) for what, entry in found]


def test_new_entries_come_once_and_in_order(alice, crew):
    start = head(crew)
    for number in range(7):
        write(alice, crew, str(number))
    found, reached = parts_after(crew, start)
    assert words(found) == [("new", str(number)) for number in range(7)]
    assert reached == head(crew)


def test_changes_of_older_entries_name_what_was_changed(alice, bob, crew):
    first, second, third = (write(alice, crew, text) for text in ("one", "two", "three"))
    start = head(crew)
    reactions.add_reaction(bob.id, crew, seq=first.seq, emoji="👍")
    edits.edit_message(alice.id, crew, seq=second.seq, text="two!")
    reactions.add_reaction(bob.id, crew, seq=second.seq, emoji="👍")
    edits.pin_message(alice.id, crew, seq=third.seq, pinned=True)
    write(alice, crew, "four")
    edits.delete_message(alice.id, crew, seq=third.seq)
    found, _ = parts_after(crew, start)
    assert words(found) == [
        ("reactions", "one"),
        ("content", "two!"),
        ("reactions", "two!"),
        ("new", "four"),
        ("content", ""),
    ]
    reactions.remove_reaction(bob.id, crew, seq=first.seq, emoji="👍")
    found, _ = parts_after(crew, head(crew)._replace(rev=head(crew).rev - 1))
    assert words(found) == [("reactions", "one")]


def test_a_later_change_of_another_kind_does_not_hide_one(alice, bob, crew):
    """A pin moves the entry behind the part that ends after its edit."""
    seqs = [write(alice, crew, str(number)).seq for number in range(4)]
    start = head(crew)
    edits.edit_message(alice.id, crew, seq=seqs[0], text="edited")
    for seq in seqs[1:]:
        reactions.add_reaction(bob.id, crew, seq=seq, emoji="👍")
    edits.pin_message(alice.id, crew, seq=seqs[0], pinned=True)
    found, reached = parts_after(crew, start)
    assert words(found) == [
        ("content", "edited"),
        ("reactions", "1"),
        ("reactions", "2"),
        ("reactions", "3"),
    ]
    assert reached == head(crew)


def test_an_entry_that_is_changed_between_two_parts_is_new_once_and_never_only_changed(alice, crew):
    """By the rev alone, it would be passed over as new and come as changed."""
    start = head(crew)
    seqs = [write(alice, crew, str(number)).seq for number in range(6)]
    left = list(seqs)

    def edit_one():
        if left:
            edits.edit_message(alice.id, crew, seq=left.pop(), text=f"edited {len(left)}")

    found, _ = parts_after(crew, start, edit_one)
    new = [entry.seq for what, entry in found if what is What.NEW]
    assert sorted(new) == seqs
    for seq in seqs:
        of_entry = [(what, entry.text) for what, entry in found if entry.seq == seq]
        assert of_entry[0][0] is What.NEW
        assert of_entry[-1][1].startswith("edited")


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_the_last_state_of_each_entry_comes(alice, bob, crew, seed):
    chance = random.Random(seed)
    seqs = [write(alice, crew, str(number)).seq for number in range(3)]
    start = head(crew)
    state: dict[int, str] = {}
    steps = [10]

    def step():
        if not steps[0]:
            return
        steps[0] -= 1
        kind = chance.random()
        if kind < 0.2:
            edits.pin_message(alice.id, crew, seq=chance.choice([*seqs, *state]), pinned=True)
        elif kind < 0.6:
            text = f"written {steps[0]}"
            state[write(alice, crew, text).seq] = text
        else:
            seq = chance.choice([*seqs, *state])
            text = f"edited {steps[0]}"
            edits.edit_message(alice.id, crew, seq=seq, text=text)
            state[seq] = text

    for _ in range(5):
        step()
    found, reached = parts_after(crew, start, step)
    last = {entry.seq: entry.text for _, entry in found}
    assert last == state
    assert reached == head(crew)
    assert part_after(crew, reached).changes == []


def test_a_position_after_everything_costs_one_query(crew, django_assert_num_queries):
    position = head(crew)
    with django_assert_num_queries(1):
        assert part_after(crew, position).reached == Position(*position)
