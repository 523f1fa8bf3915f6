"""Answers that a server posts later to the address that it got."""

import json
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from apps.chats.actions import groups
from apps.chats.models import Chat
from apps.core import limits
from apps.core.errors import RateLimited
from apps.integrations.actions import replies
from apps.integrations.models import CommandCall
from apps.integrations.views import responses, slack_requests
from tests.integrations.external_commands.receiver import answer_later, notes_of, run, written


def test_later_answers(bob, crew, weather, receiver):
    run(bob, crew)
    assert answer_later(receiver, {"text": "still looking"}).content == b"ok"
    assert answer_later(receiver, {"text": "nearly", "replace_original": True}).content == b"ok"
    assert notes_of(bob) == ["nearly"]
    said = {"payload": json.dumps({"text": "all", "response_type": "in_channel"})}
    form = "payload=" + json.dumps(json.loads(said["payload"]))
    assert (
        answer_later(
            receiver, form.encode(), content_type="application/x-www-form-urlencoded"
        ).content
        == b"ok"
    )
    assert written(crew) == [(weather.bot_id, "all")]
    answer_later(receiver, {"text": "all of it", "replace_original": True})
    assert written(crew) == [(weather.bot_id, "all of it")]
    answer_later(receiver, {"delete_original": True})
    assert written(crew) == [(weather.bot_id, "")]
    sixth = answer_later(receiver, {"text": "and more"})
    assert (sixth.status_code, sixth.content) == (404, b"used_url")
    assert notes_of(bob) == ["nearly"]


def test_an_address_for_answers_ends_and_is_no_other(bob, crew, weather, receiver):
    call = run(bob, crew)
    for wrong in (uuid4(), call.id):
        refused = Client().post(
            f"/hooks/responses/{wrong}/guess", {"text": "x"}, content_type="application/json"
        )
        assert (refused.status_code, refused.content) == (404, b"expired_url")
    CommandCall.objects.update(posted_at=timezone.now() - replies.OPEN_FOR)
    refused = answer_later(receiver, {"text": "too late"})
    assert (refused.status_code, refused.content) == (404, b"expired_url")
    assert notes_of(bob) == []
    call.refresh_from_db()
    assert call.uses == 0


@pytest.mark.parametrize(
    ("payload", "status", "word"),
    [
        (b"{", 400, b"invalid_payload"),
        (b"[]", 400, b"invalid_payload"),
        (b"{}", 400, b"no_text"),
        (b"", 400, b"no_text"),
        (b" " * 300_000, 413, b"payload_too_large"),
    ],
)
def test_a_wrong_answer_uses_nothing_up(bob, crew, weather, receiver, payload, status, word):
    call = run(bob, crew)
    refused = answer_later(receiver, payload)
    assert (refused.status_code, refused.content) == (status, word)
    call.refresh_from_db()
    assert call.uses == 0


def test_an_answer_that_the_chat_does_not_take_is_said(bob, crew, weather, receiver):
    receiver.says({"response_type": "in_channel", "text": "12 degrees"})
    run(bob, crew)
    Chat.objects.filter(id=crew).update(closed_reason="spam")
    refused = answer_later(receiver, {"text": "13", "replace_original": True})
    assert (refused.status_code, refused.content) == (410, b"channel_is_archived")


def test_no_line_of_the_log_has_the_secret_of_the_address(bob, crew, weather, receiver, caplog):
    run(bob, crew)
    path = receiver.fields["response_url"].split("/hooks/", 1)[1]
    for payload in (b"{", b"", b" " * 300_000):
        answer_later(receiver, payload)
    Client().get(f"/hooks/{path}")
    assert path.rpartition("/")[2] not in caplog.text


def test_without_the_secret_no_payload_is_read(bob, crew, weather, receiver, monkeypatch):
    call = run(bob, crew)
    monkeypatch.setattr(responses, "payload_in", lambda _: pytest.fail("it was read"))
    refused = Client().post(f"/hooks/responses/{call.id}/guess", "{", content_type="text/plain")
    assert (refused.status_code, refused.content) == (404, b"expired_url")


def test_guesses_of_an_address_are_limited(bob, crew, weather, receiver, monkeypatch):
    def full(limit, key):
        assert (limit, key) == (limits.WEBHOOK_FAILURES, "127.0.0.1")
        raise RateLimited(retry_after=1)

    run(bob, crew)
    monkeypatch.setattr(slack_requests, "check", full)
    guess = Client().post(
        f"/hooks/responses/{uuid4()}/guess", {"text": "x"}, content_type="application/json"
    )
    assert (guess.status_code, guess.content) == (429, b"rate_limited")
    assert answer_later(receiver, {"text": "x"}).content == b"ok"


def test_faulty_answers_of_a_command_are_limited(bob, crew, weather, receiver, monkeypatch):
    """Each costs time to parse, and uses nothing up."""
    run(bob, crew)
    for _ in range(limits.COMMAND_ANSWERS.amount):
        limits.check(limits.COMMAND_ANSWERS, f"{weather.id}:{crew}")
    monkeypatch.setattr(responses, "payload_in", lambda _: pytest.fail("it was read"))
    refused = answer_later(receiver, b"{")
    assert (refused.status_code, refused.content) == (429, b"rate_limited")
    assert int(refused["Retry-After"]) > 0


def test_a_get_of_the_address_does_nothing(bob, crew, weather, receiver):
    run(bob, crew)
    path = receiver.fields["response_url"].split("/hooks/", 1)[1]
    assert Client().get(f"/hooks/{path}").status_code == 405


def test_answers_reach_nobody_who_has_left(bob, crew, weather, receiver):
    run(bob, crew)
    groups.leave_group(bob.id, crew)
    for kind in ("ephemeral", "in_channel"):
        assert answer_later(receiver, {"text": "x", "response_type": kind}).status_code == 200
    assert notes_of(bob) == []
    assert written(crew) == []
