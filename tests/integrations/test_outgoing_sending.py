"""What outgoing webhooks send, to receivers of all kinds."""

import base64
import hashlib
import hmac
import threading
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.core import mail
from django.utils import timezone
from standardwebhooks import WebhookVerificationError

from apps.accounts.actions import accounts
from apps.chats.actions import edits, groups, hiding, reactions
from apps.chats.actions.messages import send_batch, validated_send
from apps.chats.models import Chat
from apps.core import outbound_http
from apps.core.claims import claim
from apps.core.errors import ChatClosed, Forbidden, NotPossible
from apps.core.identifiers import new_id
from apps.core.metrics import WEBHOOK_DELIVERIES
from apps.integrations import tasks
from apps.integrations.actions import (
    outgoing,
    outgoing_log,
    outgoing_notices,
    outgoing_sender,
    outgoing_turns,
)
from apps.integrations.gateways import outgoing as gateway
from apps.integrations.models import OutgoingWebhook
from apps.integrations.queries.outgoing_due import oldest_due
from apps.integrations.queries.outgoing_states import count_by_state
from tests.chats.factories import write
from tests.integrations.receivers import a_hook, receiver, receiving, send_due
from tests.support.shared_people import alice, bob, crew, shared_people
from tests.support.web import serving

__all__ = ["alice", "bob", "crew", "receiver", "shared_people"]


@pytest.fixture
def hook(alice, crew, receiver):
    return a_hook(alice, crew, receiver.url)


def sent(result):
    return WEBHOOK_DELIVERIES.labels(result)._value.get()


def test_an_event_has_the_documented_shape_and_a_valid_signature(bob, crew, hook, receiver):
    message = write(bob, crew, "Ship it")
    send_due()
    [one] = receiver.received
    hook.verify(one)
    assert one.headers["content-type"] == "application/json"
    event = one.event
    assert set(event) == {"type", "timestamp", "data"}
    assert event["type"] == "message.created"
    data = event["data"]
    assert (data["webhook"], data["chat"]) == (str(hook.id), str(crew))
    assert (data["message"]["seq"], data["message"]["text"]) == (message.seq, "Ship it")
    bob_is = {"id": str(bob.id), "username": "bob", "name": "Bob", "bot": False}
    assert data["people"] == [bob_is]
    [logged] = hook.log
    assert (str(logged.id), logged.state, logged.status) == (one.id, "delivered", 204)


def test_the_signature_is_that_of_the_scheme(bob, crew, hook, receiver):
    write(bob, crew)
    send_due()
    [one] = receiver.received
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    text = f"{one.id}.{one.headers['webhook-timestamp']}.".encode() + one.body
    expected = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    assert one.headers["webhook-signature"] == f"v1,{expected}"
    with pytest.raises(WebhookVerificationError):
        hook.verify(one._replace(body=one.body.replace(b"text", b"texd")))


def test_for_a_day_both_secrets_sign(alice, bob, crew, hook, receiver):
    fresh = hook._replace(secret=outgoing.replace_secret(alice.id, crew, hook.id))
    write(bob, crew)
    send_due()
    [one] = receiver.received
    hook.verify(one)
    fresh.verify(one)
    hook.set(former_until=timezone.now())
    write(bob, crew)
    send_due()
    fresh.verify(receiver.received[-1])
    with pytest.raises(WebhookVerificationError):
        hook.verify(receiver.received[-1])


def test_events_come_in_order_and_of_the_chosen_types_alone(alice, bob, crew, receiver):
    write(bob, crew, "before the webhook")
    hook = a_hook(alice, crew, receiver.url)
    few = a_hook(alice, crew, receiver.url + "/few", events=["member.left"])
    first = write(bob, crew, "one")
    send_due()
    write(bob, crew, "two")
    edits.edit_message(bob.id, crew, seq=first.seq, text="edited")
    reactions.add_reaction(alice.id, crew, seq=first.seq, emoji="👍")
    edits.pin_message(alice.id, crew, seq=first.seq, pinned=True)
    groups.rename_group(alice.id, crew, "Ship's crew")
    send_due()
    edits.delete_message(bob.id, crew, seq=first.seq)
    groups.remove_member(bob.id, crew, person=bob.id)
    send_due()
    came = [each for each in receiver.received if each.path == "/hook"]
    assert [each.type for each in came] == [
        "message.created",
        "message.created",
        "message.edited",
        "reactions.changed",
        "chat.renamed",
        "message.deleted",
        "member.left",
    ]
    assert [each.number for each in hook.log] == [*range(1, 8)]
    assert came[2].text == "edited"
    assert came[3].event["data"]["message"]["reactions"][0]["count"] == 1
    assert "text" in came[5].event["data"]["message"]
    assert came[5].text == ""
    assert [each.event for each in few.log] == ["member.left"]


def test_what_changes_between_two_looks_is_seen_as_it_is_then(alice, bob, crew, hook, receiver):
    """The feed has states: of two edits the last one, of a deleted message only that."""
    gone, kept = write(bob, crew, "secret plan"), write(bob, crew, "one")
    edits.edit_message(bob.id, crew, seq=kept.seq, text="two")
    edits.edit_message(bob.id, crew, seq=kept.seq, text="three")
    edits.delete_message(bob.id, crew, seq=gone.seq)
    send_due()
    assert [(each.type, each.text) for each in receiver.received] == [
        ("message.created", "three"),
        ("message.deleted", ""),
    ]
    assert "secret plan" not in str([each.body for each in receiver.received])


def test_a_hidden_message_is_a_deleted_one_until_it_is_restored(bob, crew, hook, receiver):
    message = write(bob, crew, "insult")
    hiding.hide_message(crew, message.seq)
    send_due()
    hiding.restore_message(crew, message.seq)
    send_due()
    assert receiver.types == ["message.deleted", "message.edited"]
    assert receiver.texts == ["", "insult"]


def test_trigger_words_choose_messages(alice, bob, crew, receiver):
    a_hook(alice, crew, receiver.url, words=["deploy", "roll back"])
    # A line may follow the word: https://github.com/mattermost/mattermost/issues/2688
    for text in ("Deploy now!", "deployment", "nothing", "please ROLL BACK", "deploy:\n`1`"):
        write(bob, crew, text)
    send_due()
    assert receiver.texts == ["Deploy now!", "please ROLL BACK", "deploy:\n`1`"]


def test_a_quote_is_not_sent(alice, bob, crew, hook, receiver):
    """A copy of it in the log would outlive the quoted message."""
    quoted = write(bob, crew, "the original")
    send_due()
    [answer] = reply(alice, crew, quoted.seq)
    send_due()
    data = receiver.received[-1].event["data"]["message"]
    assert (data["seq"], data["reply_to"]) == (answer.seq, quoted.seq)
    assert "quote" not in data
    assert "the original" not in str(hook.log[-1].body)


def reply(sender, chat, seq):
    send = validated_send(
        sender=sender.id, chat=chat, client_id=new_id(), text="answer", reply_to=seq
    )
    return send_batch([send])


def test_a_failing_delivery_holds_up_the_later_ones(bob, crew, hook, receiver):
    receiver.answer = lambda page: page.say(b"no", status=500)
    before = sent("failed")
    for text in ("one", "two", "three"):
        write(bob, crew, text)
    send_due()
    [first] = receiver.received
    assert (hook.row.failures, sent("failed") - before) == (1, 1)
    assert count_by_state() == {"working": 0, "failing": 1, "failed": 0}
    assert hook.row.due_at > timezone.now()
    send_due()
    assert len(receiver.received) == 1, "it is tried again only later"
    receiver.answer = lambda page: page.say(b"", status=200)
    hook.set(due_at=timezone.now())
    send_due()
    assert receiver.texts == ["one", "one", "two", "three"]
    assert [each.id for each in receiver.received[:2]] == [first.id] * 2
    assert hook.row.failing_since is None
    assert count_by_state() == {"working": 1, "failing": 0, "failed": 0}
    assert [(each.state, each.attempts) for each in hook.log] == [
        ("delivered", 2),
        ("delivered", 1),
        ("delivered", 1),
    ]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_failures_and_not_followed(bob, crew, hook, receiver, status):
    with serving(lambda page: page.say()) as inside:
        receiver.answer = lambda page: page.say(b"", status=status, Location=inside.origin)
        write(bob, crew)
        send_due()
    assert inside.seen == []
    assert [(each.state, each.status) for each in hook.log] == [("waiting", status)]


def test_addresses_inside_are_refused(alice, bob, crew, hook, receiver, settings):
    """Whatever the name resolves to: the address is checked when it is connected to."""
    settings.OUTBOUND_ORIGINS = []
    hook.set(url="https://127.0.0.1/hook")
    write(bob, crew)
    send_due()
    assert receiver.received == []
    [logged] = hook.log
    assert (logged.status, logged.error) == (None, "not a public address")


def test_a_receiver_that_hangs_delays_no_other(
    alice, bob, crew, hook, receiver, settings, monkeypatch
):
    monkeypatch.setattr(gateway, "REQUEST_TIMEOUT_S", 0.5)
    over = threading.Event()
    with receiving() as slow:
        slow.answer = lambda page: over.wait(30)
        settings.OUTBOUND_ORIGINS = [receiver.web.origin, slow.web.origin]
        hanging = [a_hook(alice, crew, slow.url) for _ in range(3)]
        write(bob, crew, "one")
        write(bob, crew, "two")
        send_due()
        over.set()
    assert receiver.texts == ["one", "two"]
    for each in hanging:
        first, second = each.log
        assert (first.state, first.attempts, first.status) == ("waiting", 1, None)
        assert "TimeoutError" in first.error
        assert second.attempts == 0


def test_one_host_gets_a_limited_share_of_the_turns(alice, crew, hook, receiver, monkeypatch):
    monkeypatch.setattr(outgoing_sender, "MAX_IN_FLIGHT_PER_HOST", 1)
    other = a_hook(alice, crew, receiver.url)
    other.set(host="other.example")
    write(alice, crew)
    found = outgoing_sender.claimable([hook.row.host]).values_list("id", flat=True)
    assert [*found] == [other.id]


def test_a_huge_response_is_cut(bob, crew, hook, receiver):
    receiver.answer = lambda page: page.say(b"\0a" * 500_000, status=200)
    write(bob, crew)
    send_due()
    [logged] = hook.log
    assert logged.state == "delivered"
    assert logged.response == "\ufffda" * 500


def test_a_body_that_never_ends_changes_nothing(bob, crew, hook, receiver, monkeypatch):
    """The status has said that the receiver has the event."""
    monkeypatch.setattr(outbound_http, "BODY_TIMEOUT_S", 0.2)
    over = threading.Event()

    def answer(page):
        page.send_response(200)
        page.send_header("Content-Length", "100")
        page.end_headers()
        page.wfile.write(b"begun")
        page.wfile.flush()
        over.wait(30)

    receiver.answer = answer
    write(bob, crew)
    send_due()
    over.set()
    [logged] = hook.log
    assert (logged.state, logged.response) == ("delivered", "begun")


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [("120", 119, 121), ("1000000", 3_590, 3_601), ("-5", 3, 6), ("soon", 3, 6)],
)
def test_retry_after_is_respected_within_bounds(bob, crew, hook, receiver, asked, least, most):
    receiver.answer = lambda page: page.say(b"", status=503, Retry_After=asked)
    write(bob, crew)
    send_due()
    wait = (hook.row.due_at - timezone.now()).total_seconds()
    assert least <= wait <= most


def test_retry_after_may_be_a_date(bob, crew, hook, receiver):
    at = format_datetime(timezone.now() + timedelta(minutes=10), usegmt=False)
    receiver.answer = lambda page: page.say(b"", status=429, Retry_After=at)
    write(bob, crew)
    send_due()
    assert 590 < (hook.row.due_at - timezone.now()).total_seconds() < 601


def test_attempts_go_on_for_a_day():
    waits, failures = timedelta(0), 0
    while waits < outgoing_turns.GIVE_UP_AFTER:
        failures += 1
        waits += outgoing_turns._delay(failures, 0)
    assert 10 <= failures <= 15


def test_the_owner_is_told_once_the_mail_host_is_back(alice, bob, crew, hook, receiver, settings):
    type(alice).objects.filter(id=alice.id).update(email="alice@example.org")
    receiver.answer = lambda page: page.say(b"", status=410)
    write(bob, crew, "one")
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "chatproject.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    send_due()
    tasks.tell_webhook_owners()
    settings.EMAIL_BACKEND = works
    tasks.tell_webhook_owners()
    assert (hook.row.state, hook.row.told_owner, mail.outbox) == ("failed", False, [])
    hook.set(claimed_at=timezone.now() - outgoing_notices.LEASE)
    tasks.tell_webhook_owners()
    assert (hook.row.told_owner, len(mail.outbox)) == (True, 1)
    hook.set(claimed_at=None, told_owner=False, due_at=timezone.now() - outgoing_notices.TRY_FOR)
    settings.EMAIL_BACKEND = "chatproject.smtp.EmailBackend"
    tasks.tell_webhook_owners()
    assert hook.row.told_owner


def test_a_mail_host_that_hangs_delays_no_event(alice, bob, crew, hook, receiver, monkeypatch):
    """Not those of others, and not those of a webhook that is resumed while its mail is written."""
    receiver.answer = lambda page: page.say(b"", status=410)
    write(bob, crew, "one")
    send_due()
    assert (hook.row.state, hook.row.told_owner) == ("failed", False)
    receiver.answer = lambda page: page.say(b"", status=200)
    mails = []

    def hangs(*_, **more):
        mails.append(more)
        outgoing.resume(alice.id, crew, hook.id, skip=False)
        send_due()
        assert receiver.texts == ["one", "one"]

    monkeypatch.setattr(outgoing_notices.mails, "send", hangs)
    outgoing_notices.tell_owners()
    assert len(mails) == 1
    assert (hook.row.state, hook.row.claimed_at) == ("active", None)


def test_after_a_day_it_is_switched_off_and_its_owner_is_told(alice, bob, crew, hook, receiver):
    type(alice).objects.filter(id=alice.id).update(email="alice@example.org")
    receiver.answer = lambda page: page.say(b"", status=500)
    write(bob, crew, "one")
    send_due()
    assert hook.row.state == "active"
    hook.set(due_at=timezone.now(), failing_since=timezone.now() - timedelta(days=1))
    send_due()
    tasks.tell_webhook_owners()
    assert hook.row.state == "failed"
    assert count_by_state() == {"working": 0, "failing": 0, "failed": 1}
    [told] = mail.outbox
    assert told.to == ["alice@example.org"]
    assert "Test" in told.body
    assert str(hook.id) in told.body
    write(bob, crew, "two")
    hook.set(due_at=timezone.now())
    send_due()
    tasks.tell_webhook_owners()
    assert (len(receiver.received), len(mail.outbox)) == (2, 1)
    receiver.answer = lambda page: page.say(b"", status=200)
    outgoing.resume(alice.id, crew, hook.id, skip=False)
    send_due()
    assert receiver.texts[2:] == ["one", "two"]


def test_an_address_that_is_gone_is_switched_off_at_once(bob, crew, hook, receiver):
    receiver.answer = lambda page: page.say(b"", status=410)
    write(bob, crew)
    send_due()
    assert hook.row.state == "failed"
    tasks.tell_webhook_owners()
    assert hook.row.told_owner


def test_a_pause_holds_everything_and_a_resume_may_skip_it(alice, bob, crew, hook, receiver):
    outgoing.pause(alice.id, crew, hook.id)
    write(bob, crew, "one")
    send_due()
    assert receiver.received == []
    outgoing.resume(alice.id, crew, hook.id, skip=True)
    write(bob, crew, "two")
    send_due()
    assert receiver.texts == ["two"]


def test_it_rests_when_its_owner_may_not_manage_the_group(alice, bob, crew, receiver):
    groups.change_role(alice.id, crew, person=bob.id, role="owner")
    hook = a_hook(bob, crew, receiver.url)
    groups.remove_member(bob.id, crew, person=bob.id)
    write(alice, crew, "not for Bob")
    send_due()
    assert (hook.row.state, receiver.received) == ("unowned", [])
    outgoing.resume(alice.id, crew, hook.id, skip=False)
    send_due()
    assert "not for Bob" in receiver.texts
    assert hook.row.owner_id == alice.id


def test_it_rests_when_the_account_of_its_owner_is_closed(alice, bob, crew, receiver):
    groups.change_role(alice.id, crew, person=bob.id, role="owner")
    hook = a_hook(bob, crew, receiver.url)
    write(alice, crew, "one")
    send_due()
    accounts.deactivate(bob.id)
    write(alice, crew, "two")
    send_due()
    assert (hook.row.state, receiver.texts) == ("unowned", ["one"])


def test_the_time_in_which_its_group_was_closed_is_none_of_failures(
    alice, bob, crew, hook, receiver
):
    receiver.answer = lambda page: page.say(b"", status=500)
    write(bob, crew, "one")
    send_due()
    Chat.objects.filter(id=crew).update(closed_reason="spam")
    assert count_by_state() == {"working": 0, "failing": 0, "failed": 0}
    before = timezone.now() - timedelta(days=2)
    hook.set(due_at=before, failing_since=before - timedelta(minutes=5))
    Chat.objects.filter(id=crew).update(closed_reason="")
    send_due()
    assert (hook.row.state, hook.row.failures) == ("active", 2)
    assert timezone.now() - hook.row.failing_since < timedelta(hours=1)


def test_a_turn_ends_when_its_group_is_closed(bob, crew, hook, receiver, monkeypatch):
    for text in ("one", "two"):
        write(bob, crew, text)
    finish = outgoing_sender.finish_step

    def finish_and_close(*args, **options):
        goes_on = finish(*args, **options)
        Chat.objects.filter(id=crew).update(closed_reason="spam")
        return goes_on

    monkeypatch.setattr(outgoing_sender, "finish_step", finish_and_close)
    send_due()
    assert (hook.row.state, receiver.texts) == ("active", ["one"])


def test_it_rests_in_a_closed_group_where_it_can_be_paused_and_deleted(
    alice, bob, crew, hook, receiver
):
    write(bob, crew, "before")
    Chat.objects.filter(id=crew).update(closed_reason="spam")
    send_due()
    assert (receiver.received, oldest_due()) == ([], None)
    with pytest.raises(Forbidden):
        outgoing.pause(bob.id, crew, hook.id)
    outgoing.pause(alice.id, crew, hook.id)
    with pytest.raises(ChatClosed):
        outgoing.resume(alice.id, crew, hook.id, skip=False)
    Chat.objects.filter(id=crew).update(closed_reason="")
    outgoing.resume(alice.id, crew, hook.id, skip=False)
    send_due()
    assert receiver.texts == ["before"]
    Chat.objects.filter(id=crew).update(closed_reason="spam")
    outgoing.delete(alice.id, crew, hook.id)
    assert not OutgoingWebhook.objects.filter(id=hook.id).exists()


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


def test_administrators_switch_all_of_them_off(alice, bob, crew, hook, receiver, settings):
    settings.OUTGOING_WEBHOOKS = False
    write(bob, crew, "one")
    send_due()
    assert (receiver.received, oldest_due()) == ([], None)
    with pytest.raises(NotPossible):
        a_hook(alice, crew, receiver.url)
    settings.OUTGOING_WEBHOOKS = True
    send_due()
    assert receiver.texts == ["one"]


def test_idle_webhooks_are_one_query(hook, receiver, django_assert_num_queries):
    """A look that beat starts every second."""
    with django_assert_num_queries(1):
        assert not list(outgoing_sender.claimable([]))
    assert OutgoingWebhook.objects.get(id=hook.id).attempt == 0
