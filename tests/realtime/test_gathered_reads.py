"""People who connect at the same time are read together, and each as if alone."""

import asyncio
import threading

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.exceptions import ValidationError
from django.db import DataError, NotSupportedError, OperationalError, connection
from django.utils import timezone
from psycopg import errors

from apps.accounts.models import Session, User
from apps.accounts.queries import profiles
from apps.accounts.sessions import SessionStore
from apps.chats.actions import groups
from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.queries import changes, message_rows
from apps.chats.queries.span_checksums import SpanChecksum, differing_reading
from apps.core import reads
from apps.core.errors import NotFound, SignedOut, Unavailable
from apps.core.reads import read
from apps.realtime import catch_up, change_feed, missed_changes, resume_parts, resume_reader
from apps.realtime.admission import admit
from apps.realtime.authentication import Credentials, credentials_of
from apps.realtime.gathered_reads import MAX_QUESTIONS, in_threads
from apps.realtime.missed_changes import MissedChanges
from apps.realtime.resume_parts import read_parts
from apps.realtime.resume_reader import ResumeReader
from apps.wire import epochs
from apps.wire.commands import Resume
from apps.wire.models import Epoch
from tests.chats.factories import write, write_many
from tests.support.apps import app_of, by_closing_the_account
from tests.support.locks import held
from tests.support.people import direct_chat, person, session_of, signed_in
from tests.support.reading import chat_revs
from tests.support.statements import traffic


class Reads:
    """Records which questions were read together. The first read lasts until `go` is set."""

    def __init__(self, answer=str):
        self.batches = []
        self.go = threading.Event()
        self.answer = answer
        self.gathered = in_threads(self._read, who=lambda question: question, at_once=2)

    def _read(self, questions):
        self.batches.append(list(questions))
        assert self.go.wait(30)
        return [self.answer(each) for each in questions]

    async def ask(self, *questions):
        """The answers, of which an exception is one."""
        asked = [asyncio.ensure_future(self.gathered.ask(each)) for each in questions]
        await asyncio.sleep(0)
        self.go.set()
        return await asyncio.gather(*asked, return_exceptions=True)


async def test_questions_that_wait_are_read_together():
    reads = Reads()
    assert await reads.ask(*range(200)) == [str(n) for n in range(200)]
    sizes = [len(batch) for batch in reads.batches]
    # Two are read at once; the others wait for them.
    assert sizes[:2] == [1, 1]
    assert max(sizes) == MAX_QUESTIONS
    assert len(sizes) == 2 + -(-198 // MAX_QUESTIONS)


async def test_a_question_whose_caller_went_away_is_not_read():
    reads = Reads()
    first = [asyncio.ensure_future(reads.gathered.ask(n)) for n in range(4)]
    await asyncio.sleep(0)
    first[2].cancel()
    reads.go.set()
    await asyncio.gather(*first, return_exceptions=True)
    assert await reads.gathered.ask(9) == "9"
    assert not any(2 in batch for batch in reads.batches)


async def test_an_exception_is_for_its_question_alone():
    def answer(n):
        return NotFound() if n == 3 else n

    found = await Reads(answer).ask(*range(6))
    assert isinstance(found[3], NotFound)
    assert [n for n in found if n != found[3]] == [0, 1, 2, 4, 5]


async def test_a_read_that_fails_is_repeated_for_each_question():
    def answer(n):
        if n == 3:
            raise DataError("a row that cannot be read")
        return n

    reads = Reads(answer)
    found = await reads.ask(*range(6))
    assert isinstance(found[3], DataError)
    assert [n for n in found if n != found[3]] == [0, 1, 2, 4, 5]


async def test_a_question_that_cannot_be_read_does_not_make_others_be_read_twice():
    """A batch fails once because of it. From then on it is asked alone, beside the others."""

    def answer(n):
        if n == 3:
            raise DataError("a row that cannot be read")
        return n

    reads = Reads(answer)
    await reads.ask(*range(6))
    reads.batches.clear()
    for _ in range(2):
        found = await reads.ask(*range(6))
        assert isinstance(found[3], DataError)
        assert [n for n in found if n != found[3]] == [0, 1, 2, 4, 5]
    assert sorted(n for batch in reads.batches for n in batch) == sorted([*range(6)] * 2)
    assert all(batch == [3] for batch in reads.batches if 3 in batch)


async def test_a_question_that_cannot_be_read_delays_no_others():
    stuck = threading.Event()

    def answer(n):
        if n == 3:
            assert stuck.wait(30)
            raise DataError("a statement that ran out of time")
        return n

    reads = Reads(answer)
    stuck.set()
    await reads.ask(3)
    stuck.clear()
    slow = asyncio.ensure_future(reads.ask(3))
    assert await reads.ask(*range(3)) == [0, 1, 2]
    assert not slow.done()
    stuck.set()
    [error] = await slow
    assert isinstance(error, DataError)


async def test_nobody_is_asked_alone_because_of_a_stale_statement():
    def answer(n):
        if len(reads.batches) == 1:
            raise NotSupportedError from errors.FeatureNotSupported()
        return n

    reads = Reads(answer)
    [found] = await reads.ask(1)
    assert isinstance(found, NotSupportedError)
    assert await reads.ask(*range(4)) == [*range(4)]
    assert not reads.gathered._failing


class Slow:
    """Reads of several questions that run out of time when there are `too_many`, or one of them is
    `slow`."""

    def __init__(self, *, too_many=100, slow=()):
        self.batches = []
        self.gathered = in_threads(self._read, who=lambda question: question)
        self._too_many = too_many
        self._slow = set(slow)

    def _read(self, questions):
        self.batches.append(len(questions))
        if len(questions) >= self._too_many or self._slow & set(questions):
            raise OperationalError from errors.QueryCanceled()
        return questions

    async def ask(self, count):
        asked = map(self.gathered.ask, range(count))
        return await asyncio.gather(*asked, return_exceptions=True)


async def test_of_questions_that_together_ran_out_of_time_each_half_is_read():
    reads = Slow(too_many=40)
    assert await reads.ask(61) == list(range(61))
    # The first is read alone, as nothing is being read.
    assert reads.batches == [1, 60, 30, 30]


async def test_a_half_that_runs_out_of_time_as_well_is_asked_one_by_one():
    reads = Slow(slow=[7])
    found = await reads.ask(13)
    assert isinstance(found.pop(7), OperationalError)
    assert found == [n for n in range(13) if n != 7]
    assert sorted(reads.batches) == [1] * 7 + [6, 6, 12]


async def test_no_question_is_repeated_while_the_database_is_away():
    def away(n):
        raise OperationalError("the server closed the connection")

    reads = Reads(away)
    assert all(isinstance(each, OperationalError) for each in await reads.ask(*range(6)))
    assert [len(batch) for batch in reads.batches] == [1, 1, 4]


async def test_questions_without_an_answer_are_asked_again():
    batches = []

    def first_two(questions):
        batches.append(len(questions))
        return list(questions)[:2]

    gathered = in_threads(first_two, who=lambda question: question, at_once=2)
    assert await asyncio.gather(*map(gathered.ask, range(40))) == list(range(40))
    # Fewer are asked after that, so that they are not read in vain.
    assert batches[3] <= 4
    assert len(batches) < 30


@pytest.fixture
def three(db):
    """Three people; the first has a chat with each of the others."""
    people = [person(name) for name in ("alice", "bob", "charlie")]
    for other in people[1:]:
        write(other, direct_chat(people[0], other), f"from {other.username}")
    return people


def fresh(user):
    return ResumeReader(user.id, session_of(user), Resume(ref="1"))


def texts(part):
    return "".join(part.encoded)


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


def returning(user, *, user_rev=None, **revs):
    """A client that knows some chats up to `revs`, and all others up to their heads."""
    heads = chat_revs(user.id)
    known = {chat: revs.get(str(chat), rev) for chat, rev in heads.items()}
    at = change_feed.person_head(user.id) if user_rev is None else user_rev
    command = Resume(ref="1", epoch=epochs.current(), chats=known, user=at)
    return ResumeReader(user.id, session_of(user), command)


@pytest.fixture
def crew(three):
    """A group of the three, with 20 entries."""
    alice, bob, charlie = three
    chat = groups.create_group(alice.id, "Crew", [bob.id, charlie.id])
    write_many(alice, chat, 20)
    return chat


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


def key_of(client):
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.django_db(transaction=True)
def test_browsers_are_admitted_together(three):
    keys = [key_of(signed_in(user)) for user in three]
    with traffic() as of_one:
        admit([Credentials(keys[0])])
    with traffic() as of_three:
        found = admit([Credentials(key) for key in keys])
    assert [each.welcome.me.username for each in found] == ["alice", "bob", "charlie"]
    assert of_three.statements == of_one.statements == 2
    assert of_three.round_trips == 1


@pytest.mark.django_db(transaction=True)
def test_apps_are_admitted_with_browsers(three):
    """By tokens and tickets. Of two connections with the same ticket, one is admitted."""
    _, bob, charlie = three
    apps = [app_of(user) for user in three]
    by_token = [credentials_of({"authorization": f"Bearer {app.access}"}) for app in apps]
    browser = Credentials(key_of(signed_in(bob)))
    admit([*by_token, browser])  # confirms the tokens
    tickets = [app.request("POST", "tickets").json()["ticket"] for app in apps]
    by_ticket = [credentials_of({}, ticket=each) for each in [*tickets[:2], tickets[0]]]
    by_closing_the_account(apps[2], charlie)
    with traffic() as sent:
        found = admit([*by_token, browser, *by_ticket])
    names = [each and each.welcome.me.username for each in found]
    assert names == ["alice", "bob", None, "bob", "alice", "bob", None]
    assert sent.round_trips == 1


@pytest.mark.django_db(transaction=True)
def test_new_tokens_are_confirmed_together_without_waiting_for_a_lock(three):
    apps = [app_of(user) for user in three]
    credentials = [credentials_of({"authorization": f"Bearer {app.access}"}) for app in apps]
    locked = credentials[0].session_key
    with held("SELECT FROM accounts_session WHERE session_key = %s FOR UPDATE", locked):
        with traffic() as sent:
            found = admit(credentials)
        assert [each.welcome.me.username for each in found] == ["alice", "bob", "charlie"]
    # Sessions and epoch; the confirmation.
    assert (sent.statements, sent.round_trips) == (3, 2)

    def unconfirmed():
        return list(Session.objects.exclude(refresh_confirmed=True).values_list("session_key"))

    assert unconfirmed() == [(locked,)]
    admit(credentials)
    assert unconfirmed() == []


@pytest.mark.django_db(transaction=True)
def test_an_unknown_session_is_read_once():
    with traffic() as sent:
        assert admit([Credentials("unknown")]) == [None]
    assert sent.round_trips == 1


@pytest.mark.django_db(transaction=True)
def test_sessions_that_have_ended_admit_nobody(three):
    alice, bob, charlie = three
    keys = [key_of(signed_in(user)) for user in three]
    User.objects.filter(id=bob.id).update(is_active=False)
    charlie.set_password("another password of hers")  # as if somebody else had signed in before
    charlie.save(update_fields=["password"])
    Session.objects.filter(user=alice).update(expire_date=timezone.now())
    assert admit([Credentials(key) for key in [*keys, "unknown"]]) == [None] * 4


@pytest.mark.django_db(transaction=True)
def test_a_cookie_that_no_server_gave_is_not_read_with_the_others(three):
    """PostgreSQL refuses a text with a NUL, which a cookie can spell."""
    cookie = f'{settings.SESSION_COOKIE_NAME}="{"a" * 30}\\000"'
    with pytest.raises(SignedOut):
        credentials_of({"cookie": cookie})


@pytest.mark.django_db(transaction=True)
def test_a_session_that_cannot_be_understood_fails_alone(three):
    keys = [key_of(signed_in(user)) for user in three]
    data = {SESSION_KEY: "17", BACKEND_SESSION_KEY: "", HASH_SESSION_KEY: ""}
    Session.objects.filter(session_key=keys[1]).update(session_data=SessionStore().encode(data))
    found = admit([Credentials(key) for key in keys])
    assert isinstance(found[1], ValidationError)
    assert [found[n].welcome.me.username for n in (0, 2)] == ["alice", "charlie"]


@pytest.mark.django_db(transaction=True)
def test_a_row_that_cannot_be_built_loses_no_ticket_of_others(three, monkeypatch):
    app = app_of(three[0])
    ticket = credentials_of({}, ticket=app.request("POST", "tickets").json()["ticket"])
    browsers = [Credentials(key_of(signed_in(user))) for user in three]
    from_db = User.from_db

    def of_all_but_bob(*row):
        user = from_db(*row)
        if user.username == "bob":
            raise ValueError
        return user

    monkeypatch.setattr(User, "from_db", of_all_but_bob)
    found = admit([ticket, *browsers])
    assert isinstance(found[2], ValueError)
    assert [found[n].welcome.me.username for n in (0, 1, 3)] == ["alice", "alice", "charlie"]


@pytest.mark.django_db(transaction=True)
def test_without_an_epoch_each_is_refused_alone(three):
    key = key_of(signed_in(three[0]))
    Epoch.objects.all().delete()
    refused, unknown = admit([Credentials(key), Credentials("unknown")])
    assert isinstance(refused, Unavailable)
    assert unknown is None


@pytest.mark.django_db(transaction=True)
def test_a_profile_that_cannot_be_read_fails_alone(three, monkeypatch):
    """Read again with the others, a ticket would have been used up."""
    keys = [key_of(signed_in(user)) for user in three]
    me_body = profiles.me_body

    def of_all_but_bob(user):
        if user.username == "bob":
            raise ValueError
        return me_body(user)

    monkeypatch.setattr(profiles, "me_body", of_all_but_bob)
    found = admit([Credentials(key) for key in keys])
    assert isinstance(found[1], ValueError)
    assert [found[n].welcome.me.username for n in (0, 2)] == ["alice", "charlie"]
