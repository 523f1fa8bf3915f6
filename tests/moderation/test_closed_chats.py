"""Groups that moderators close: what every action does there, and reopening."""

from io import StringIO
from itertools import product

import pytest
from django.core.management import call_command
from django.urls import reverse

from apps.chats.actions import groups, hiding, invite_links, scheduled
from apps.chats.actions.messages import send_batch
from apps.chats.models import Chat, Member, Scheduled
from apps.chats.models.member import Role
from apps.chats.queries import changes, chat_list, gaps
from apps.core.errors import ChatClosed, Forbidden, Invalid, NotFound, NotPossible, Refused
from apps.core.identifiers import new_id
from apps.moderation.actions import chats, people
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.reports import Reported, create_report
from apps.moderation.models import AuditRecord
from apps.moderation.queries.moderators import NoModerator
from apps.wire.events import TitleChanged
from tests.chats.factories import a_send, write
from tests.chats.test_lock_order import in_order, order_of_locks
from tests.moderation.test_chats import ROLES, link_to
from tests.moderation.test_entries import OPERATOR, put, somebody
from tests.moderation.test_measures import JSON, soon
from tests.support.ended_access import OF_GROUPS, OWN_IN_A_CHAT, REMOVING_OWN, SEEN, World
from tests.support.people import in_touch, person, signed_in
from tests.support.shared_people import alice, bob, crew, shared_people

__all__ = ["alice", "bob", "crew", "shared_people"]

API = "/api/v1/moderation/chats"
# Of the changes that others see, these stay possible; all others are refused.
POSSIBLE = {"receipts.move_positions", "groups.leave_group"}
# These, too: they are asked for ids that do not exist.
ENDING = {"external_commands.delete": NotFound, "incoming.delete": NotFound}
POSSIBLE |= ENDING.keys()
# A message that is held would be seen later.
HELD = {"holding.hold": OWN_IN_A_CHAT["holding.hold"]}


@pytest.fixture
def world(crew, alice, bob):
    """Alice owns the group; a third person could be added, or come by a link."""
    third = person("third")
    in_touch(alice, third)
    mine, theirs = write(alice, crew, "Mine").seq, write(bob, crew, "Theirs").seq
    REACTED["reactions.add_reaction"](World(alice, bob, crew, mine, theirs, new_id()))
    return World(alice, bob, crew, mine, theirs, new_id(), link_to(crew, alice), third)


REACTED = {"reactions.add_reaction": SEEN["reactions.add_reaction"]}


def close(chat, reason="Only spam here", by=OPERATOR):
    chats.close_chat(by, chat, reason=reason)


def refusal(attempt):
    try:
        attempt()
    except Refused as error:
        return type(error)
    return None


@pytest.mark.parametrize("name", [*SEEN, *OF_GROUPS, *REMOVING_OWN, *OWN_IN_A_CHAT])
def test_what_each_action_does_in_a_closed_group(world, name):
    attempts = {**SEEN, **OF_GROUPS, **REMOVING_OWN, **OWN_IN_A_CHAT}
    is_refused = name in {**SEEN, **OF_GROUPS, **HELD} and name not in POSSIBLE
    close(world.chat)
    before = Chat.objects.values_list("last_seq", flat=True).get(id=world.chat)
    found = refusal(lambda: attempts[name](world))
    if name == "groups.add_members":
        world = world._replace(other=world.third)
        found = refusal(lambda: attempts[name](world))
    assert found is (ChatClosed if is_refused else ENDING.get(name))
    if is_refused:
        assert Chat.objects.values_list("last_seq", flat=True).get(id=world.chat) == before


def test_nobody_joins_by_a_link_until_it_is_open_again(world):
    close(world.chat)
    with pytest.raises(ChatClosed):
        invite_links.join_by_link(world.third.id, world.secret)
    chats.reopen_chat(OPERATOR, world.chat)
    assert invite_links.join_by_link(world.third.id, world.secret) == world.chat


def test_members_are_told_at_once_and_after_an_absence(crew, bob, captured_events):
    rev = Chat.objects.get(id=crew).rev
    with captured_events() as events:
        close(crew)
    [told] = [item for item in events if isinstance(item.event, TitleChanged)]
    assert (told.to, told.event.closed_reason) == (crew, "Only spam here")
    [missed] = changes.since({crew: rev})[crew].publications
    assert missed.event == told.event
    assert gaps.gap(bob.id, crew).closed_reason == "Only spam here"
    [listed] = chat_list.by_ids(bob.id, [crew])
    assert listed.closed_reason == "Only spam here"
    with captured_events() as events:
        chats.reopen_chat(OPERATOR, crew)
    [told] = [item for item in events if isinstance(item.event, TitleChanged)]
    assert told.event.closed_reason == ""
    write(bob, crew, "Back again")


def test_a_repeated_send_returns_the_message_that_was_sent_before(crew, bob):
    send = a_send(bob, crew)
    [first] = send_batch([send])
    close(crew)
    [again] = send_batch([send])
    assert (again.repeated, again.seq) == (True, first.seq)


def test_a_scheduled_message_fails_and_is_kept(crew, bob):
    row = scheduled.schedule(bob.id, crew, client_id=new_id(), text="Later", due_at=soon())
    close(crew)
    Scheduled.objects.update(due_at=soon(seconds=-1))
    scheduled.send_due()
    row.refresh_from_db()
    assert (row.state, row.reason, row.text) == (Scheduled.State.FAILED, "chat_closed", "Later")


def test_the_last_owner_can_leave_and_has_a_successor(crew, alice, bob):
    close(crew)
    groups.leave_group(alice.id, crew)
    assert Member.objects.get(chat=crew, user=bob).role == Role.OWNER


def test_moderators_and_closed_accounts_still_act(world):
    close(world.chat)
    hiding.hide_message(world.chat, world.theirs)
    hiding.restore_message(world.chat, world.theirs)
    people.suspend(OPERATOR, world.me.id, until=None, reason="Spam")
    assert Member.objects.get(chat=world.chat, user=world.other).role == Role.OWNER
    chats.remove_member(OPERATOR, world.chat, world.other.id, reason="Spam")


def test_what_cannot_be_closed_or_reopened(chat, crew):
    with pytest.raises(NotPossible):
        close(chat)
    with pytest.raises(NotFound):
        close(new_id())
    with pytest.raises(Invalid):
        close(crew, reason=" ")
    with pytest.raises(NotPossible):
        chats.reopen_chat(OPERATOR, crew)
    close(crew)
    with pytest.raises(NotPossible):
        close(crew)
    assert AuditRecord.objects.count() == 1


@pytest.mark.parametrize(("role", "reported"), [*product(ROLES, [True, False])])
def test_each_role_acts_only_where_it_may(crew, alice, role, reported):
    acting = None if role == "operator" else put(somebody(role, "actor"), crew)
    if reported:
        create_report(alice.id, Reported(kind="chat", reason="spam", chat=crew))
    who = OPERATOR if acting is None else By(acting.id, Door.API)
    expected = NotFound if role == "moderator" and not reported else None
    if role in ("member", "staff"):
        expected = NoModerator
    for action in (lambda: close(crew, by=who), lambda: chats.reopen_chat(who, crew)):
        before = AuditRecord.objects.count()
        found = None
        try:
            action()
        except (Forbidden, NotFound) as error:
            found = type(error)
        except NotPossible:
            raise AssertionError("it was not closed before") from None
        assert found is expected
        assert AuditRecord.objects.count() - before == (expected is None)


def test_the_locks_are_in_the_documented_order(crew):
    for action in (lambda: close(crew), lambda: chats.reopen_chat(OPERATOR, crew)):
        with order_of_locks() as tables:
            action()
        assert in_order(tables), tables


def test_every_door(crew, alice, moderator):
    report = create_report(alice.id, Reported(kind="chat", reason="spam", chat=crew)).report
    client, address = signed_in(moderator), f"{API}/{crew}/closure"
    assert client.put(address, {"reason": "Spam"}, content_type=JSON).status_code == 204
    assert client.delete(address).status_code == 204
    assert client.delete(address).status_code == 409
    at = reverse("admin:moderation_report_change", args=[report.id])
    form = {"reason": "Spam", "until": ""}
    page = client.post(at, {**form, "_close": "1"}, follow=True).content.decode()
    assert "The group is closed." in page
    page = client.post(at, {**form, "_reopen": "1"}, follow=True).content.decode()
    assert "The group is open again." in page
    for what in ("close-chat", "reopen-chat"):
        call_command("moderate", what, str(crew), "--reason", "Spam", stdout=StringIO())
    rows = AuditRecord.objects.exclude(action="view_evidence").order_by("number")
    names = ("close_chat", "reopen_chat")
    assert [*rows.values_list("action", "door")] == [
        (name, door) for door in ("api", "admin", "command") for name in names
    ]
