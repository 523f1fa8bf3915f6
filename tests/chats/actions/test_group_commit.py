"""Group commit: sends that arrive together are committed together, and one bad send fails alone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from threading import Barrier

import pytest
from django.db import InterfaceError, connection

from apps.chats.actions import gathering
from apps.chats.actions import group_commit as module
from apps.chats.actions.group_commit import GroupCommit
from apps.chats.actions.messages import Sent
from apps.chats.actions.pending import Pending, split_batch
from apps.chats.actions.send_writer import SendRequest
from apps.chats.content_rules import content_rules
from apps.chats.models import Message
from apps.core.errors import Invalid, NotFound, RateLimited, Refused
from apps.core.identifiers import new_id
from tests.chats.factories import a_send, give_back_connection, heads, timeline

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def committer():
    """A committer whose thread closes its connection before the database is flushed."""
    made = GroupCommit()
    yield made
    give_back_connection(made)


def outcome(committer, send):
    try:
        return committer.send(send)
    except Refused as refusal:
        return refusal


def together(committer, sends):
    start = Barrier(len(sends))

    def run(send):
        start.wait(10)
        return outcome(committer, send)

    with ThreadPoolExecutor(len(sends)) as pool:
        return list(pool.map(run, sends))


def test_concurrent_sends_with_one_client_id_are_one_message(alice, chat, committer):
    mine = new_id()
    answers = together(committer, [a_send(alice, chat, "hello", mine) for _ in range(16)])
    assert len({(answer.seq, answer.rev, answer.id, answer.at) for answer in answers}) == 1
    assert timeline(chat) == [(1, 1, "hello")]


def test_concurrent_sends_through_two_committers_are_one_message(alice, chat, committer):
    other, mine = GroupCommit(), new_id()
    sends = [a_send(alice, chat, "hello", mine) for _ in range(8)]
    with ThreadPoolExecutor(2) as pool:
        halves = list(pool.map(lambda one: together(one, sends), (committer, other)))
    give_back_connection(other)
    assert len({answer.id for half in halves for answer in half}) == 1
    assert timeline(chat) == [(1, 1, "hello")]


def test_concurrent_senders_leave_no_gap_in_seqs(alice, bob, chat, committer):
    sends = [a_send(sender, chat) for sender in (alice, bob) for _ in range(20)]
    answers = together(committer, sends)
    assert sorted(answer.seq for answer in answers) == list(range(1, 41))
    assert heads(chat) == (40, 40)


def test_sends_of_one_sender_keep_their_order(alice, chat, committer):
    done = Queue()
    for number in range(300):
        committer.submit(a_send(alice, chat, str(number)), done.put, number)
    pairs = []
    while len(pairs) < 300:
        pairs += done.get(timeout=30)
    assert [token for token, _ in pairs] == list(range(300))
    assert [text for _, _, text in timeline(chat)] == [str(number) for number in range(300)]


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"], ids=["nul", "surrogate"])
def test_an_unstorable_text_fails_alone(alice, bob, chat, committer, text):
    poison = SendRequest(alice.id, chat, new_id(), text)
    done = Queue()
    sends = [a_send(alice, chat, "one"), poison, a_send(bob, chat, "two")]
    # The first send keeps the thread busy, so that the others form one batch.
    for send in (a_send(alice, chat, "before"), *sends):
        committer.submit(send, done.put, send)
    pairs = []
    while len(pairs) < 4:
        pairs += done.get(timeout=30)
    answers = dict(pairs)
    assert isinstance(answers[poison], Invalid)
    assert all(isinstance(answers[send], Sent) for send in sends if send is not poison)
    assert [text for _, _, text in timeline(chat)] == ["before", "one", "two"]


def test_a_refused_send_does_not_affect_the_others(alice, charlie, chat, committer):
    answers = together(committer, [a_send(alice, chat), a_send(charlie, chat)])
    assert isinstance(answers[0], Sent)
    assert isinstance(answers[1], NotFound)


def test_a_failing_callback_does_not_affect_other_sends(alice, chat, committer):
    def fail(pairs):
        raise RuntimeError("gone away")

    committer.submit(a_send(alice, chat, "one"), fail, None)
    assert committer.send(a_send(alice, chat, "two")).seq == 2


@pytest.mark.parametrize("fault", [InterfaceError("closed"), RuntimeError("a bug")])
def test_rules_that_cannot_be_read_do_not_end_the_committing_thread(
    alice, chat, committer, monkeypatch, fault
):
    threads = []

    def refresh():
        threads.append(threading.current_thread())
        raise fault

    rules = content_rules()._replace(refresh=refresh)
    monkeypatch.setattr(module, "content_rules", lambda: rules)
    for text in ("one", "two"):
        assert isinstance(outcome(committer, a_send(alice, chat, text)), Sent)
    assert len(set(threads)) == 1


def test_reading_the_rules_has_the_time_limit_of_a_batch(alice, chat, committer, monkeypatch):
    deadlines = []
    rules = content_rules()._replace(
        refresh=lambda: deadlines.append(connection.connection.deadline)
    )
    monkeypatch.setattr(module, "content_rules", lambda: rules)
    assert isinstance(outcome(committer, a_send(alice, chat, "hello")), Sent)
    assert deadlines
    assert None not in deadlines


def test_a_full_queue_refuses_at_once(alice, chat, monkeypatch):
    monkeypatch.setattr(gathering, "MAX_QUEUED", 0)
    with pytest.raises(RateLimited) as refused:
        GroupCommit().submit(a_send(alice, chat), print, None)
    assert refused.value.retry_after > 0
    assert not Message.objects.exists()


def a_pending(send):
    batches = module.SendBatches()
    return Pending(send, batches.key_of(send), batches.size_of(send), print, None)


def test_long_texts_are_split_into_smaller_batches(alice, chat):
    queue = [a_pending(a_send(alice, chat, "x" * 99_999)) for _ in range(30)]
    sizes = []
    while queue:
        batch, queue = split_batch(queue)
        sizes.append(len(batch))
    assert sizes == [11, 11, 8]
