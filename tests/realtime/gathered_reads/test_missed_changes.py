"""What several people have missed is read once, and each gets what they have missed."""

import pytest

from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.queries import changes, message_rows
from apps.core.reads import read
from apps.realtime import change_feed, missed_changes, resume_parts
from apps.realtime.missed_changes import MissedChanges
from apps.realtime.resume_parts import read_parts
from tests.chats.factories import write_many
from tests.realtime.gathered_reads.readers import returning
from tests.support.reading import chat_revs
from tests.support.statements import traffic


@pytest.mark.django_db(transaction=True)
def test_what_several_have_missed_is_read_and_encoded_once(three, crew, monkeypatch):
    encoded = []
    monkeypatch.setattr(missed_changes, "encode", lambda event: encoded.append(event) or "{}")
    since = chat_revs(three[0].id)[crew] - 20
    one = [returning(three[0], **{str(crew): since})]
    all_three = [returning(user, **{str(crew): since}) for user in three]
    with traffic() as of_one:
        read_parts(one)
    assert len(encoded) == 20
    with traffic() as of_three:
        parts = read_parts(all_three)
    assert len(encoded) == 20 + 20
    assert [len(part.encoded) for part in parts] == [20, 20, 20]
    assert all(part.complete for part in parts)
    assert of_three.statements == of_one.statements
    assert of_three.round_trips == of_one.round_trips


@pytest.mark.django_db(transaction=True)
def test_more_changes_than_were_counted_are_not_taken_for_none(three, crew, monkeypatch):
    alice = three[0]
    cursor = changes.Cursor(crew, chat_revs(alice.id)[crew] - 20)
    missed = MissedChanges({alice.id: {cursor: 1_000}})
    with change_feed.snapshot():
        read(*missed.reads)
    monkeypatch.setattr(changes, "MAX_CHANGES", 10)
    with pytest.raises(ValueError, match="more changes"):
        missed.of(alice.id, cursor)


@pytest.mark.django_db(transaction=True)
def test_each_gets_what_they_have_missed_themselves(three, crew):
    """With cursors of their own in one chat, changes of their own stream, and a gap."""
    alice, bob, charlie = three
    head = chat_revs(alice.id)[crew]
    before = change_feed.person_head(bob.id)
    set_chat_settings(bob.id, crew, ChatSettings(pinned=True))
    write_many(alice, crew, 500)
    readers = [
        returning(alice, **{str(crew): head + 497}),
        returning(bob, user_rev=before, **{str(crew): head + 499}),
        returning(charlie, **{str(crew): 1}),
    ]
    alone = [read_parts([reader])[0] for reader in readers]
    again = [
        returning(alice, **{str(crew): head + 497}),
        returning(bob, user_rev=before, **{str(crew): head + 499}),
        returning(charlie, **{str(crew): 1}),
    ]
    parts = read_parts(again)
    assert [part.encoded for part in parts] == [part.encoded for part in alone]
    assert [len(part.encoded) for part in parts] == [3, 2, 1]
    assert '"pinned":true' in parts[1].encoded[0]
    assert '"type":"gap"' in parts[2].encoded[0]


@pytest.mark.django_db(transaction=True)
def test_who_has_missed_much_is_read_with_fewer_others(three, crew, monkeypatch):
    """By chats that have moved, and by changes of a person's own stream. Entries that several have
    missed count once."""
    since = chat_revs(three[0].id)[crew] - 20

    def readers():
        return [returning(user, **{str(crew): since}) for user in three]

    monkeypatch.setattr(resume_parts, "MAX_BYTES_TOGETHER", 15_000)
    assert len(read_parts(readers())) == 3
    lower = [returning(user, **{str(crew): since - n}) for n, user in enumerate(three)]
    assert len(read_parts(lower)) == 1
    monkeypatch.undo()
    monkeypatch.setattr(resume_parts, "MAX_COMPARED_TOGETHER", 1)
    assert len(read_parts(readers())) == 3
    lower = [returning(user, **{str(crew): since - n}) for n, user in enumerate(three)]
    assert len(read_parts(lower)) == 1
    monkeypatch.undo()
    monkeypatch.setattr(resume_parts, "MAX_ROWS_TOGETHER", 1)
    behind = [returning(user, user_rev=change_feed.person_head(user.id) - 1) for user in three]
    assert len(read_parts(behind)) == 1


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_cannot_be_built_is_passed_over_by_those_who_miss_it(
    three, crew, monkeypatch
):
    alice, bob, charlie = three
    since = chat_revs(alice.id)[crew] - 20
    build = message_rows.message

    def unreadable(row):
        if message_rows.MessageRow._make(row).rev == since + 5:
            raise ValueError
        return build(row)

    readers = [
        returning(alice, **{str(crew): since}),
        returning(bob, **{str(crew): since + 10}),
        returning(charlie),
    ]
    monkeypatch.setattr(message_rows, "message", unreadable)
    parts = read_parts(readers)
    assert [len(part.encoded) for part in parts] == [0, 10, 0]
    assert [crew in part.chats for part in parts] == [False, True, True]
    assert all(part.complete for part in parts)
