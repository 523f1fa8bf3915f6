"""People who resume at the same time are read together, and each as if alone."""

import pytest
from django.db import DataError, NotSupportedError, connection
from psycopg import errors

from apps.accounts.models import Session, User
from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.queries import changes
from apps.chats.queries.span_checksums import SpanChecksum, differing_reading
from apps.core import reads
from apps.core.errors import SignedOut
from apps.core.reads import read
from apps.realtime import catch_up, change_feed, resume_parts, resume_reader
from apps.realtime.resume_parts import read_parts
from apps.realtime.resume_reader import ResumeReader
from apps.wire import epochs
from apps.wire.commands import Resume
from tests.chats.factories import write
from tests.realtime.gathered_reads.readers import fresh, texts
from tests.support.people import session_of
from tests.support.reading import chat_revs
from tests.support.statements import traffic


@pytest.mark.django_db(transaction=True)
def test_each_gets_what_they_would_get_alone(three):
    alone = [read_parts([fresh(user)])[0] for user in three]
    again, readers = fresh(three[0]), [fresh(user) for user in three]
    with traffic() as of_one:
        read_parts([again])
    with traffic() as of_three:
        together = read_parts(readers)
    assert [texts(part) for part in together] == [texts(part) for part in alone]
    assert [part.chats for part in together] == [part.chats for part in alone]
    assert of_three.statements == of_one.statements
    assert "from bob" in texts(together[0])
    assert "from bob" not in texts(together[2])


@pytest.mark.django_db(transaction=True)
def test_those_who_know_their_chats_are_read_with_those_who_do_not(three):
    alice, bob, charlie = three
    [known] = read_parts([fresh(alice)])
    resumed = Resume(ref="2", epoch=epochs.current(), chats=known.chats, user=known.user)
    wrong = Resume(ref="2", epoch=bob.id, chats={}, user=0)
    parts = read_parts(
        [
            ResumeReader(alice.id, session_of(alice), resumed),
            ResumeReader(bob.id, session_of(bob), wrong),
            fresh(charlie),
        ]
    )
    assert [part.complete for part in parts] == [True, True, True]
    assert parts[0].encoded == []
    assert '"unknown_epoch"' in parts[1].encoded[0]
    assert "from charlie" in texts(parts[2])


@pytest.mark.django_db(transaction=True)
def test_those_who_are_signed_out_are_refused_alone(three):
    """By the closing of the account, or from this session alone."""
    readers = [fresh(user) for user in three]
    User.objects.filter(id=three[1].id).update(is_active=False)
    Session.objects.get(session_key=readers[2].session_key).delete()
    session_of(three[2])
    parts = read_parts(readers)
    assert isinstance(parts[1], SignedOut)
    assert isinstance(parts[2], SignedOut)
    assert "from bob" in texts(parts[0])


@pytest.mark.django_db(transaction=True)
def test_more_than_a_read_may_hold_is_left_for_the_next(three, monkeypatch):
    monkeypatch.setattr(resume_parts, "MAX_ROWS_TOGETHER", 4)
    readers = [fresh(user) for user in three]
    assert len(read_parts(readers)) == 1
    assert len(read_parts(readers[1:])) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", [1, 2])
def test_who_knows_many_chats_is_read_with_fewer_others(three, monkeypatch, limit):
    """The first has two chats. One who has more than may be read together is read alone."""
    monkeypatch.setattr(resume_parts, "MAX_IDS_TOGETHER", limit)
    heads = [chat_revs(user.id) for user in three]
    known = [
        ResumeReader(
            user.id, session_of(user), Resume(ref="1", epoch=epochs.current(), chats=its, user=0)
        )
        for user, its in zip(three, heads, strict=True)
    ]
    [part] = read_parts(known)
    assert part.chats == heads[0]
    assert len(read_parts(known[1:])) == limit


@pytest.mark.django_db(transaction=True)
def test_long_parts_are_left_for_the_next(three, monkeypatch):
    monkeypatch.setattr(resume_parts, "MAX_BYTES_TOGETHER", 10)
    readers = [fresh(user) for user in three]
    assert len(read_parts(readers)) == 1
    [next_part] = read_parts(readers[1:])
    assert "from bob" in texts(next_part)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", [0, 1])
def test_what_a_failed_read_found_comes_with_the_next(three, monkeypatch, place):
    """The first part of a resume has been sent. The next one, with changes of the person, with a
    chat that the client does not know and with one that it knows, fails at the last of these."""
    alice, bob, charlie = three
    known, _ = chat_revs(alice.id)
    monkeypatch.setattr(resume_reader, "MAX_CHATS_IN_A_PART", 1)
    reader = fresh(alice)
    read_parts([reader])
    write(charlie, known, "news of charlie")
    set_chat_settings(alice.id, known, ChatSettings(pinned=True))

    def fail(*reads):
        if any(each.sql == changes.MESSAGES for each in reads):
            raise DataError("a statement that ran out of time")
        read(*reads)

    together = [reader, fresh(bob)] if place == 0 else [fresh(bob), reader]
    with monkeypatch.context() as failing:
        failing.setattr(resume_parts, "read", fail)
        with pytest.raises(DataError):
            read_parts(together)
    [part] = read_parts([reader])
    assert '"pinned":true' in texts(part)
    assert "news of charlie" in texts(part)
    assert part.complete


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "work",
    [
        lambda user, chat: read_parts([fresh(user)])[0].encoded,
        lambda user, chat: change_feed.behind(chat_cursors={chat: 0}, person_cursors={user.id: 0}),
        lambda user, chat: change_feed.person_since(user.id, 0),
        lambda user, chat: catch_up._read_chat(user.id, chat, 0),
    ],
    ids=["a resume", "healing", "a person's catch-up", "a chat's catch-up"],
)
def test_a_stale_statement_is_repeated(three, monkeypatch, work):
    [chat] = chat_revs(three[1].id)
    send = reads._read

    def stale(each, *, prepare):
        if prepare:
            raise NotSupportedError from errors.FeatureNotSupported()
        send(each, prepare=prepare)

    monkeypatch.setattr(reads, "_read", stale)
    assert work(three[1], chat)


@pytest.mark.django_db(transaction=True)
def test_statements_are_prepared_once_for_small_and_large_revisions(three):
    user = three[0]
    [chat, _] = chat_revs(user.id)

    def prepared():
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement FROM pg_prepared_statements")
            return sorted(statement for (statement,) in cursor.fetchall())

    for rev in (1, 100_000, 5_000_000_000):
        cursor = changes.Cursor(chat, rev)
        span = SpanChecksum(chat, rev, rev, rev, "hash")
        with change_feed.snapshot():
            read(
                changes.sizes_reading([cursor]),
                differing_reading([span]),
                *changes.ChangesReading([cursor]).reads,
                *change_feed.PersonChangesReading({user.id: rev}).reads,
            )
            change_feed.moved(chat_cursors={chat: rev}, person_cursors={user.id: rev})
        if rev == 1:
            before = prepared()
    assert prepared() == before
