"""Commands that another server answers: what it receives, and what becomes of its answers."""

import json
import threading
from datetime import timedelta
from urllib.parse import parse_qs
from uuid import uuid4

import msgspec
import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import slowdowns
from apps.accounts.actions.registration import register
from apps.accounts.models import Deletion, Slowdown
from apps.chats.actions import groups, invite_links
from apps.chats.actions.messages import send_batch, validated_send
from apps.chats.invite_secrets import secret_of
from apps.chats.models import Chat, LinkPreview, Member, Message
from apps.chats.models.member import Role
from apps.core import limits
from apps.core.errors import ChatClosed, Forbidden, NotFound, RateLimited, Slowed, UnknownCommand
from apps.core.limits import NEWCOMER_LINK_MESSAGES
from apps.core.metrics import COMMAND_CALLS
from apps.integrations import tasks
from apps.integrations.actions import bots, calls, replies
from apps.integrations.actions import external_commands as actions
from apps.integrations.actions.notes import MAX_CARD_BYTES
from apps.integrations.actions.run_command import run_command
from apps.integrations.gateways import command_posts
from apps.integrations.models import CommandCall, CommandNote
from apps.integrations.queries import commands, external_commands, notes
from apps.integrations.queries.bots import of_owner
from apps.integrations.views import responses, slack_requests
from apps.wire import bodies
from chatproject.health.waiting import queue_ages
from tests.support.people import PASSWORD, in_touch
from tests.support.shared_people import alice, bob, crew, shared_people
from tests.support.web import serving

__all__ = ["alice", "bob", "crew", "shared_people"]

JSON = {"Content_Type": "application/json"}


class Receiver:
    """Another server. `answer` is called with each request, and may be replaced."""

    def __init__(self):
        self.answer = lambda page: page.say(b"")
        self.requests = []

    def __call__(self, page):
        self.requests.append((dict(page.headers), page.body))
        self.answer(page)

    def says(self, payload, **more):
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.answer = lambda page: page.say(body, **(JSON | more))

    @property
    def fields(self):
        """What the last request said."""
        _, body = self.requests[-1]
        return {name: values[0] for name, values in parse_qs(body.decode()).items()}


@pytest.fixture
def receiver(settings):
    found = Receiver()
    with serving(found) as web:
        settings.OUTBOUND_ORIGINS = [web.origin]
        found.origin = web.origin
        yield found


@pytest.fixture
def weather(alice, crew, receiver):
    """A command of Alice's group."""
    return actions.make(alice.id, crew, name="weather", url=f"{receiver.origin}/w?a=1", hint="city")


def run(user, crew, text="/weather Berlin & Bonn", **more):
    """Run a command and let the worker post it. Returns the call."""
    client_id = more.pop("client_id", None) or uuid4()
    run_command(user.id, crew, client_id=client_id, text=text, **more)
    while calls.post_due():
        pass
    return CommandCall.objects.get(user_id=user.id, client_id=client_id)


def notes_of(user):
    return list(
        CommandNote.objects.filter(user_id=user.id, gone=False)
        .order_by("at", "id")
        .values_list("text", flat=True)
    )


def written(crew):
    """Who wrote what, but entries."""
    rows = Message.objects.filter(chat_id=crew, kind="text").order_by("seq")
    return list(rows.values_list("sender_id", "text"))


def answer_later(receiver, payload, **more):
    """Post to the response_url of the last request."""
    path = receiver.fields["response_url"].split("/hooks/", 1)[1]
    return Client(enforce_csrf_checks=True).post(
        f"/hooks/{path}", payload, **({"content_type": "application/json"} | more)
    )


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


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (b"", []),
        ({"text": "12 &lt; 20"}, ["12 < 20"]),
        ({"response_type": "ephemeral", "text": "rain"}, ["rain"]),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "sun"}}]}, ["sun"]),
        ({"attachments": [{"text": "snow"}]}, ["snow"]),
        ({}, []),
        (b"{not json", ["`/weather` was done, but its answer cannot be shown."]),
    ],
)
def test_an_answer_for_the_one_who_asked(bob, crew, weather, receiver, answer, shown):
    receiver.says(answer)
    call = run(bob, crew)
    assert notes_of(bob) == shown
    assert written(crew) == []
    assert (call.done, call.text) == (True, "")


def test_an_answer_names_members_by_the_ids_that_it_got(bob, charlie, crew, weather, receiver):
    text = f"<@{bob.id}> asked <@{charlie.id}>"
    receiver.says({"response_type": "in_channel", "text": text})
    run(bob, crew)
    assert written(crew) == [(weather.bot_id, f"@bob asked @{charlie.id}")]
    assert answer_later(receiver, {"text": text}).content == b"ok"
    assert notes_of(bob) == [f"@bob asked @{charlie.id}"]


def test_an_answer_in_plain_text(bob, crew, weather, receiver):
    receiver.says(b"fog", Content_Type="text/plain")
    run(bob, crew)
    assert notes_of(bob) == ["fog"]


def test_an_answer_for_everybody_is_written_by_the_bot(alice, bob, crew, weather, receiver):
    receiver.says({"response_type": "in_channel", "text": "12 degrees"})
    call = run(bob, crew)
    assert written(crew) == [(weather.bot_id, "12 degrees")]
    assert weather.bot.bot_owner_id == alice.id
    assert call.seq is not None
    assert notes_of(bob) == []
    link = {"response_type": "in_channel", "text": "https://a.test/wind"}
    cards = {"attachments": [{"title": "https://a.test/", "text": "dry"}]}
    receiver.says({"response_type": "in_channel"} | cards)
    run(bob, crew)
    assert not LinkPreview.objects.exists(), "cards say what their links are about"
    answer_later(receiver, link)
    answer_later(receiver, link | {"text": "https://a.test/rain", "replace_original": True})
    assert LinkPreview.objects.count() == 2


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


def test_blocks_in_place_of_an_answer_are_its_cards(bob, crew, weather, receiver):
    def blocks(text):
        return {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": text}}]}

    receiver.says(blocks("12 degrees") | {"response_type": "in_channel"})
    run(bob, crew)
    replacing = {"replace_original": True}
    assert answer_later(receiver, blocks("13 degrees") | replacing).content == b"ok"
    message = Message.objects.get(chat_id=crew, sender_id=weather.bot_id, kind="text")
    assert message.text == "**13 degrees**"
    ran = {"parts": [{"type": "run", "person": str(bob.id), "command": "/weather"}]}
    [asked, card] = message.layout["cards"]
    assert (asked, card["parts"][0]["text"]) == (ran, "13 degrees")
    rev = message.rev
    assert answer_later(receiver, blocks("13 degrees") | replacing).content == b"ok"
    message.refresh_from_db()
    assert message.rev == rev
    answer_later(receiver, {"text": "dry"} | replacing)
    message.refresh_from_db()
    shown = {"parts": [{"type": "text", "text": "dry"}]}
    assert (message.text, message.layout["cards"]) == ("dry", [ran, shown])
    assert not message.mentions, "nobody is told of their own command"


def test_an_answer_for_one_has_the_cards_that_one_for_everybody_has(bob, crew, weather, receiver):
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "12 degrees"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_000}},
    ]
    receiver.says({"blocks": blocks, "attachments": [{"text": "dry", "color": "good"}]})
    run(bob, crew)
    [note] = notes.of_chat(bob.id, crew)
    [said, attached] = note.cards
    assert [type(part) for part in said.parts] == [bodies.CardHeader, bodies.CardText]
    assert attached == bodies.Card(parts=[bodies.CardText(text="dry")], color="#2eb886")
    assert note.text.startswith("**12 degrees**\nxxx")
    # Each snapshot has them: what is too much is left out there, and stays in the text.
    many = {"blocks": [blocks[1]] * 20, "replace_original": True}
    assert answer_later(receiver, many).content == b"ok"
    [note] = notes.of_chat(bob.id, crew)
    assert len(msgspec.json.encode(note.cards)) <= MAX_CARD_BYTES + 100
    assert note.cards[0].parts[-1] == bodies.CardContext(text="…")
    assert answer_later(receiver, {"text": "dry", "replace_original": True}).content == b"ok"
    [note] = notes.of_chat(bob.id, crew)
    assert (note.text, note.cards) == ("dry", [])
    # A later release may have written kinds of cards that this one does not know.
    CommandNote.objects.update(cards=[{"parts": [{"type": "table"}]}])
    [note] = notes.of_chat(bob.id, crew)
    assert (note.text, note.cards) == ("dry", [])


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


def test_a_bot_that_was_removed_stays_out(alice, bob, crew, weather, receiver):
    groups.remove_member(alice.id, crew, person=weather.bot_id)
    receiver.says({"response_type": "in_channel", "text": "12 degrees"})
    run(bob, crew)
    assert written(crew) == []
    assert notes_of(bob) == ["The answer of `/weather` could not be written into the chat."]


def test_a_command_of_all_groups_brings_its_bot(alice, bob, crew, receiver):
    shared = actions.make_for_all(alice.id, name="ask", url=receiver.origin)
    assert not Member.objects.filter(chat_id=crew, user_id=shared.bot_id).exists()
    receiver.says({"response_type": "in_channel", "text": "yes"})
    run(bob, crew, "/ask it")
    assert written(crew) == [(shared.bot_id, "yes")]


def test_nobody_reads_by_the_bot_of_a_command_of_all_groups(alice, receiver):
    shared = actions.make_for_all(alice.id, name="ask", url=receiver.origin)
    assert of_owner(alice.id) == []
    with pytest.raises(NotFound):
        bots.make_token(alice.id, shared.bot_id, name="x", scopes=["chats:read"])
    actions.delete_row(shared, by=alice.id)
    assert Deletion.objects.filter(user_id=shared.bot_id).exists()
    assert of_owner(alice.id) == []


def test_a_command_of_the_group_wins_over_that_of_all(alice, bob, crew, weather, receiver):
    actions.make_for_all(alice.id, name="weather", url=f"{receiver.origin}/of-all")
    assert run(bob, crew).command_id == weather.id
    [listed] = [each for each in commands.of_chat(bob.id, crew) if each.name == "weather"]
    assert (listed.hint, listed.source) == ("city", "chat")


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


def test_an_administrator_switches_them_off(bob, crew, weather, settings):
    settings.EXTERNAL_COMMANDS = False
    with pytest.raises(UnknownCommand):
        run(bob, crew)
    assert "weather" not in [each.name for each in commands.of_chat(bob.id, crew)]


def test_what_began_before_that_goes_to_no_server_and_takes_no_answer(
    bob, crew, weather, receiver, settings
):
    run(bob, crew)
    run_command(bob.id, crew, client_id=uuid4(), text="/weather again")
    settings.EXTERNAL_COMMANDS = False
    assert calls.post_due() == 1
    assert len(receiver.requests) == 1
    assert notes_of(bob) == ["`/weather` could not be reached. Nothing was done."]
    assert answer_later(receiver, {"text": "late"}).content == b"expired_url"


def test_without_its_owner_a_command_is_not_there(alice, bob, crew, weather):
    weather.bot.bot_owner.is_active = False
    weather.bot.bot_owner.save()
    with pytest.raises(UnknownCommand):
        run(bob, crew)


def test_a_command_of_a_group_rests_without_its_maker(alice, bob, crew, weather, receiver):
    groups.change_role(alice.id, crew, person=bob.id, role=Role.OWNER)
    shared = actions.make_for_all(alice.id, name="ask", url=receiver.origin)
    receiver.says({"response_type": "in_channel", "text": "yes"})
    run(bob, crew, "/ask it")
    sent = len(receiver.requests)
    groups.leave_group(alice.id, crew)
    with pytest.raises(UnknownCommand):
        run(bob, crew)
    run(bob, crew, "/ask again")
    assert written(crew) == [(shared.bot_id, "yes"), (shared.bot_id, "yes")]
    assert len(receiver.requests) == sent + 1
    assert [each.name for each in external_commands.of_chat(bob.id, crew)] == ["weather"]
    # With its maker, it is back, and its bot as soon as it has something to say.
    link = invite_links.create_link(bob.id, crew, lifetime=timedelta(days=1), most_uses=None)
    invite_links.join_by_link(alice.id, secret_of(link.id))
    run(bob, crew)
    assert written(crew)[2:] == [(weather.bot_id, "yes")]


def test_an_answer_for_everybody_is_a_message_of_a_slowed_person(bob, crew, weather, receiver):
    until = timezone.now() + timedelta(days=1)
    slowdowns.begin(bob.id, interval_s=60, until=until, reason="Spam")
    receiver.says({"response_type": "in_channel", "text": "12 degrees"})
    run(bob, crew)
    run(bob, crew)
    answer_later(receiver, {"response_type": "in_channel", "text": "13 degrees"})
    assert written(crew) == [(weather.bot_id, "12 degrees")]
    send = validated_send(sender=bob.id, chat=crew, client_id=uuid4(), text="me, too")
    assert isinstance(send_batch([send])[0], Slowed)
    Slowdown.objects.update(sent_at=timezone.now() - timedelta(minutes=2))
    answer_later(receiver, {"response_type": "in_channel", "text": "14 degrees"})
    assert [text for _, text in written(crew)] == ["12 degrees", "14 degrees"]


def test_the_links_of_an_answer_count_for_a_new_account(alice, crew, weather, receiver, settings):
    settings.NEWCOMER_HOURS = 24
    nina = register("nina", password=PASSWORD)
    in_touch(alice, nina)
    groups.add_members(alice.id, crew, [nina.id])
    link = {"response_type": "in_channel", "text": "<https://example.org/>"}
    receiver.says(link)
    limits.check(NEWCOMER_LINK_MESSAGES, nina.id, uses=NEWCOMER_LINK_MESSAGES.amount - 1)
    for _ in range(2):
        run(nina, crew)
    assert len(written(crew)) == 1
    receiver.says({"response_type": "in_channel", "text": "dry"})
    run(nina, crew)
    answer_later(receiver, link | {"replace_original": True})
    assert written(crew)[-1] == (weather.bot_id, "dry")


def test_an_outsider_runs_and_manages_nothing(bob, charlie, crew, weather, receiver):
    with pytest.raises(NotFound):
        run(charlie, crew)
    for user, refusal in ((charlie, NotFound), (bob, Forbidden)):
        for attempt in (
            lambda me: actions.make(me, crew, name="mine", url=receiver.origin),
            lambda me: actions.change(me, crew, weather.id, hint="x"),
            lambda me: actions.replace_secret(me, crew, weather.id),
            lambda me: actions.try_out(me, crew, weather.id),
            lambda me: actions.delete(me, crew, weather.id),
        ):
            with pytest.raises(refusal):
                attempt(user.id)
    assert receiver.requests == []
    weather.refresh_from_db()
    assert weather.hint == "city"
    run(bob, crew)
    assert len(receiver.requests) == 1


def test_old_runs_are_deleted(bob, crew, weather, receiver):
    run(bob, crew)
    calls.delete_old()
    assert CommandCall.objects.count() == 1
    run_command(bob.id, crew, client_id=uuid4(), text="/weather that is never done")
    CommandCall.objects.update(made_at=timezone.now() - timedelta(days=2))
    calls.delete_old()
    assert CommandCall.objects.count() == 0
