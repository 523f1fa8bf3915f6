"""What another server receives of a command, and what is told when it fails."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.chats.models import Chat
from apps.core.errors import ChatClosed
from apps.core.metrics import COMMAND_CALLS
from apps.integrations import tasks
from apps.integrations.actions import calls
from apps.integrations.actions import external_commands as actions
from apps.integrations.actions.run_command import run_command
from apps.integrations.gateways import command_posts
from apps.integrations.models import CommandCall
from chatproject.health.waiting import queue_ages
from tests.integrations.external_commands.receiver import notes_of, run


def test_the_server_receives_what_slack_sends_and_can_verify_it(
    alice, bob, crew, weather, receiver
):
    run(bob, crew)
    [(headers, body)] = receiver.requests
    fields = receiver.fields
    assert (fields["command"], fields["text"]) == ("/weather", "Berlin & Bonn")
    assert (fields["user_id"], fields["user_name"]) == (str(bob.id), "bob")
    assert (fields["channel_id"], fields["channel_name"]) == (str(crew), "Crew")
    assert {"team_id", "team_domain", "trigger_id", "response_url", "api_app_id"} <= fields.keys()
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    secret = actions.secret_of(weather)
    at = int(headers["X-Slack-Request-Timestamp"])
    assert abs(at - timezone.now().timestamp()) < 60
    expected = command_posts.signature(body, secret=secret, at=at)
    assert headers["X-Slack-Signature"] == expected["X-Slack-Signature"]
    assert fields["token"] == command_posts.verification_token(secret)
    assert secret.encode() not in body


def test_the_signature_is_that_of_slacks_documentation():
    """The example of docs.slack.dev/authentication/verifying-requests-from-slack."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
        b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signed = command_posts.signature(body, secret="8f742231b10e8888abcd99yyyzzz85a5", at=1531420618)
    assert signed["X-Slack-Signature"] == (
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    )


def test_a_run_is_posted_once(bob, crew, weather, receiver):
    once = uuid4()
    for _ in range(2):
        run(bob, crew, client_id=once)
    assert len(receiver.requests) == 1


def test_a_run_whose_worker_died_is_not_posted_again(bob, crew, weather, receiver):
    client_id = uuid4()
    run_command(bob.id, crew, client_id=client_id, text="/weather x")
    long_ago = timezone.now() - timedelta(minutes=1)
    CommandCall.objects.update(claimed_at=long_ago, posted_at=long_ago, attempt=1)
    assert calls.post_due() == 1
    assert receiver.requests == []
    assert notes_of(bob) == [
        "`/weather` did not answer in time. It may have been carried out all the same."
    ]


def test_a_run_whose_worker_died_before_it_posted_is_posted(bob, crew, weather, receiver):
    run_command(bob.id, crew, client_id=uuid4(), text="/weather x")
    long_ago = timezone.now() - timedelta(minutes=1)
    CommandCall.objects.update(claimed_at=long_ago, made_at=long_ago, attempt=1)
    assert queue_ages()["commands"] >= 60
    assert calls.post_due() == 1
    assert len(receiver.requests) == 1
    assert queue_ages()["commands"] == 0


def test_a_run_that_waited_for_long_is_not_carried_out(bob, crew, weather, receiver):
    """Workers were down: nobody expects it hours later."""
    before = COMMAND_CALLS.labels("unreachable")._value.get()
    run_command(bob.id, crew, client_id=uuid4(), text="/weather x")
    CommandCall.objects.update(made_at=timezone.now() - calls.MAX_WAIT - timedelta(seconds=1))
    assert calls.post_due() == 1
    assert receiver.requests == []
    assert notes_of(bob) == ["`/weather` could not be reached. Nothing was done."]
    assert CommandCall.objects.get().done
    assert COMMAND_CALLS.labels("unreachable")._value.get() == before + 1


def test_a_run_that_fails_in_an_unknown_way_stops_no_other(
    alice, bob, crew, weather, receiver, monkeypatch
):
    post, fields_of = command_posts.post, calls._fields

    async def broken(url, fields, *, secret):
        assert fields["text"] != "post"
        return await post(url, fields, secret=secret)

    def unreadable(call, *args, **more):
        assert call.text != "fields"
        return fields_of(call, *args, **more)

    monkeypatch.setattr(command_posts, "post", broken)
    monkeypatch.setattr(calls, "_fields", unreadable)
    for text in ("fields", "post", "Bonn"):
        run_command(bob.id, crew, client_id=uuid4(), text=f"/weather {text}")
    receiver.says({"text": "12 degrees"})
    assert calls.post_due() == 3
    assert receiver.fields["text"] == "Bonn"
    assert sorted(notes_of(bob)) == ["12 degrees", "`/weather` answered with an error."]
    # The first one is told when its claim has run out.
    assert CommandCall.objects.filter(done=False).get().posted_at is not None


def test_slow_servers_keep_no_thread_for_ever(monkeypatch):
    passes, woken = [0, 20, 20], []
    monkeypatch.setattr(calls, "post_due", passes.pop)
    monkeypatch.setattr(calls.wake, "after", woken.append)
    tasks.post_commands()
    assert (len(passes), len(woken)) == (2, 1)
    tasks.post_commands(), tasks.post_commands()
    assert (len(passes), len(woken)) == (0, 2)


def test_a_server_that_hangs_is_given_up(bob, crew, weather, receiver, monkeypatch):
    monkeypatch.setattr(command_posts, "ANSWER_TIMEOUT_S", 0.2)
    go_on = threading.Event()
    receiver.answer = lambda page: go_on.wait(30)
    try:
        run(bob, crew)
    finally:
        go_on.set()
    [note] = notes_of(bob)
    assert "did not answer in time" in note


@pytest.mark.parametrize(
    ("status", "headers"), [(500, {}), (404, {}), (302, {"Location": "http://127.0.0.1/"})]
)
def test_an_error_or_a_redirect_is_said(bob, crew, weather, receiver, status, headers):
    receiver.answer = lambda page: page.say(b"secret page", status=status, **headers)
    run(bob, crew)
    assert notes_of(bob) == [f"`/weather` answered with an error ({status})."]
    assert len(receiver.requests) == 1


def test_a_huge_answer_is_not_read(bob, crew, weather, receiver):
    receiver.says(b"x" * (command_posts.MAX_ANSWER_BYTES + 1))
    run(bob, crew)
    assert notes_of(bob) == ["`/weather` was done, but its answer cannot be shown."]


def test_a_server_that_is_not_there_is_said(alice, bob, crew, weather, receiver, settings):
    settings.OUTBOUND_ORIGINS = ["http://127.0.0.1:9"]
    actions.change(alice.id, crew, weather.id, url="http://127.0.0.1:9/")
    run(bob, crew)
    assert notes_of(bob) == ["`/weather` could not be reached. Nothing was done."]


def test_an_address_inside_is_refused_when_it_is_stored_and_when_it_is_posted(
    bob, crew, weather, receiver, settings
):
    settings.OUTBOUND_ORIGINS = []
    run(bob, crew)
    assert receiver.requests == []
    assert notes_of(bob) == ["`/weather` could not be reached. Nothing was done."]


def test_what_is_written_in_a_closed_group_leaves_it_for_no_server(bob, crew, weather, receiver):
    Chat.objects.filter(id=crew).update(closed_reason="spam")
    with pytest.raises(ChatClosed):
        run(bob, crew)
    assert not CommandCall.objects.exists()


def test_what_was_written_before_a_group_was_closed_leaves_it_for_no_server(
    bob, crew, weather, receiver
):
    run_command(bob.id, crew, client_id=uuid4(), text="/weather x")
    Chat.objects.filter(id=crew).update(closed_reason="spam")
    assert calls.post_due() == 1
    assert receiver.requests == []
    assert notes_of(bob) == ["`/weather` could not be reached. Nothing was done."]


def test_old_runs_are_deleted(bob, crew, weather, receiver):
    run(bob, crew)
    calls.delete_old()
    assert CommandCall.objects.count() == 1
    run_command(bob.id, crew, client_id=uuid4(), text="/weather that is never done")
    CommandCall.objects.update(made_at=timezone.now() - timedelta(days=2))
    calls.delete_old()
    assert CommandCall.objects.count() == 0
