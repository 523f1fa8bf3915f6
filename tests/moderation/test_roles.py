"""Every action of moderators, by everybody, at every door."""

import json
from collections.abc import Callable
from copy import copy
from datetime import timedelta
from io import StringIO
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.chats.actions import groups, invite_links
from apps.chats.models import Chat, InviteLink
from apps.core.identifiers import new_id
from apps.files.models import File
from apps.moderation.actions import appeals, chats, entries, people
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.reports import Reported, create_report
from apps.moderation.models import AuditRecord
from tests.chats.factories import write
from tests.moderation.conftest import moderator_named
from tests.moderation.test_entries import OPERATOR, put
from tests.support.people import in_touch, person, signed_in
from tests.support.uploads import stored_picture

WHY = "They were asked to stop"
IN_2099 = "2099-01-01T12:00:00Z"
PERSON, CHAT = "people/{person}", "chats/{chat}"
MESSAGE = "chats/{chat}/messages/{seq}"
SUSPENSIONS, CHAT_PAGE = "suspensions", "chat page"
LINK = UUID("01930000-0000-7000-8000-000000000001")


class World(NamedTuple):
    """Alice's group, in which Bob (the target) has written a message that Charlie reported."""

    chat: UUID
    seq: int
    person: User
    report: UUID

    @property
    def names(self) -> dict[str, Any]:
        return {"chat": self.chat, "seq": self.seq, "person": self.person.id}


class Action(NamedTuple):
    """A request of the API, the button of the page of a report (or an action of the list of
    suspensions), and the arguments of `manage.py moderate`. `before` makes it possible."""

    api: tuple[str, str]
    button: str
    command: tuple[str, ...]
    more: dict[str, Any] = {}
    before: Callable[[By, World], object] = lambda by, world: None


def suspend(by: By, world: World) -> None:
    people.suspend(by, world.person.id, until=timezone.now() + timedelta(days=1), reason=WHY)


def suspend_and_answer(by: By, world: World) -> None:
    suspend(by, world)
    appeals.appeal(world.person.id, "I will")


def slow_down(by: By, world: World) -> None:
    until = timezone.now() + timedelta(days=1)
    people.slow_down(by, world.person.id, interval_s=60, until=until, reason=WHY)


def on_message(verb: str) -> Action:
    return Action(("post", f"{MESSAGE}/{verb}"), f"_{verb}", (verb, "{chat}", "{seq}"))


SLOW = {"interval_s": 60, "until": IN_2099}
ACTIONS = {
    "hide": on_message("hide"),
    "restore": on_message("restore")._replace(
        before=lambda by, world: entries.hide(by, world.chat, world.seq, reason=WHY)
    ),
    "delete": on_message("delete"),
    "warn": Action(("post", f"{PERSON}/warnings"), "_warn", ("warn", "bob")),
    "slow_down": Action(
        ("put", f"{PERSON}/slowdown"),
        "_slow",
        ("slow-down", "bob", "--every", "60", "--until", IN_2099),
        SLOW,
    ),
    "end_slowdown": Action(
        ("delete", f"{PERSON}/slowdown"), "_end_slowdown", ("end-slowdown", "bob"), {}, slow_down
    ),
    "suspend": Action(
        ("put", f"{PERSON}/suspension"),
        "_suspend",
        ("suspend", "bob", "--days", "3"),
        {"until": IN_2099},
    ),
    "ban": Action(("put", f"{PERSON}/suspension"), "_ban", ("ban", "bob")),
    "lift": Action(("post", f"{PERSON}/suspension/lift"), "_lift", ("lift", "bob"), {}, suspend),
    "keep_suspension": Action(
        ("post", f"{PERSON}/suspension/keep"), SUSPENSIONS, ("keep", "bob"), {}, suspend_and_answer
    ),
    "remove_member": Action(
        ("post", f"{CHAT}/members/{{person}}/remove"), "_remove", ("remove", "{chat}", "bob")
    ),
    "revoke_links": Action(
        ("post", f"{CHAT}/links/revoke"), "_revoke_links", ("revoke-links", "{chat}")
    ),
    "close_chat": Action(("put", f"{CHAT}/closure"), "_close", ("close-chat", "{chat}")),
    "reopen_chat": Action(
        ("delete", f"{CHAT}/closure"),
        "_reopen",
        ("reopen-chat", "{chat}"),
        {},
        lambda by, world: chats.close_chat(by, world.chat, reason=WHY),
    ),
}


def reset(what: str, of: str, command: str, before: Callable[[By, World], object]) -> Action:
    """`of`: PERSON or CHAT."""
    button = "_" + command.replace("-", "_")
    name = "bob" if of == PERSON else "{chat}"
    return Action(("post", f"{of}/reset"), button, (command, name), {"what": what}, before)


def has(**fields: object) -> Callable[[By, World], object]:
    """Bob has these."""
    return lambda by, world: User.objects.filter(id=world.person.id).update(**fields)


def with_link(by: By, world: World) -> None:
    """The group has one link, with a known id."""
    InviteLink.objects.filter(id=LINK).delete()
    alice = User.objects.get(username="alice")
    made = invite_links.create_link(alice.id, world.chat, lifetime=timedelta(days=1), most_uses=1)
    InviteLink.objects.filter(id=made.id).update(id=LINK)


def shown_picture(user: User) -> UUID:
    """A picture that one thing shows."""
    picture = stored_picture(user, new_id().bytes)
    File.objects.filter(id=picture).update(uses=1)
    return picture


def with_picture(by: By, world: World) -> None:
    Chat.objects.filter(id=world.chat).update(picture=shown_picture(world.person))


def with_title(by: By, world: World) -> None:
    Chat.objects.filter(id=world.chat).update(title="You fools")


def with_own_picture(by: By, world: World) -> None:
    has(picture=shown_picture(world.person))(by, world)


ACTIONS |= {
    "reset_name": reset("name", PERSON, "reset-name", has(name="You fools")),
    "reset_about": reset("about", PERSON, "reset-about", has(about="You fools")),
    "reset_picture": reset("picture", PERSON, "reset-picture", with_own_picture),
    "revoke_link": Action(
        ("post", f"{CHAT}/links/{LINK}/revoke"),
        CHAT_PAGE,
        ("revoke-link", "{chat}", str(LINK)),
        {},
        with_link,
    ),
    "reset_title": reset("title", CHAT, "reset-title", with_title),
    "reset_group_picture": reset("picture", CHAT, "reset-group-picture", with_picture),
}
# Of the group, so that it does not matter who wrote the message.
OF_GROUPS = {
    "revoke_link",
    "revoke_links",
    "close_chat",
    "reopen_chat",
    "reset_title",
    "reset_group_picture",
}
ROLES = ("outsider", "member", "owner", "moderator", "moderator of staff", "administrator")


pytestmark = pytest.mark.usefixtures("files_storage")


def build() -> World:
    alice, bob, charlie = map(person, ("alice", "bob", "charlie"))
    for each in (bob, charlie):
        in_touch(alice, each)
    chat = groups.create_group(alice.id, "Crew", [bob.id, charlie.id])
    return reported(chat, bob, charlie)


@pytest.fixture(scope="module")
def _shared_world(shared_rows):
    return shared_rows(build)


@pytest.fixture
def world(_shared_world, db):
    return _shared_world._replace(person=copy(_shared_world.person))


def acting(role: str, world: World) -> User:
    match role:
        case "outsider":
            return person("oscar")
        case "member":
            return put(person("mike"), world.chat)
        case "owner":
            return User.objects.get(username="alice")
        case "administrator":
            return person("root", is_staff=True, is_superuser=True)
    return moderator_named("mona")


def by_api(user: User, action: Action, world: World) -> int:
    verb, path = action.api
    client = signed_in(user)
    request = {"data": {"reason": WHY, **action.more}, "content_type": "application/json"}
    asked = {} if verb == "delete" else request
    answer = getattr(client, verb)(f"/api/v1/moderation/{path.format(**world.names)}", **asked)
    return answer.status_code


def by_admin(user: User, action: Action, world: World) -> None:
    client = signed_in(user)
    if action.button == SUSPENSIONS:
        asked = {"action": "keep", "_selected_action": [world.person.id], "reason": WHY}
        client.post(reverse("admin:accounts_suspension_changelist"), asked)
        return
    if action.button == CHAT_PAGE:
        page = reverse("admin:moderation_moderatedchat_change", args=[world.chat])
        client.post(page, {"_revoke_link": str(LINK), "reason": WHY})
        return
    form = {"reason": WHY, "until": "", "_confirmed": "1", action.button: "1", **action.more}
    form["until"] = form["until"].removesuffix(":00Z")
    client.post(reverse("admin:moderation_report_change", args=[world.report]), form)


def records(name: str, door: str) -> int:
    return AuditRecord.objects.filter(action=name, door=door).count()


@pytest.mark.parametrize(("name", "role"), [*product(ACTIONS, ROLES)])
def test_each_role_at_the_api_and_the_admin(world, name, role):
    action = ACTIONS[name]
    if role == "moderator of staff":
        User.objects.filter(id=world.person.id).update(is_staff=True)
    # What an administrator set is theirs alone: see people/test_suspending.py.
    first = OPERATOR if role == "moderator of staff" else By(moderator_named("max").id, Door.ADMIN)
    user = acting(role, world)
    may = role in ("moderator", "administrator") or (
        role == "moderator of staff" and name in OF_GROUPS
    )
    for door in ("api", "admin"):
        if door == "api" or may:
            world = undone(name, world)
            action.before(first, world)
        before = records(name, door)
        if door == "api":
            status = by_api(user, action, world)
            assert (status < 300) if may else status == 403
        else:
            by_admin(user, action, world)
        assert records(name, door) - before == may, door


def reported(chat: UUID, writer: User, reporter: User) -> World:
    seq = write(writer, chat, "You fools").seq
    asked = Reported(kind="entry", reason="harassment", chat=chat, seq=seq)
    return World(chat, seq, writer, create_report(reporter.id, asked).report.id)


def undone(name: str, world: World) -> World:
    """Let the next door do what another one has done."""
    if name == "remove_member" and records(name, "api"):
        groups.add_members(User.objects.get(username="alice").id, world.chat, [world.person.id])
    if name == "hide" and records(name, "api"):
        entries.restore(OPERATOR, world.chat, world.seq, reason=WHY)
    if name == "close_chat" and records(name, "api"):
        chats.reopen_chat(OPERATOR, world.chat)
    if name == "delete" and records(name, "api"):
        return reported(world.chat, world.person, User.objects.get(username="charlie"))
    return world


@pytest.mark.parametrize("name", ACTIONS)
def test_an_operator_with_the_command_and_its_json(world, name):
    action = ACTIONS[name]
    action.before(OPERATOR, world)
    said, arguments = StringIO(), [each.format(**world.names) for each in action.command]
    call_command("moderate", "--json", *arguments, "--reason", WHY, stdout=said)
    assert isinstance(json.loads(said.getvalue()), dict)
    assert records(name, "command") == 1
