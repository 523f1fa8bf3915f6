"""Plugins that see messages before their commit: they refuse, change, fail, sleep and hang."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.chats import message_hooks
from apps.chats.actions import drafts, edits, scheduled
from apps.chats.actions.messages import send_batch, validated_send
from apps.chats.message_hooks import NewMessage
from apps.chats.models import Draft, Message, Scheduled
from apps.core.errors import RefusedByPlugin
from apps.core.identifiers import new_id
from apps.core.metrics import PLUGIN_HOOKS
from apps.integrations.plugins import before_commit
from apps.integrations.plugins.before_commit import AllBeforeCommit, BeforeCommit
from apps.integrations.plugins.breaker import FAILURES, PAUSES_S, WINDOW_S, Breaker
from apps.integrations.plugins.contract import Change, Refuse
from apps.integrations.plugins.threads import MAX_THREADS
from apps.wire import bodies
from tests.chats.factories import a_send, timeline, write

SECRET = "quokkina"


@pytest.fixture
def asks(hooked):
    """`asks(one, two)` asks these functions about each message, as plugins p0 and p1."""

    def connect(*functions, breaker=None):
        hooks = [BeforeCommit(f"p{i}", f, breaker or Breaker()) for i, f in enumerate(functions)]
        hooked(before=AllBeforeCommit(hooks))

    return connect


@pytest.fixture
def released():
    """An event for which a hook hangs; it is set at the end."""
    event = threading.Event()
    yield event
    event.set()


def counted(outcome, plugin="p0"):
    return PLUGIN_HOOKS.labels(plugin, outcome)._value.get()


def texts(chat):
    return [text for _, _, text in timeline(chat)]


def test_a_plugin_refuses_with_its_words_and_nothing_is_written(alice, crew, asks):
    asks(lambda message: Refuse("No shouting, please.") if message.text.isupper() else None)
    before = texts(crew)
    loud, quiet = send_batch([a_send(alice, crew, "LOUD"), a_send(alice, crew, "quiet")])
    assert isinstance(loud, RefusedByPlugin)
    assert loud.detail == "No shouting, please."
    assert quiet.seq
    assert texts(crew) == [*before, "quiet"]


def test_a_message_that_was_sent_is_not_refused_when_it_is_sent_again(alice, crew, asks):
    mine = new_id()
    first = write(alice, crew, "hello", mine)
    asks(lambda message: Refuse("No."))
    again = write(alice, crew, "hello", mine)
    assert (again.seq, again.repeated) == (first.seq, True)


def test_each_plugin_sees_the_text_as_those_before_have_changed_it(alice, crew, asks):
    seen = []

    def star(message):
        return Change(f"{message.text}*")

    def look(message):
        seen.append(message.text)
        return Change(f"{message.text}!")

    asks(star, look)
    mine = new_id()
    write(alice, crew, "one", mine)
    again = write(alice, crew, "one", mine)
    assert again.repeated
    assert texts(crew)[-1] == "one*!"
    assert seen == ["one*"], "the repeat was asked about, too"


def test_a_plugin_does_not_see_what_one_before_it_has_refused(alice, crew, asks):
    seen = []
    asks(lambda message: Refuse("No."), lambda message: seen.append(message.text))
    with pytest.raises(RefusedByPlugin):
        write(alice, crew, "hello")
    assert seen == []


def test_a_changed_text_is_as_if_it_had_been_written(alice, bob, crew, asks):
    asks(lambda message: Change("hello @bob"))
    drafts.save_draft(alice.id, crew, text="hello you", reply_to=None)
    sent = write(alice, crew, "hello you")
    row = Message.objects.get(chat_id=crew, seq=sent.seq)
    assert (row.text, row.mentions) == ("hello @bob", [bob.id])
    assert Draft.objects.get(user_id=alice.id, chat_id=crew).text == ""


@pytest.mark.parametrize("answer", [Change(""), Change("x" * 200_000), "text", 7, Change(7)])
def test_what_is_no_valid_answer_changes_nothing(alice, crew, asks, answer):
    asks(lambda message: answer)
    failed = counted("failed")
    write(alice, crew, "hello")
    assert texts(crew)[-1] == "hello"
    assert counted("failed") == failed + 1


def test_a_plugin_that_raises_is_skipped_and_nobodys_words_are_logged(alice, crew, asks, caplog):
    def broken(message):
        raise ValueError(message.text)

    asks(broken, lambda message: Change(f"{message.text}!"))
    with caplog.at_level(logging.DEBUG):
        write(alice, crew, SECRET)
    assert texts(crew)[-1] == f"{SECRET}!"
    assert "plugin p0: failed with ValueError at " in caplog.text
    assert SECRET not in caplog.text


def test_a_plugin_that_hangs_delays_no_outcome_and_holds_few_threads(
    alice, crew, asks, released, monkeypatch
):
    monkeypatch.setattr(before_commit, "TIMEOUT_S", 0.05)
    asked = []

    def hang(message):
        asked.append(message.text)
        released.wait(60)

    pauses = []
    asks(hang, breaker=Breaker(pauses.append))
    late, skipped = counted("late"), counted("skipped")
    outcomes = [
        outcome
        for number in range(FAILURES + 3)
        for outcome in send_batch([a_send(alice, crew, f"{number}{part}") for part in "ab"])
    ]
    assert len({outcome.seq for outcome in outcomes}) == 2 * (FAILURES + 3)
    assert len(asked) == MAX_THREADS, "more threads than a plugin may have"
    assert pauses == [PAUSES_S[0]]
    assert counted("late") - late == 2 * MAX_THREADS
    assert counted("skipped") - skipped == 2 * (FAILURES + 3 - MAX_THREADS)


def test_a_plugin_after_one_that_takes_all_of_the_time_is_not_paused(
    alice, crew, hooked, released, monkeypatch
):
    monkeypatch.setattr(before_commit, "TIMEOUT_S", 0.05)
    pauses = {"p0": [], "p1": []}
    slow, quick = (
        BeforeCommit(name, ask, Breaker(pauses[name].append))
        for name, ask in (
            ("p0", lambda message: released.wait(0.06) or None),
            ("p1", lambda message: Change(f"{message.text}!")),
        )
    )
    hooked(before=AllBeforeCommit([slow, quick]))
    late = counted("late", "p1")
    while not pauses["p0"]:
        write(alice, crew)
    assert counted("late", "p1") - late >= FAILURES
    write(alice, crew)
    assert texts(crew)[-1].endswith("!")
    assert pauses["p1"] == []


def test_a_flood_of_edits_waits_for_a_thread_and_has_no_plugin_paused(released, monkeypatch):
    monkeypatch.setattr(before_commit, "TIMEOUT_S", 60)
    busy, pauses = threading.Semaphore(0), []

    def ask(message):
        busy.release()
        released.wait(60)

    hook = BeforeCommit("p0", ask, Breaker(pauses.append))
    message = NewMessage(new_id(), new_id(), "text", seq=1)
    far = time.monotonic() + 60
    with ThreadPoolExecutor(MAX_THREADS + FAILURES) as pool:
        first = [pool.submit(hook.ask, [message], far) for _ in range(MAX_THREADS)]
        for _ in first:
            assert busy.acquire(timeout=60)
        more = [pool.submit(hook.ask, [message], far) for _ in range(FAILURES)]
        released.set()
        assert [each.result(60) for each in first + more] == [[None]] * (MAX_THREADS + FAILURES)
    assert pauses == []


def test_decisions_are_forgotten_after_some_seconds(hooked, monkeypatch):
    asked, now = [], [100.0]
    monkeypatch.setattr(message_hooks, "time", SimpleNamespace(monotonic=lambda: now[0]))
    hooked(before=lambda messages: [asked.append(each.text) for each in messages])
    old, new = (NewMessage(new_id(), new_id(), text) for text in ("old", "new"))
    for _ in range(2):
        message_hooks.decide([old])
    now[0] += message_hooks.MEMORY_S + 1
    message_hooks.decide([new])
    assert asked == ["old", "new"]
    assert list(message_hooks._remembered) == [new], "texts stay in memory"


def test_a_scheduled_message_that_a_plugin_refuses_has_failed(alice, crew, asks):
    asks(lambda message: Refuse("No."))
    due = timezone.now() + timedelta(hours=1)
    row = scheduled.schedule(alice.id, crew, client_id=new_id(), text="later", due_at=due)
    Scheduled.objects.filter(id=row.id).update(due_at=timezone.now() - timedelta(seconds=1))
    scheduled.send_due()
    row.refresh_from_db()
    assert (row.state, row.reason) == ("failed", "plugin_refused")


def test_a_plugin_may_use_the_database(alice, crew, asks):
    asks(lambda message: Change(str(connection.vendor)) if Message.objects.none() == [] else None)
    write(alice, crew, "hello")


def test_a_pause_ends_with_the_first_call_that_succeeds():
    now, pauses = [0.0], []
    breaker = Breaker(pauses.append, now=lambda: now[0])
    for _ in range(FAILURES):
        assert breaker.allows()
        breaker.failed()
    assert pauses == [PAUSES_S[0]]
    assert not breaker.allows()
    now[0] += PAUSES_S[0]
    assert breaker.allows()
    assert not breaker.allows(), "one trial at a time"
    breaker.failed()
    assert pauses == [PAUSES_S[0], PAUSES_S[1]]
    now[0] += PAUSES_S[1]
    assert breaker.allows()
    breaker.succeeded()
    assert breaker.allows()
    assert breaker.allows()
    breaker.failed()
    assert breaker.allows(), "one failure is none"


def test_slow_calls_in_time_pause_once_they_are_much_together():
    now, pauses = [100.0], []
    breaker = Breaker(pauses.append, now=lambda: now[0])
    for _ in range(50):
        breaker.succeeded(slow_s=0.2)
    assert pauses == []
    now[0] += WINDOW_S + 1
    for _ in range(50):
        breaker.succeeded(slow_s=0.2)
        breaker.succeeded()
    assert pauses == []
    breaker.succeeded(slow_s=0.2)
    assert pauses == [PAUSES_S[0]]
    assert not breaker.allows()


def test_calls_that_began_before_a_pause_neither_end_nor_lengthen_it():
    now, pauses = [100.0], []
    breaker = Breaker(pauses.append, now=lambda: now[0])
    for _ in range(FAILURES):
        breaker.failed()
    breaker.succeeded()
    breaker.succeeded(slow_s=60.0)
    breaker.failed()
    assert pauses == [PAUSES_S[0]]
    assert not breaker.allows()


def test_a_call_is_slow_by_the_time_for_each_message(alice, crew, asks, monkeypatch):
    slow = []
    breaker = Breaker()
    monkeypatch.setattr(breaker, "succeeded", lambda *, slow_s: slow.append(slow_s > 0))
    asks(lambda message: None, breaker=breaker)
    for least_s in (60.0, 0.0):
        monkeypatch.setattr(before_commit, "SLOW_S", least_s)
        write(alice, crew, "hello")
    assert slow == [False, True]


def test_failures_far_apart_pause_nothing():
    now, pauses = [0.0], []
    breaker = Breaker(pauses.append, now=lambda: now[0])
    for _ in range(3 * FAILURES):
        breaker.failed()
        now[0] += 30
    assert pauses == []


def test_a_send_asks_the_database_nothing_more(alice, crew, asks):
    with CaptureQueriesContext(connection) as without:
        write(alice, crew)
    asks(lambda message: None)
    with CaptureQueriesContext(connection) as asked:
        write(alice, crew)
    assert len(asked) == len(without)


def test_an_edit_is_asked_about(alice, crew, asks):
    sent = write(alice, crew, "hello")
    seen = []

    def look(message):
        seen.append((message.seq, message.client_id))
        return Refuse("No.") if message.text == "bad" else Change(f"{message.text}!")

    asks(look)
    edits.edit_message(alice.id, crew, seq=sent.seq, text="better")
    with pytest.raises(RefusedByPlugin):
        edits.edit_message(alice.id, crew, seq=sent.seq, text="bad")
    assert texts(crew)[-1] == "better!"
    assert seen == [(sent.seq, None)] * 2


def test_an_entry_of_a_plugin_is_not_asked_about_and_a_changed_message_loses_its_cards(
    alice, crew, asks
):
    asks(lambda message: Change("other"))
    card = bodies.Card(parts=[bodies.CardText(text="hello")])
    for layout in (bodies.Layout(plugin="p0", data={"a": 1}), bodies.Layout("Build", cards=[card])):
        given = {"sender": alice.id, "chat": crew, "client_id": new_id(), "text": "hello"}
        send_batch([validated_send(**given, layout=layout)])
    entry, message = Message.objects.filter(chat_id=crew).order_by("-seq")[:2][::-1]
    assert (entry.text, entry.layout) == ("hello", {"plugin": "p0", "data": {"a": 1}})
    assert (message.text, message.layout) == ("other", {"name": "Build"})
    # Who ran the command that a message answers is no text of the message.
    run = bodies.Card(parts=[bodies.CardRun(person=alice.id, command="/build")])
    layout = bodies.Layout(cards=[run, card])
    send_batch([validated_send(**given | {"client_id": new_id()}, layout=layout)])
    ran = {"parts": [{"type": "run", "person": str(alice.id), "command": "/build"}]}
    said = {"parts": [{"type": "text", "text": "other"}]}
    assert Message.objects.filter(chat_id=crew).latest("seq").layout == {"cards": [ran, said]}


def test_an_edit_that_a_plugin_changes_loses_its_new_cards(alice, crew, asks):
    sent = write(alice, crew, "hello")
    asks(lambda message: Change("other"))
    card = bodies.Card(parts=[bodies.CardText(text="secret")])
    layout = bodies.Layout("Build", cards=[card])
    edits.edit_message(alice.id, crew, seq=sent.seq, text="secret", layout=layout)
    message = Message.objects.get(chat_id=crew, seq=sent.seq)
    assert (message.text, message.layout) == ("other", {"name": "Build"})
