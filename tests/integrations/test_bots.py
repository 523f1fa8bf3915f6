"""Bots: making them, their tokens, what they do in chats, and how that ends."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import accounts, deletions
from apps.accounts.actions.erasing import erase_due
from apps.accounts.models import Export, Session, User
from apps.accounts.queries.sessions import valid_sessions
from apps.accounts.scopes import SCOPES
from apps.chats.actions import groups, membership
from apps.chats.models import Message
from apps.core.errors import Full, Invalid, NotFound
from apps.integrations.actions import bots as actions
from apps.integrations.queries import bots
from apps.integrations.queries.data_export import sections
from apps.wire.publish import EndSessions
from tests.chats.factories import write
from tests.integrations.programs import program
from tests.support.apps import app_of, post
from tests.support.people import signed_in

ALL = ("chats:read", "messages:write")


def status_with(app, token):
    """The status of a request with another token than the app's."""
    return app.request("GET", "me", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_person_makes_a_bot_and_a_token_which_is_shown_once(alice):
    client = signed_in(alice)
    made = client.post(
        "/api/v1/bots",
        {"username": "robot", "name": "Robot", "about": "Says when builds fail"},
        content_type="application/json",
    )
    assert made.status_code == 201
    bot = made.json()["person"]
    assert bot["bot"] is True
    asked = {"name": "Builds", "scopes": ["messages:write", "chats:read"]}
    token = client.post(
        f"/api/v1/bots/{bot['id']}/tokens", asked, content_type="application/json"
    ).json()
    assert token["token"].startswith("parley_bot_")
    listed = client.get("/api/v1/bots")
    [one] = listed.json()["items"]
    assert token["token"] not in listed.content.decode()
    [kept] = one["tokens"]
    assert (kept["id"], kept["name"]) == (token["id"], "Builds")
    assert kept["scopes"] == ["chats:read", "messages:write"]
    assert kept["used_at"] is kept["expires_at"] is None
    assert token["token"] not in str(Session.objects.filter(user_id=bot["id"]).values())


def test_a_bot_reads_where_it_was_added_and_nowhere_else(alice, bob, crew, robot):
    app = program(alice.id, robot, *ALL)
    assert app.request("GET", f"chats/{crew}/messages").status_code == 404
    groups.add_members(alice.id, crew, [robot])
    assert app.request("GET", f"chats/{crew}/messages").status_code == 200
    members = signed_in(bob).get(f"/api/v1/chats/{crew}/members").json()["items"]
    assert {each["person"]["name"]: each["person"]["bot"] for each in members} == {
        "Alice Ärmel": False,
        "Bob": False,
        "Robot": True,
    }
    groups.remove_member(alice.id, crew, person=robot)
    assert app.request("GET", f"chats/{crew}/messages").status_code == 404


@pytest.mark.parametrize("is_removed", [True, False])
def test_a_bot_leaves_a_group_with_its_owner(alice, bob, crew, robot, is_removed, captured_events):
    spy = actions.make(bob.id, username="spy", name="Spy")
    groups.add_members(bob.id, crew, [spy])
    groups.add_members(alice.id, crew, [robot])
    app = program(bob.id, spy, *ALL)
    assert app.request("GET", f"chats/{crew}/messages").status_code == 200
    actor = alice if is_removed else bob
    with captured_events() as events:
        groups.remove_member(actor.id, crew, person=bob.id)
    assert app.request("GET", f"chats/{crew}/messages").status_code == 404
    assert membership.present_members(crew).filter(user_id=robot).exists()
    told = {each.to for each in events if each.stream == "person"}
    assert {spy, bob.id} <= told
    rows = Message.objects.filter(chat_id=crew, about=spy, kind="removed")
    assert list(rows.values_list("sender_id", flat=True)) == [actor.id]
    if is_removed:
        groups.add_members(alice.id, crew, [bob.id])
    assert app.request("GET", f"chats/{crew}/messages").status_code == 404


def test_a_bot_is_a_contact_of_its_owner_alone(alice, bob, robot):
    found = signed_in(alice).get(f"/api/v1/people/{robot}").json()
    assert (found["state"], found["person"]["bot"]) == ("contact", True)
    assert signed_in(bob).get(f"/api/v1/people/{robot}").json()["state"] == "none"


def test_nobody_signs_in_as_a_bot_with_a_password(alice, robot):
    for password in ("", "!", "correct horse battery"):
        answer = post("tokens", {"username": "robot", "password": password, "device_name": "x"})
        assert answer.status_code in (400, 401)


def test_a_token_is_refused_when_it_is_revoked_expired_or_altered(alice, robot, monkeypatch):
    revoked, kept = program(alice.id, robot, *ALL), program(alice.id, robot, *ALL)
    assert revoked.status == kept.status == 200
    answer = signed_in(alice).delete(f"/api/v1/bots/{robot}/tokens/{revoked.device}")
    assert answer.status_code == 204
    assert (revoked.status, kept.status) == (401, 200)
    altered = kept.access[:-1] + ("A" if kept.access[-1] != "A" else "B")
    assert (
        kept.request("GET", "me", headers={"Authorization": f"Bearer {altered}"}).status_code == 401
    )
    Session.objects.filter(device_id=kept.device).update(expire_date=timezone.now())
    assert kept.status == 401


@pytest.mark.parametrize("rest", ["", "zz", "0" * 32 + "_x", "a" * 9000])
def test_what_is_no_token_of_a_bot_is_refused(alice, rest):
    assert status_with(app_of(alice), f"parley_bot_{rest}") == 401


def test_the_session_of_a_person_is_no_token_of_a_bot(alice):
    """A device has no digest that a made-up token could match."""
    app = app_of(alice)
    made_up = f"parley_bot_{app.device.hex}_{'a' * 43}"
    assert (
        app.request("GET", "me", headers={"Authorization": f"Bearer {made_up}"}).status_code == 401
    )


@pytest.mark.parametrize("scopes", [[], ["everything"], ["chats:read", "admin"]])
def test_a_token_needs_known_scopes(alice, robot, scopes):
    with pytest.raises(Invalid) as refused:
        actions.make_token(alice.id, robot, name="x", scopes=scopes)
    assert refused.value.pointer == "#/scopes"


def test_a_token_cannot_end_in_the_past(alice, robot):
    with pytest.raises(Invalid) as refused:
        program(alice.id, robot, *ALL, expires_at=timezone.now() - timedelta(seconds=1))
    assert refused.value.pointer == "#/expires_at"


def test_a_time_needs_a_zone_and_may_be_any_that_can_be_written(alice, robot):
    def made(time):
        body = {"name": "x", "scopes": [*ALL], "expires_at": time}
        path = f"/api/v1/bots/{robot}/tokens"
        return signed_in(alice).post(path, body, content_type="application/json")

    assert made("2999-01-01T00:00:00").status_code == 400
    assert made("9999-12-31T23:59:59-12:00").status_code == 201
    [token] = bots.get(alice.id, robot).tokens
    assert token.expires_at is None


def test_a_token_opens_no_export(alice, robot):
    now = timezone.now()
    export = Export.objects.create(user_id=robot, state="ready", asked_at=now, expires_at=now)
    bot = program(alice.id, robot, *SCOPES)
    headers = {"Authorization": f"Bearer {bot.access}"}
    response = Client().get(f"/settings/data/{export.id}/file", headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "insufficient_scope")


def test_the_numbers_of_bots_and_tokens_have_limits(alice, robot, monkeypatch):
    monkeypatch.setattr(actions, "MAX_BOTS", 1)
    with pytest.raises(Full):
        actions.make(alice.id, username="another")
    monkeypatch.setattr(actions.bot_tokens, "MAX_TOKENS", 1)
    program(alice.id, robot, *ALL)
    with pytest.raises(Full):
        program(alice.id, robot, *ALL)


def test_an_outsider_reaches_no_bot_of_others(alice, charlie, robot):
    token = program(alice.id, robot, *ALL).device
    for attempt in (
        lambda: actions.change(charlie.id, robot, name="Mine", about=""),
        lambda: actions.delete(charlie.id, robot),
        lambda: actions.make_token(charlie.id, robot, name="x", scopes=ALL),
        lambda: actions.revoke_token(charlie.id, robot, token),
        lambda: actions.revoke_token(alice.id, robot, uuid4()),
        # A person is no bot, not even one's own.
        lambda: actions.make_token(alice.id, alice.id, name="x", scopes=ALL),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert bots.of_owner(charlie.id) == []


def test_a_bot_makes_no_bots(alice, robot):
    with pytest.raises(NotFound):
        actions.make(robot, username="child")


def test_a_bot_rests_while_the_account_of_its_owner_is_closed(alice, robot, captured_events):
    app = program(alice.id, robot, *ALL)
    key = Session.objects.get(device_id=app.device).session_key
    with captured_events() as events:
        accounts.deactivate(alice.id)
    assert robot in [each.to for each in events if isinstance(each.effect, EndSessions)]
    assert app.status == 401
    assert valid_sessions([(robot, key)]) == set()
    accounts.activate(alice.id)
    assert app.status == 200


def test_a_deleted_bot_is_a_former_member(alice, crew, robot):
    groups.add_members(alice.id, crew, [robot])
    app = program(alice.id, robot, *ALL)
    write(User.objects.get(id=robot), crew, "I was here.")
    actions.delete(alice.id, robot)
    assert app.status == 401
    erase_due(robot)
    assert bots.of_owner(alice.id) == []
    assert User.objects.get(id=robot).erased_at is not None
    items = signed_in(alice).get(f"/api/v1/chats/{crew}/messages").json()["items"]
    assert "I was here." in [each["text"] for each in items]
    with pytest.raises(NotFound):
        actions.delete(alice.id, robot)


def test_the_bots_of_a_deleted_account_are_deleted(alice, robot):
    deletions.start(alice.id, at_once=True)
    erase_due(alice.id)
    erase_due(robot)
    assert User.objects.get(id=robot).erased_at is not None


def test_an_export_has_bots_without_secrets(alice, robot):
    app = program(alice.id, robot, *ALL)
    written = {name: list(rows) for name, rows in sections(alice.id).items()}
    assert [each["username"] for each in written["bots"]] == ["robot"]
    assert [each["device_id"] for each in written["bot_tokens"]] == [app.device]
    assert app.access not in str(written)
