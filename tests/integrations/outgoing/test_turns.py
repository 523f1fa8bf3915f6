"""How workers take turns at outgoing webhooks, and what is sent by hand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.claims import claim
from apps.integrations.actions import outgoing, outgoing_log, outgoing_sender, outgoing_turns
from apps.integrations.gateways import outgoing as gateway
from apps.integrations.models import OutgoingWebhook
from apps.integrations.queries.outgoing_due import oldest_due
from tests.chats.factories import write
from tests.integrations.receivers import a_hook, send_due


def test_a_test_is_sent_whatever_the_state_is(alice, crew, hook, receiver):
    outgoing.pause(alice.id, crew, hook.id)
    made = outgoing.test(alice.id, crew, hook.id)
    send_due()
    [one] = receiver.received
    hook.verify(one)
    assert (one.id, one.type) == (str(made), "ping")
    assert one.event["data"] == {"webhook": str(hook.id), "chat": str(crew)}
    assert (hook.row.state, hook.row.has_asked) == ("paused", False)


def test_an_event_is_sent_again_by_hand(alice, bob, crew, hook, receiver):
    write(bob, crew, "one")
    send_due()
    [logged] = hook.log
    receiver.answer = lambda page: page.say(b"", status=500)
    outgoing.send_again(alice.id, crew, hook.id, logged.id)
    write(bob, crew, "two")
    send_due()
    assert receiver.texts == ["one", "one", "two"]
    assert receiver.received[0].id == receiver.received[1].id
    again, _ = hook.log
    assert (again.state, again.attempts, again.asked) == ("failed", 2, True)
    assert hook.row.failures == 1, "only the attempt that nobody asked for counts"


def test_what_waits_can_be_tried_before_its_time(alice, bob, crew, hook, receiver):
    receiver.answer = lambda page: page.say(b"", status=500)
    write(bob, crew, "one")
    send_due()
    receiver.answer = lambda page: page.say(b"", status=200)
    outgoing.send_again(alice.id, crew, hook.id, hook.log[0].id)
    send_due()
    assert [(each.state, each.asked) for each in hook.log] == [("delivered", False)]


def test_two_workers_have_different_webhooks(alice, bob, crew, hook, receiver):
    other = a_hook(alice, crew, receiver.url)
    write(bob, crew)
    [one] = claim(outgoing_sender.claimable([]), limit=1)
    [two] = claim(outgoing_sender.claimable([]), limit=5)
    assert {one.id, two.id} == {hook.id, other.id}


def test_a_worker_that_lost_its_claim_records_nothing(bob, crew, hook, receiver):
    write(bob, crew)
    [late] = claim(outgoing_sender.claimable([]), limit=1)
    sending = outgoing_turns.next_step(late)
    hook.set(attempt=late.attempt + 1)
    done = gateway.Attempt(status=200)
    assert not outgoing_turns.finish_step(late, sending.delivery, done, goes_on=True)
    assert outgoing_turns.next_step(late) is outgoing_turns.Step.OVER
    assert [each.attempts for each in hook.log] == [0]


def test_a_webhook_that_cannot_be_read_does_not_stop_the_others(alice, bob, crew, hook, receiver):
    broken = a_hook(alice, crew, receiver.url)
    broken.set(secret=b"sealed elsewhere")
    outgoing.test(alice.id, crew, broken.id)
    write(bob, crew, "one")
    send_due()
    assert receiver.texts == ["one"]
    assert (broken.row.failures, broken.row.has_asked) == (1, False)


@pytest.mark.parametrize("step", ["next_step", "post"])
def test_an_error_that_nobody_thought_of_stops_no_other(
    alice, bob, crew, hook, receiver, monkeypatch, step
):
    """However long its words are."""
    other = a_hook(alice, crew, receiver.url + "/other")
    outgoing.test(alice.id, crew, other.id)
    make, post = outgoing_sender.next_step, outgoing_sender.post

    def broken_step(row):
        return fail() if row.id == other.id else make(row)

    async def broken_post(request):
        return fail() if request.url.endswith("/other") else await post(request)

    def fail():
        raise RuntimeError("x" * 1_000)

    monkeypatch.setattr(
        outgoing_sender, step, {"next_step": broken_step, "post": broken_post}[step]
    )
    write(bob, crew, "one")
    send_due()
    assert receiver.texts == ["one"]
    assert (other.row.failures, other.row.claimed_at) == (1, None)


def test_a_clock_that_is_behind_the_databases_delays_nothing(bob, crew, hook, monkeypatch):
    """The webhook would be claimed again and again, and given back each time."""
    write(bob, crew)
    hook.set(failures=1, due_at=timezone.now())
    early = timezone.now() - timedelta(minutes=1)
    [row] = claim(outgoing_sender.claimable([]), limit=1)
    monkeypatch.setattr(outgoing_turns.timezone, "now", lambda: early)
    assert isinstance(outgoing_turns.next_step(row), outgoing_turns.Sending)


def test_a_busy_chat_gives_others_their_turn(alice, bob, crew, hook, receiver, monkeypatch):
    monkeypatch.setattr(outgoing_sender, "TURN_S", 0)
    other = a_hook(alice, crew, receiver.url + "/other")
    for text in ("one", "two"):
        write(bob, crew, text)
    send_due()
    paths = [each.path for each in receiver.received]
    assert sorted(paths[:2]) == ["/hook", "/hook/other"]
    assert len(paths) == 4
    assert [each.state for each in other.log] == ["delivered"] * 2


def test_the_log_keeps_the_newest(bob, crew, hook, receiver, monkeypatch):
    monkeypatch.setattr(outgoing_log, "MAX_LOGGED", 2)
    for number in range(4):
        write(bob, crew, str(number))
        send_due()
    assert [each.body["text"] for each in hook.log] == ["2", "3"]


def test_how_long_events_have_waited_is_known(bob, crew, hook, receiver):
    assert oldest_due() is None
    message = write(bob, crew)
    assert oldest_due() == max(message.at, hook.row.due_at)
    receiver.answer = lambda page: page.say(b"", status=500)
    send_due()
    assert oldest_due() is None
    hook.set(due_at=timezone.now() - timedelta(minutes=5))
    assert oldest_due() == hook.row.due_at


def test_idle_webhooks_are_one_query(hook, receiver, django_assert_num_queries):
    """A look that beat starts every second."""
    with django_assert_num_queries(1):
        assert not list(outgoing_sender.claimable([]))
    assert OutgoingWebhook.objects.get(id=hook.id).attempt == 0
