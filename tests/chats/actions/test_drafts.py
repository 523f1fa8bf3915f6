"""Drafts: saving, clearing by a send, and the size limit."""

import pytest

from apps.accounts.models import Stream, User
from apps.chats.actions import drafts
from apps.chats.actions.drafts import save_draft
from apps.chats.actions.messages import send_batch, validated_send
from apps.chats.models import Draft
from apps.chats.queries import drafts as draft_queries
from apps.core.errors import NotPossible
from apps.core.identifiers import new_id
from apps.wire.events import DraftChanged
from tests.chats.factories import a_send, write
from tests.support.people import direct_chat, in_touch, person
from tests.support.reading import missed_by
from tests.support.statements import traffic
from tests.support.threads import together

BATCH = 4


def words(user: User) -> list[str]:
    return [draft.text for draft in draft_queries.of_person(user.id)]


@pytest.mark.parametrize("space", ["", " \n"])
def test_sending_a_draft_clears_it_and_publishes_that_to_its_owner(
    alice, bob, chat, captured_events, space
):
    save_draft(alice.id, chat, text="hello" + space, reply_to=None)
    save_draft(bob.id, chat, text="hello", reply_to=None)
    with captured_events() as published:
        write(alice, chat, "hello")
    assert (words(alice), words(bob)) == ([], ["hello"])
    [told] = [item for item in published if isinstance(item.event, DraftChanged)]
    assert (told.to, told.event.text, told.event.reply_to) == (alice.id, "", None)
    assert told.rev == Stream.objects.get(user_id=alice.id).rev


def test_an_offline_device_learns_that_the_draft_is_cleared(alice, chat):
    save_draft(alice.id, chat, text="hello", reply_to=None)
    known = Stream.objects.get(user_id=alice.id).rev
    write(alice, chat, "hello")
    [missed], _ = missed_by(alice.id, known)
    assert (missed.event.text, missed.rev) == ("", known + 1)


def test_only_the_expected_draft_is_deleted(alice, chat, captured_events):
    save_draft(alice.id, chat, text="at six, I think", reply_to=None)
    with captured_events() as published:
        save_draft(alice.id, chat, text="", reply_to=None, expected="at six")
    assert (words(alice), published) == (["at six, I think"], [])
    save_draft(alice.id, chat, text="", reply_to=None, expected="at six, I think")
    save_draft(alice.id, chat, text="", reply_to=None, expected="at six")
    assert words(alice) == []
    save_draft(alice.id, chat, text="at nine", reply_to=None, expected="at six")
    assert words(alice) == ["at nine"]


@pytest.mark.parametrize(
    ("held", "text", "expected", "stored"),
    [
        ("at six", "at nine", "at six", "at nine"),
        ("at six", "by train", "", "at six\n\nby train"),
        ("at six", "at six, by train", "at", "at six, by train"),
        ("at six, by train", "by train ", "", "at six, by train"),
        # The device has not heard yet that its words were put below others.
        ("at six\n\nby", "by train", "by", "at six\n\nby train"),
        ("at six", "by train", None, "by train"),
        ("", "by train", "at six", "by train"),
    ],
)
def test_words_of_two_devices_are_both_kept(alice, chat, held, text, expected, stored):
    save_draft(alice.id, chat, text=held, reply_to=None)
    save_draft(alice.id, chat, text=text, reply_to=None, expected=expected)
    assert words(alice) == [stored]


def test_words_of_two_devices_that_are_too_long_together_stay_where_they_are(
    alice, chat, monkeypatch
):
    monkeypatch.setattr(drafts, "MAX_DRAFT_LENGTH", 10)
    save_draft(alice.id, chat, text="at six", reply_to=None)
    with pytest.raises(NotPossible, match="stays here"):
        save_draft(alice.id, chat, text="by train", reply_to=None, expected="")
    assert words(alice) == ["at six"]


@pytest.mark.parametrize(("draft", "reply_to"), [("hello you", None), ("hello", 1)])
def test_a_draft_that_differs_from_the_message_stays(
    alice, bob, chat, captured_events, draft, reply_to
):
    write(bob, chat)
    save_draft(alice.id, chat, text=draft, reply_to=reply_to)
    with captured_events() as published:
        write(alice, chat, "hello")
    assert words(alice) == [draft]
    assert not [item for item in published if isinstance(item.event, DraftChanged)]


def test_refused_and_repeated_sends_keep_the_draft(alice, bob, charlie, chat):
    id_ = write(alice, chat, "hello").id
    first = a_send(alice, chat, "hello", client_id=new_id())
    send_batch([first])
    save_draft(alice.id, chat, text="hello", reply_to=None)
    assert send_batch([first])[0].id != id_
    assert words(alice) == ["hello"]


def test_one_batch_clears_drafts_in_many_chats(alice, captured_events):
    chats = [direct_chat(alice, person(f"friend{number}")) for number in range(5)]
    for place in chats:
        save_draft(alice.id, place, text="hello", reply_to=None)
    before = Stream.objects.get(user_id=alice.id).rev
    with captured_events() as published, traffic() as seen:
        send_batch([a_send(alice, place, "hello") for place in chats])
    told = [item for item in published if isinstance(item.event, DraftChanged)]
    assert [item.rev for item in told] == [before + k for k in range(1, 6)]
    assert {item.event.chat for item in told} == set(chats)
    assert words(alice) == []
    # In addition to the send: lock the streams, clear the drafts.
    assert seen.statements == BATCH + 2


def test_a_send_without_a_draft_runs_no_extra_statement(alice, chat):
    save_draft(alice.id, chat, text="something else", reply_to=None)
    with traffic() as seen:
        write(alice, chat, "hello")
    assert (seen.statements, seen.round_trips) == (BATCH, BATCH - 1)


@pytest.mark.django_db(transaction=True)
def test_concurrent_saving_and_sending_stores_every_revision_in_a_row():
    """Clients would wait forever for a revision that no row has."""
    alice, bob = person("alice"), person("bob")
    in_touch(alice, bob)
    chat = direct_chat(alice, person("carol"))
    tries = 100
    for number in range(tries):
        text = f"words {number}"
        send = validated_send(sender=alice.id, chat=chat, client_id=new_id(), text=text)
        together(
            lambda text=text: save_draft(alice.id, chat, text=text, reply_to=None),
            lambda send=send: send_batch([send]),
            lambda text=text: save_draft(alice.id, chat, text=text + "!", reply_to=None),
        )
    left = Draft.objects.get(user_id=alice.id)
    print(f"figure: drafts written against sent, tries={tries} left={left.text!r}")
    assert left.person_rev == Stream.objects.get(user_id=alice.id).rev


def test_all_drafts_of_a_person_have_a_common_size_limit(alice, bob, charlie, chat, monkeypatch):
    monkeypatch.setattr(drafts, "MAX_DRAFT_BYTES", 10)
    in_touch(alice, charlie)
    other = direct_chat(alice, charlie)
    save_draft(alice.id, chat, text="ääää", reply_to=None)
    with pytest.raises(NotPossible, match="stays here"):
        save_draft(alice.id, other, text="abc", reply_to=None)
    save_draft(alice.id, other, text="ab", reply_to=None)
    with pytest.raises(NotPossible):
        save_draft(alice.id, chat, text="äääää", reply_to=None)
    save_draft(alice.id, chat, text="ä", reply_to=None)
    save_draft(alice.id, other, text="abcdefgh", reply_to=None)
    assert sorted(words(alice)) == ["abcdefgh", "ä"]
    # Other people's drafts do not count for hers, and lowering the limit deletes nothing.
    save_draft(bob.id, chat, text="bob begins", reply_to=None)
    monkeypatch.setattr(drafts, "MAX_DRAFT_BYTES", 1)
    save_draft(alice.id, other, text="abcdefg", reply_to=None)
    save_draft(alice.id, other, text="", reply_to=None)
    assert words(alice) == ["ä"]
