"""A person's own settings of a chat, published to their devices only."""

import pytest

from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.actions.receipts import Receipt, move_positions
from apps.chats.models import Member
from apps.chats.queries import chat_list
from apps.core.errors import NotFound
from apps.core.identifiers import new_id
from tests.chats.factories import heads, write_many

NAMES = ("pinned", "archived", "muted", "marked_unread")


def marks_of(user, chat):
    [body] = chat_list.by_ids(user.id, [chat])
    return {name for name in NAMES if getattr(body, name)}


@pytest.mark.parametrize("name", NAMES)
def test_a_setting_is_changed_back_and_forth_and_published_to_the_person(
    alice, bob, chat, name, captured_events
):
    for value in (True, False):
        with captured_events() as events:
            answer = set_chat_settings(alice.id, chat, ChatSettings(**{name: value}))
        assert getattr(answer, name) is value
        assert marks_of(alice, chat) == ({name} if value else set())
        [told] = events
        assert (told.stream, told.to) == ("person", alice.id)
        assert told.event.chat == answer
        assert told.rev == told.event.user_rev == told.follows + 1
        assert Member.objects.get(pk=(chat, alice.id)).person_rev == told.rev
    assert marks_of(bob, chat) == set()
    assert heads(chat) == (0, 0)


def test_a_chat_is_marked_unread_from_an_entry_until_it_is_read(alice, bob, chat, captured_events):
    write_many(bob, chat, 3)
    move_positions(alice.id, [Receipt(chat, read=3)])
    with captured_events() as events:
        marked = set_chat_settings(alice.id, chat, ChatSettings(unread_from=2))
    assert (marked.marked_unread, marked.unread_from, marked.read_seq) == (True, 2, 3)
    assert [one.event.chat for one in events] == [marked]  # the others do not learn of it
    move_positions(alice.id, [Receipt(chat, read=3)])
    [still] = chat_list.by_ids(alice.id, [chat])
    assert (still.marked_unread, still.unread_from) == (True, 2)
    ended = set_chat_settings(alice.id, chat, ChatSettings(marked_unread=False))
    assert (ended.marked_unread, ended.unread_from) == (False, None)
    # The whole chat is marked again, not from that entry.
    assert set_chat_settings(alice.id, chat, ChatSettings(marked_unread=True)).unread_from is None
    with pytest.raises(NotFound):
        set_chat_settings(alice.id, chat, ChatSettings(unread_from=4))


def test_settings_that_are_left_out_stay_unchanged(alice, chat):
    set_chat_settings(alice.id, chat, ChatSettings(pinned=True, muted=True))
    set_chat_settings(alice.id, chat, ChatSettings(pinned=False, archived=True))
    assert marks_of(alice, chat) == {"muted", "archived"}


@pytest.mark.parametrize(
    "again", [ChatSettings(pinned=True), ChatSettings(), ChatSettings(muted=False)]
)
def test_nothing_is_published_without_a_change(alice, chat, again, captured_events):
    set_chat_settings(alice.id, chat, ChatSettings(pinned=True))
    with captured_events() as events:
        assert set_chat_settings(alice.id, chat, again).pinned
    assert events == []


def test_outsiders_and_unknown_chats_get_not_found(alice, charlie, chat, captured_events):
    set_chat_settings(alice.id, chat, ChatSettings(pinned=True))
    with captured_events() as events:
        for user, place in ((charlie, chat), (alice, new_id())):
            with pytest.raises(NotFound):
                set_chat_settings(user.id, place, ChatSettings(pinned=False))
    assert events == []
    assert marks_of(alice, chat) == {"pinned"}
