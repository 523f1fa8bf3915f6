"""Closing an account: what is cancelled, revoked or passed on, and stays so after reopening."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from apps.accounts import access_handlers
from apps.accounts.actions import accounts
from apps.chats.actions import groups, invite_links, scheduled
from apps.chats.actions.messages import Sent, send_batch
from apps.chats.models import Chat, InviteLink, Member, Message, Scheduled
from apps.chats.models.member import Role
from apps.chats.queries import changes
from apps.core.errors import NotFound, NotPossible
from apps.core.identifiers import new_id
from apps.notifications.models import Subscription
from tests.chats.factories import a_send, write
from tests.support.people import direct_chat, in_touch, person, session_of

# Apps below `accounts` that store nothing about people.
WITHOUT_PEOPLE = {"core", "wire"}


def role(who, chat):
    return Member.objects.get(chat=chat, user=who, left_rev=None).role


def a_link(who, chat):
    return invite_links.create_link(
        who.id, chat, lifetime=timedelta(hours=1), most_uses=None
    ).secret


def test_every_app_registers_how_access_to_it_ends():
    ours = {
        each.label for each in apps.get_app_configs() if each.name.startswith(("apps.", "plugins."))
    }
    assert access_handlers.registered_apps() == ours - WITHOUT_PEOPLE


def test_scheduled_messages_are_cancelled_and_never_sent(alice, bob, captured_events):
    chat = direct_chat(alice, bob)
    due = timezone.now() + timedelta(hours=1)
    rows = [
        scheduled.schedule(alice.id, chat, client_id=new_id(), text=text, due_at=due)
        for text in ("one", "two", "claimed by a worker")
    ]
    others = scheduled.schedule(bob.id, chat, client_id=new_id(), text="Bob's", due_at=due)
    Scheduled.objects.filter(id=rows[-1].id).update(claimed_at=timezone.now(), attempt=1)
    with captured_events() as events:
        accounts.deactivate(alice.id)
    told = [item.event.scheduled.state for item in events if item.event is not None]
    assert told == ["cancelled"] * 3
    Scheduled.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    scheduled.send_due()
    assert [*Message.objects.filter(chat_id=chat).values_list("text", flat=True)] == ["Bob's"]
    mine = Scheduled.objects.exclude(id=others.id)
    assert {*mine.values_list("state", "text")} == {("cancelled", "")}
    accounts.activate(alice.id)
    scheduled.send_due()
    assert Message.objects.filter(chat_id=chat).count() == 1


def test_a_send_of_a_closed_account_is_refused(alice, chat):
    """For example a scheduled message that a worker claimed before the account was closed."""
    write(alice, chat, "before")
    accounts.deactivate(alice.id)
    [answer] = send_batch([a_send(alice, chat)])
    assert isinstance(answer, NotFound)
    accounts.activate(alice.id)
    assert isinstance(send_batch([a_send(alice, chat)])[0], Sent)


def test_own_invite_links_are_revoked_and_others_are_not(crew, alice, bob, charlie):
    groups.change_role(alice.id, crew, person=bob.id, role=Role.OWNER)
    gone, stays = a_link(bob, crew), a_link(alice, crew)
    accounts.deactivate(bob.id)
    with pytest.raises(NotFound):
        invite_links.join_by_link(charlie.id, gone)
    assert invite_links.join_by_link(charlie.id, stays) == crew
    accounts.activate(bob.id)
    with pytest.raises(NotFound):
        invite_links.join_by_link(person("guest").id, gone)


@pytest.mark.parametrize(
    ("roles", "heir"),
    [
        ({"early": Role.MEMBER, "late": Role.MEMBER}, "early"),
        ({"early": Role.MEMBER, "admin": Role.ADMIN, "later": Role.ADMIN}, "admin"),
        ({"closed": Role.ADMIN, "late": Role.MEMBER}, "late"),
        ({"early": Role.ADMIN, "owner": Role.OWNER}, "owner"),
    ],
)
def test_ownership_passes_to_the_longest_standing_admin_or_member(
    alice, roles, heir, captured_events
):
    crew = groups.create_group(alice.id, "Crew", [])
    link = a_link(alice, crew)
    people = {}
    for number, (name, their_role) in enumerate(roles.items()):
        people[name] = person(name)
        invite_links.join_by_link(people[name].id, link)
        joined_at = timezone.now() + timedelta(minutes=number)
        Member.objects.filter(chat=crew, user=people[name]).update(joined_at=joined_at)
        if their_role != Role.MEMBER:
            groups.change_role(alice.id, crew, person=people[name].id, role=their_role)
    if "closed" in people:
        accounts.deactivate(people["closed"].id)
    start = Chat.objects.get(id=crew).rev
    with captured_events() as events:
        accounts.deactivate(alice.id)
    assert role(people[heir], crew) == Role.OWNER
    assert role(alice, crew) == Role.MEMBER
    # All members get the changes without a gap; the new owner's chat list changes, too.
    revs = [item.rev for item in events if item.to == crew]
    assert revs == [*range(start + 1, Chat.objects.get(id=crew).rev + 1)]
    assert changes.since({crew: start})[crew].rev == revs[-1]
    heard = {item.to for item in events}
    assert heard == {crew, alice.id} | (set() if heir == "owner" else {people[heir].id})
    accounts.activate(alice.id)
    assert role(alice, crew) == Role.MEMBER


def test_a_closed_account_does_not_count_as_another_owner(crew, alice, bob):
    accounts.deactivate(bob.id)
    with pytest.raises(NotPossible):
        groups.change_role(alice.id, crew, person=bob.id, role=Role.OWNER)
    # No other member has an open account, so Alice may leave.
    groups.leave_group(alice.id, crew)


def test_a_group_without_other_members_stays_with_its_owner(crew, alice, bob, charlie):
    link = a_link(alice, crew)
    groups.leave_group(bob.id, crew)
    accounts.deactivate(alice.id)
    with pytest.raises(NotFound):
        invite_links.join_by_link(charlie.id, link)
    accounts.activate(alice.id)
    assert role(alice, crew) == Role.OWNER
    assert not InviteLink.objects.filter(revoked_at=None).exists()


def test_push_subscriptions_are_deleted(alice, bob):
    for who in (alice, bob):
        Subscription.objects.create(
            user=who,
            session_id=session_of(who),
            endpoint=who.username,
            endpoint_hash=who.username,
            host="push.example",
            keys={},
        )
    accounts.deactivate(alice.id)
    assert [row.user_id for row in Subscription.objects.all()] == [bob.id]


def test_other_peoples_chats_links_and_scheduled_messages_are_unchanged(crew, alice, bob, charlie):
    """Charlie shares no chat with Bob; Alice owns a group that Bob is in."""
    theirs = groups.create_group(charlie.id, "Theirs", [])
    link = a_link(charlie, theirs)
    due = timezone.now() + timedelta(hours=1)
    scheduled.schedule(charlie.id, theirs, client_id=new_id(), text="later", due_at=due)
    before = [*Chat.objects.order_by("id").values()]
    accounts.deactivate(bob.id)
    assert [*Chat.objects.order_by("id").values()] == before
    assert invite_links.find_link(link).chat_id == theirs
    assert Scheduled.objects.get().state == Scheduled.State.WAITING
    assert role(alice, crew) == Role.OWNER


def test_ownership_of_several_groups_passes_in_one_transaction(alice, bob, captured_events):
    in_touch(alice, bob)
    crews = [groups.create_group(alice.id, f"Crew {n}", [bob.id]) for n in range(5)]
    with captured_events() as events:
        accounts.deactivate(alice.id)
    assert {role(bob, crew) for crew in crews} == {Role.OWNER}
    own = [item for item in events if item.to == bob.id]
    assert [item.rev for item in own] == [item.follows + 1 for item in own]
    assert {item.event.chat.id for item in own} == {*crews}
