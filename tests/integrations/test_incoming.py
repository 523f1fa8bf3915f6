"""Incoming webhooks: who makes them, what is posted, and when they end."""

import json
import sys
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils.translation import override

from apps.accounts.actions import accounts, deletions
from apps.accounts.actions.access import Way
from apps.accounts.models import Deletion
from apps.accounts.tokens import digest
from apps.chats.actions import groups, membership
from apps.chats.actions.group_commit import group_commit
from apps.chats.actions.messages import send_batch
from apps.chats.models import Chat, LinkPreview, Member, Message
from apps.chats.models.member import Role
from apps.core import limits
from apps.core.errors import Forbidden, Full, Invalid, NotFound, RateLimited, Refused
from apps.integrations.actions import bots, incoming_posts
from apps.integrations.actions import incoming as actions
from apps.integrations.addresses import webhook_address
from apps.integrations.models import IncomingWebhook
from apps.integrations.queries import incoming
from apps.integrations.queries.bots import of_owner
from apps.integrations.tasks import forget_answers
from apps.integrations.views import slack_requests
from tests.integrations.payloads import payload
from tests.support.shared_people import alice, bob, crew, shared_people

__all__ = ["alice", "bob", "crew", "shared_people"]


@pytest.fixture(autouse=True)
def _inline(monkeypatch):
    """Sends commit in the thread of the test, which sees its rows."""

    def send(request):
        [outcome] = send_batch([request])
        if isinstance(outcome, Refused):
            raise outcome
        return outcome

    monkeypatch.setattr(group_commit, "send", send)


@pytest.fixture
def hook(alice, crew):
    """The id of a webhook of the group, and its path."""
    made, secret = actions.make(alice.id, crew, name="Grafana")
    return made, urlsplit(webhook_address(made, secret)).path


def post(path, value, **more):
    """The status and the words of the response."""
    body = value if isinstance(value, str | bytes) else json.dumps(value)
    more = {"content_type": "application/json", **more}
    response = Client(enforce_csrf_checks=True).post(path, body, **more)
    return response.status_code, response.content.decode()


def last(chat):
    return Message.objects.filter(chat_id=chat).order_by("seq").last()


def the_bot(hook):
    return IncomingWebhook.objects.get(id=hook[0]).bot


def test_what_is_posted_is_a_message_of_its_bot(crew, bob, hook, captured_events):
    with captured_events() as events:
        assert post(hook[1], payload("alertmanager")) == (200, "ok")
    message = last(crew)
    assert message.sender_id == the_bot(hook).id
    assert message.layout["name"] == "Alertmanager"
    assert message.text.startswith("@all two instances")
    assert not message.mentions_all  # its bot is a member like others
    assert any(
        str(bob.id) in str(event) or getattr(event.event, "chat", None) == crew for event in events
    )


def test_links_of_cards_get_no_preview(hook):
    post(hook[1], payload("github"))
    assert not LinkPreview.objects.exists()
    post(hook[1], {"text": "https://a.test/page"})
    assert LinkPreview.objects.count() == 1


@pytest.mark.parametrize(
    "sent",
    [
        {"content_type": "text/plain"},
        {"content_type": "application/x-www-form-urlencoded"},
        {"content_type": "application/json; charset=utf-8"},
    ],
)
def test_json_is_read_whatever_type_it_has(crew, hook, sent):
    assert post(hook[1], {"text": "Hello"}, **sent) == (200, "ok")
    assert last(crew).text == "Hello"


def test_a_form_has_its_payload_in_a_field(crew, hook):
    said = json.dumps({"text": "A form & more", "username": "Tool"})
    for number, type_ in enumerate(("urlencoded", "multipart")):
        client = Client()
        if type_ == "multipart":
            response = client.post(hook[1], {"payload": said})
        else:
            form = "payload=" + said.replace("&", "%26").replace(" ", "+")
            type_ = "application/x-www-form-urlencoded"
            response = client.post(hook[1], form, content_type=type_)
        assert (response.status_code, response.content) == (200, b"ok"), number
        assert last(crew).text == "A form & more"
    response = Client().post(hook[1], {"other": said})
    assert (response.status_code, response.content) == (400, b"invalid_payload")


def test_members_are_mentioned_by_their_ids(crew, bob, charlie, hook):
    assert post(hook[1], {"text": f"<@{bob.id}> and <@{charlie.id}> and @bob"})[0] == 200
    message = last(crew)
    assert message.text == f"@bob and @{charlie.id} and @bob"
    assert message.mentions == [bob.id]


def test_members_are_mentioned_by_programs_that_escape_the_brackets(crew, bob, hook):
    """As Go's encoder does."""
    said = json.dumps({"text": f"<@{bob.id}>"}).replace("<", "\\u003c").replace(">", "\\u003e")
    assert post(hook[1], said)[0] == 200
    assert last(crew).mentions == [bob.id]


def test_refusals_are_slacks(alice, crew, hook):
    made, path = hook
    secret = path.rpartition("/")[2]
    unknown = path.replace(str(made), "00000000-0000-4000-8000-000000000000")
    assert post(unknown, {"text": "x"}) == (404, "no_service")
    assert post(path.replace(secret, "guess"), {"text": "x"}) == (403, "invalid_token")
    assert post(path, "nonsense") == (400, "invalid_payload")
    assert post(path, {}) == (400, "no_text")
    assert post(path, {"blocks": [1]}) == (400, "invalid_blocks")
    assert Client().get(path).status_code == 405
    Chat.objects.filter(id=crew).update(closed_reason="spam")
    assert post(path, {"text": "x"}) == (410, "channel_is_archived")


def test_too_many_posts_wait(hook, monkeypatch):
    def full(limit, key, **_):
        if limit is limits.WEBHOOK_POSTS:
            raise RateLimited(retry_after=7.2)

    monkeypatch.setattr(incoming_posts, "check", full)
    response = Client().post(hook[1], '{"text": "x"}', content_type="application/json")
    assert (response.status_code, response.content) == (429, b"rate_limited")
    assert response["Retry-After"] == "8"


def test_guesses_are_limited_and_keep_no_program_out(hook, monkeypatch):
    def full(limit, key):
        assert (limit, key) == (limits.WEBHOOK_FAILURES, "127.0.0.1")
        raise RateLimited(retry_after=1)

    monkeypatch.setattr(slack_requests, "check", full)
    assert post(hook[1] + "x", {"text": "x"}) == (429, "rate_limited")
    assert post(hook[1], {"text": "x"}) == (200, "ok")


def test_the_secret_is_stored_as_a_hash_and_never_logged(hook, caplog):
    secret = hook[1].rpartition("/")[2]
    assert len(secret) >= 43  # 256 bits
    assert IncomingWebhook.objects.get(id=hook[0]).secret == digest(secret)
    for body in ("nonsense", '{"text": "x"}'):
        post(hook[1], body)
    Client().get(hook[1])
    assert secret not in caplog.text


def test_the_use_is_noted_now_and_then(hook, django_assert_num_queries):
    def used():
        return IncomingWebhook.objects.get(id=hook[0]).used_at

    assert used() is None
    post(hook[1], {"text": "x"})
    first = used()
    post(hook[1], {"text": "x"})
    assert used() == first is not None


def test_nothing_fails_once_a_message_is_stored(crew, hook, monkeypatch):
    def fail():
        raise OperationalError

    monkeypatch.setattr(incoming_posts, "Now", fail)
    assert post(hook[1], {"text": "x"}) == (500, "rollup_error")
    assert not Message.objects.filter(chat_id=crew, kind="text").exists()


def test_a_new_secret_ends_the_old_address(alice, crew, hook):
    made, path = hook
    secret = actions.replace_secret(alice.id, crew, made)
    assert post(path, {"text": "x"}) == (403, "invalid_token")
    assert post(urlsplit(webhook_address(made, secret)).path, {"text": "x"}) == (200, "ok")


def test_it_is_paused_while_the_account_of_its_maker_is_closed(alice, crew, hook):
    accounts.deactivate(alice.id, way=Way.ADMINISTRATOR)
    assert post(hook[1], {"text": "x"}) == (404, "no_active_hooks")
    accounts.activate(alice.id)
    assert post(hook[1], {"text": "x"}) == (200, "ok")


def test_it_is_paused_while_its_bot_is_suspended(alice, crew, hook):
    accounts.deactivate(the_bot(hook).id, way=Way.ADMINISTRATOR)
    assert post(hook[1], {"text": "x"}) == (404, "no_active_hooks")
    assert [one.state for one in incoming.of_chat(alice.id, crew)] == ["paused"]
    forget_answers()
    accounts.activate(the_bot(hook).id)
    assert post(hook[1], {"text": "x"}) == (200, "ok")


def test_it_is_paused_while_its_maker_is_not_in_the_group(alice, bob, crew):
    groups.change_role(alice.id, crew, person=bob.id, role=Role.ADMIN)
    made, secret = actions.make(bob.id, crew, name="Bob's")
    path = urlsplit(webhook_address(made, secret)).path
    assert post(path, {"text": "x"}) == (200, "ok")
    groups.remove_member(alice.id, crew, person=bob.id)
    assert post(path, {"text": "x"}) == (404, "no_active_hooks")
    assert [one.state for one in incoming.of_chat(alice.id, crew)] == ["paused"]
    groups.add_members(alice.id, crew, [bob.id])
    assert post(path, {"text": "x"}) == (200, "ok")


def test_it_ends_when_it_is_deleted(alice, crew, hook):
    bot = the_bot(hook)
    post(hook[1], {"text": "kept"})
    actions.delete(alice.id, crew, hook[0])
    assert post(hook[1], {"text": "x"}) == (404, "no_service")
    assert last(crew).text != "x"
    assert Message.objects.filter(chat_id=crew, text="kept", deleted_at=None).exists()
    assert Deletion.objects.filter(user_id=bot.id).exists()


def test_a_deletion_that_is_cut_off_leaves_no_bot_that_reads(alice, crew, hook, monkeypatch):
    bot = the_bot(hook)
    with monkeypatch.context() as cut:
        cut.setattr(deletions, "start_of_bot", lambda *_, **__: sys.exit())
        with pytest.raises(SystemExit):
            actions.delete(alice.id, crew, hook[0])
    with pytest.raises(NotFound):
        bots.make_token(alice.id, bot.id, name="x", scopes=["chats:read"])
    actions.delete(alice.id, crew, hook[0])
    assert incoming.of_chat(alice.id, crew) == []


def test_it_can_be_deleted_in_a_closed_group(alice, bob, crew, hook):
    Chat.objects.filter(id=crew).update(closed_reason="spam")
    [found] = incoming.of_chat(alice.id, crew)
    with pytest.raises(Forbidden):
        actions.delete(bob.id, crew, found.id)
    actions.delete(alice.id, crew, found.id)
    assert incoming.of_chat(alice.id, crew) == []


def test_it_ends_when_its_bot_is_removed(alice, crew, hook, monkeypatch):
    bot, (kept, _) = the_bot(hook), actions.make(alice.id, crew, name="Kept")
    groups.remove_member(alice.id, crew, person=bot.id)
    assert post(hook[1], {"text": "x"}) == (404, "no_service")
    assert [one.id for one in incoming.of_chat(alice.id, crew)] == [kept]
    with pytest.raises(NotFound):
        incoming.get(alice.id, crew, hook[0])
    monkeypatch.setattr(actions, "MAX_WEBHOOKS", 2)
    actions.make(alice.id, crew, name="In its place")
    with pytest.raises(NotFound):
        bots.make_token(alice.id, bot.id, name="x", scopes=["chats:read"])
    forget_answers()
    forget_answers()
    assert [row.user_id for row in Deletion.objects.all()] == [bot.id]


def test_it_ends_with_the_last_reader_whom_its_bot_does_not_keep(alice, bob, crew, hook):
    groups.leave_group(bob.id, crew)
    groups.leave_group(alice.id, crew)
    assert post(hook[1], {"text": "x"}) == (404, "channel_not_found")


def test_its_bot_never_becomes_an_owner(alice, bob, crew, hook):
    accounts.deactivate(alice.id, way=Way.ADMINISTRATOR)
    assert Member.objects.get(chat_id=crew, user=the_bot(hook)).role == "member"
    assert membership.next_owner(crew, leaving=bob.id) is None


def test_its_bot_is_no_bot_of_the_settings(alice, crew, hook):
    bot = the_bot(hook)
    assert bot.is_bot
    assert bot.bot_owner_id == alice.id
    assert of_owner(alice.id) == []
    with pytest.raises(NotFound):
        bots.make_token(alice.id, bot.id, name="x", scopes=["chats:read"])


def test_others_neither_see_nor_change_it(alice, bob, charlie, crew, hook):
    assert [one.id for one in incoming.of_chat(alice.id, crew)] == [hook[0]]
    for person, refusal in ((bob, Forbidden), (charlie, NotFound)):
        for attempt in (
            lambda who: incoming.of_chat(who, crew),
            lambda who: actions.make(who, crew, name="Mine"),
            lambda who: actions.replace_secret(who, crew, hook[0]),
            lambda who: actions.delete(who, crew, hook[0]),
            lambda who: incoming_posts.test(who, crew, hook[0]),
        ):
            with pytest.raises(refusal):
                attempt(person.id)
    assert post(hook[1], {"text": "still"}) == (200, "ok")


def test_of_another_group_it_does_not_exist(alice, bob, hook):
    other = groups.create_group(alice.id, "Other", [bob.id])
    for attempt in (actions.replace_secret, actions.delete, incoming_posts.test):
        with pytest.raises(NotFound):
            attempt(alice.id, other, hook[0])


def test_names_and_amounts_are_limited(alice, crew, monkeypatch):
    for name in ("", "  ", "a\nb", "x" * 81):
        with pytest.raises(Invalid) as refused:
            actions.make(alice.id, crew, name=name)
        assert refused.value.pointer == "#/name"
    monkeypatch.setattr(actions, "MAX_WEBHOOKS", 1)
    actions.make(alice.id, crew, name="One")
    with pytest.raises(Full) as full, override("de"):
        actions.make(alice.id, crew, name="Two")
    assert full.value.detail == "Eine Gruppe hat höchstens 1 eingehende Webhooks."
