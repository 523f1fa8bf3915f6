"""Groups: creating, adding and removing members, roles, and invite links."""

from datetime import timedelta
from importlib import import_module
from uuid import UUID

import pytest
from django.db import connection

from apps.accounts.models import User
from apps.chats.actions import edits, groups, invite_links
from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.invite_secrets import hash_of
from apps.chats.models import Chat, InviteLink, Member
from apps.chats.models.member import Role
from apps.chats.queries import changes, chat_list, history
from apps.chats.queries.invite_links import links_of, url
from apps.contacts.models import Contact
from apps.core import limits
from apps.core.errors import (
    Forbidden,
    Invalid,
    NotContacts,
    NotFound,
    NotPossible,
    RateLimited,
    Refused,
)
from apps.core.identifiers import new_id
from apps.wire import events
from apps.wire.publish import JoinChat, LeaveChat
from tests.support.events import Capture
from tests.support.people import in_touch, person, signed_in
from tests.support.statements import traffic


def say(who: User, chat: UUID, text: str = "hello") -> Sent | Refused:
    return send_batch([validated_send(sender=who.id, chat=chat, client_id=new_id(), text=text)])[0]


def join(chat: UUID, who: User, role: Role = Role.MEMBER) -> None:
    """Join by a link of the owner, then get the role."""
    owner = Member.objects.get(chat=chat, role=Role.OWNER, left_rev=None).user_id
    link = invite_links.create_link(owner, chat, lifetime=timedelta(hours=1), most_uses=None)
    invite_links.join_by_link(who.id, link.secret)
    if role != Role.MEMBER:
        groups.change_role(owner, chat, person=who.id, role=role)


def test_a_new_group_is_in_its_members_chat_lists_only(crew, alice, bob, charlie):
    assert [chat.id for chat in chat_list.page(alice.id, before=None, limit=50)] == [crew]
    [as_bob_sees_it] = chat_list.page(bob.id, before=None, limit=50)
    assert (as_bob_sees_it.title, as_bob_sees_it.role, as_bob_sees_it.members) == (
        "Crew",
        "member",
        2,
    )
    assert chat_list.page(charlie.id, before=None, limit=50) == []


def test_a_group_can_be_created_with_contacts_only(alice, bob, charlie):
    in_touch(alice, bob)
    with pytest.raises(NotContacts):
        groups.create_group(alice.id, "Crew", [bob.id, charlie.id])
    assert not Chat.objects.exists()


@pytest.mark.parametrize("title", ["", "   ", "\u200b\u3164", "x" * 121, "a\nb\x00"])
def test_a_title_is_one_line_of_up_to_120_characters(alice, title):
    with pytest.raises(Invalid):
        groups.create_group(alice.id, title, [])


def test_every_revision_of_a_group_is_published_once_and_stored(
    crew, alice, bob, charlie, captured_events
):
    start = Chat.objects.get(id=crew).rev
    in_touch(alice, charlie)
    with captured_events() as published:
        groups.add_members(alice.id, crew, [charlie.id, bob.id])
        groups.rename_group(alice.id, crew, "Night crew")
        groups.change_role(alice.id, crew, person=bob.id, role=Role.ADMIN)
        groups.remove_member(bob.id, crew, person=charlie.id)
    head = Chat.objects.get(id=crew).rev
    of_chat = [item for item in published if item.to == crew]
    assert [item.rev for item in of_chat] == list(range(start + 1, head + 1))
    assert all(item.follows == item.rev - 1 for item in of_chat)
    missed = changes.since({crew: 0})[crew]
    assert missed.rev == head
    assert missed.publications[-1].rev == head


def test_an_added_member_gets_the_chat_and_outsiders_get_nothing(
    crew, alice, charlie, dana, captured_events
):
    in_touch(alice, charlie)
    with captured_events() as published:
        groups.add_members(alice.id, crew, [charlie.id])
    assert {item.to for item in published} == {crew, charlie.id}
    [told] = [item for item in published if item.to == charlie.id]
    assert isinstance(told.event, events.ChatChanged)
    assert told.effect == JoinChat(chat=crew, rev=Chat.objects.get(id=crew).rev)
    assert told.event.chat.last_seq == told.event.chat.read_seq


def test_a_removal_ends_the_members_stream_at_its_revision(crew, alice, bob, captured_events):
    with captured_events() as published:
        groups.remove_member(alice.id, crew, person=bob.id)
    ending = [item for item in published if item.effect == LeaveChat(chat=crew, person=bob.id)]
    of_chat, of_person = sorted(ending, key=lambda item: item.stream)
    assert (of_chat.to, of_chat.rev) == (crew, Chat.objects.get(id=crew).rev)
    assert [item for item in published if item.to == bob.id] == [of_person]
    assert chat_list.page(bob.id, before=None, limit=50) == []
    assert isinstance(say(bob, crew), NotFound)


def test_a_returning_member_starts_with_everything_read(crew, alice, bob):
    set_chat_settings(bob.id, crew, ChatSettings(unread_from=1, pinned=True))
    groups.remove_member(alice.id, crew, person=bob.id)
    say(alice, crew)
    groups.add_members(alice.id, crew, [bob.id])
    [chat] = chat_list.page(bob.id, before=None, limit=50)
    assert chat.read_seq == chat.last_seq
    assert (chat.marked_unread, chat.unread_from, chat.pinned) == (False, None, True)
    assert Member.objects.get(chat_id=crew, user=bob).unread_from is None
    assert isinstance(say(bob, crew), Sent)


def test_people_who_left_can_return_by_a_link_only(crew, alice, bob, charlie):
    in_touch(alice, charlie)
    groups.leave_group(bob.id, crew)
    with pytest.raises(NotPossible, match="invite link"):
        groups.add_members(alice.id, crew, [charlie.id, bob.id])
    assert chat_list.heads(charlie.id) == {}
    join(crew, bob)
    assert isinstance(say(bob, crew), Sent)
    # Being removed afterwards does not count as leaving.
    groups.remove_member(alice.id, crew, person=bob.id)
    groups.add_members(alice.id, crew, [bob.id])
    groups.leave_group(bob.id, crew)
    with pytest.raises(NotPossible):
        groups.add_members(alice.id, crew, [bob.id])


def test_an_outsider_cannot_find_out_who_left(crew, alice, bob, charlie):
    in_touch(bob, charlie)
    groups.leave_group(bob.id, crew)
    with pytest.raises(NotFound):
        groups.add_members(charlie.id, crew, [bob.id])


def test_adding_the_same_person_to_groups_is_limited_per_day(alice, bob, charlie):
    for friend in (bob, charlie):
        in_touch(alice, friend)
    first = groups.create_group(alice.id, "First", [bob.id])
    used = limits.ADDED_BY_SAME_PERSON.amount - 1
    limits.check(limits.ADDED_BY_SAME_PERSON, f"{alice.id}:{bob.id}", uses=used)
    with pytest.raises(RateLimited):
        groups.create_group(alice.id, "Another", [charlie.id, bob.id])
    another = groups.create_group(alice.id, "Another", [charlie.id])
    with pytest.raises(RateLimited):
        groups.add_members(alice.id, another, [bob.id])
    assert [*chat_list.heads(bob.id)] == [first]
    in_touch(bob, charlie)
    groups.create_group(charlie.id, "Of another", [bob.id])


def test_added_people_are_counted_individually(alice, bob, charlie):
    for friend in (bob, charlie):
        in_touch(alice, friend)
    limits.check(limits.MEMBERS_ADDED, alice.id, uses=limits.MEMBERS_ADDED.amount - 1)
    with pytest.raises(RateLimited):
        groups.create_group(alice.id, "Both", [bob.id, charlie.id])
    groups.create_group(alice.id, "One", [bob.id])
    with pytest.raises(RateLimited):
        groups.create_group(alice.id, "One more", [charlie.id])


def test_the_number_of_usable_links_is_limited(crew, alice, bob, monkeypatch):
    def make(uses=None):
        return invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=uses)

    monkeypatch.setattr(invite_links, "MAX_LINKS", 2)
    first = make()
    make()
    with pytest.raises(NotPossible, match="Revoke one first"):
        make()
    invite_links.revoke_link(alice.id, crew, link_id=first.id)
    make()


RIGHTS = {
    # action: allowed for (owner, admin, member)
    "rename": (True, True, False),
    "add": (True, True, True),
    "remove a member": (True, True, False),
    "remove an admin": (True, False, False),
    "change a role": (True, False, False),
    "make a link": (True, True, False),
    "delete another's message": (True, True, False),
    "pin": (True, True, True),
    "mention all": (True, True, False),
}


@pytest.mark.parametrize("right", RIGHTS)
@pytest.mark.parametrize(("place", "role"), list(enumerate(Role)))
def test_each_role_has_the_rights_of_the_table(crew, alice, bob, charlie, dana, right, place, role):
    actor = alice if role == Role.OWNER else charlie
    if role != Role.OWNER:
        join(crew, charlie, role)
    join(crew, dana, Role.ADMIN if right == "remove an admin" else Role.MEMBER)
    guest = person("guest")
    in_touch(actor, guest)
    message = say(bob, crew)
    assert isinstance(message, Sent)
    attempts = {
        "rename": lambda: groups.rename_group(actor.id, crew, "Other"),
        "add": lambda: groups.add_members(actor.id, crew, [guest.id]),
        "remove a member": lambda: groups.remove_member(actor.id, crew, person=dana.id),
        "remove an admin": lambda: groups.remove_member(actor.id, crew, person=dana.id),
        "change a role": lambda: groups.change_role(actor.id, crew, person=bob.id, role=Role.ADMIN),
        "make a link": lambda: invite_links.create_link(
            actor.id, crew, lifetime=timedelta(hours=1), most_uses=1
        ),
        "delete another's message": lambda: edits.delete_message(actor.id, crew, seq=message.seq),
        "pin": lambda: edits.pin_message(actor.id, crew, seq=message.seq, pinned=True),
    }
    if right == "mention all":
        said = say(actor, crew, "look, @all")
        [entry] = [p.event.message for p in changes.since({crew: said.rev - 1})[crew].publications]
        assert entry.mentions_all == RIGHTS[right][place]
    elif RIGHTS[right][place]:
        attempts[right]()
    else:
        before = Chat.objects.get(id=crew).rev
        with pytest.raises(Forbidden):
            attempts[right]()
        assert Chat.objects.get(id=crew).rev == before


@pytest.mark.parametrize(
    "attempt",
    [
        lambda who, chat, bob: groups.rename_group(who, chat, "Mine"),
        lambda who, chat, bob: groups.add_members(who, chat, []),
        lambda who, chat, bob: groups.remove_member(who, chat, person=bob),
        lambda who, chat, bob: groups.change_role(who, chat, person=bob, role=Role.OWNER),
        lambda who, chat, bob: groups.leave_group(who, chat),
        lambda who, chat, bob: invite_links.revoke_link(who, chat, link_id=new_id()),
        lambda who, chat, bob: invite_links.create_link(
            who, chat, lifetime=timedelta(hours=1), most_uses=1
        ),
    ],
)
def test_an_outsider_gets_not_found(crew, bob, charlie, attempt):
    with pytest.raises(NotFound):
        attempt(charlie.id, crew, bob.id)


def test_a_system_entry_names_the_person_unless_they_acted_themselves(crew, alice, bob, charlie):
    in_touch(alice, charlie)
    groups.add_members(alice.id, crew, [charlie.id])
    groups.remove_member(alice.id, crew, person=charlie.id)
    groups.add_members(alice.id, crew, [charlie.id])
    groups.leave_group(charlie.id, crew)
    join(crew, charlie)
    entries = [(one.kind, one.sender, one.about) for one in history.newest(crew, limit=5)]
    assert entries == [
        ("joined", alice.id, charlie.id),
        ("removed", alice.id, charlie.id),
        ("joined", alice.id, charlie.id),
        ("left", charlie.id, None),
        ("joined", charlie.id, None),
    ]


def test_the_last_owner_can_neither_leave_nor_be_demoted(crew, alice, bob):
    with pytest.raises(NotPossible):
        groups.leave_group(alice.id, crew)
    with pytest.raises(NotPossible):
        groups.change_role(alice.id, crew, person=alice.id, role=Role.MEMBER)
    groups.change_role(alice.id, crew, person=bob.id, role=Role.OWNER)
    groups.leave_group(alice.id, crew)
    assert Member.objects.get(chat=crew, left_rev=None).user_id == bob.id
    groups.leave_group(bob.id, crew)
    assert not Member.objects.filter(chat=crew, left_rev=None).exists()


def test_members_of_a_direct_chat_cannot_be_changed(chat, alice, bob, charlie):
    in_touch(alice, charlie)
    with pytest.raises(Forbidden):
        groups.add_members(alice.id, chat, [charlie.id])
    with pytest.raises(Forbidden):
        groups.remove_member(alice.id, chat, person=bob.id)
    with pytest.raises(Forbidden):
        groups.rename_group(alice.id, chat, "Ours")
    with pytest.raises(NotPossible):
        groups.leave_group(alice.id, chat)


class TestInviteLinks:
    def test_only_a_hash_is_stored(self, crew, alice):
        made = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        stored = InviteLink.objects.get(id=made.id)
        assert made.secret not in str(vars(stored))
        assert len(made.secret) >= 32 + 22  # 128 bits in base64 after the id

    def test_a_secret_of_an_older_release_works_and_is_not_readable(self, crew, alice, charlie):
        made = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        InviteLink.objects.filter(id=made.id).update(secret_hash=hash_of("random"))
        [stored] = links_of(alice.id, crew)
        assert url(stored) is None
        assert invite_links.join_by_link(charlie.id, "random") == crew

    def test_a_new_key_of_the_server_ends_links(self, crew, alice, charlie, settings):
        made = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        secret = made.secret
        settings.SECRET_KEY = "another"
        with pytest.raises(NotFound):
            invite_links.join_by_link(charlie.id, secret)

    def test_revoked_expired_and_unknown_links_are_not_found(self, crew, alice, charlie):
        made = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        invite_links.revoke_link(alice.id, crew, link_id=made.id)
        old = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        InviteLink.objects.filter(id=old.id).update(expires_at=old_times())
        forged = made.secret[:-1] + ("A" if made.secret[-1] != "A" else "B")
        for secret in (made.secret, old.secret, forged, "guess", "a.guess"):
            with pytest.raises(NotFound):
                invite_links.join_by_link(charlie.id, secret)

    def test_those_who_may_make_links_read_them_again(self, crew, alice, bob, charlie):
        groups.change_role(alice.id, crew, person=bob.id, role=Role.ADMIN)
        join(crew, charlie)
        at = f"/api/v1/chats/{crew}/links"
        body = {"hours": 1, "most_uses": 5}
        made = signed_in(alice).post(at, body, "application/json").json()
        assert invite_links.exists(made["url"].rpartition("/join/")[2])
        picture = f"/c/{crew}/links/{made['id']}.svg"
        # Charlie reads none of them, nor does somebody outside.
        expected = {
            alice: (200, 200),
            bob: (200, 200),
            charlie: (403, 404),
            person("dan"): (404, 404),
        }
        for who, (status, of_picture) in expected.items():
            client = signed_in(who)
            response = client.get(at)
            assert (response.status_code, client.get(picture).status_code) == (status, of_picture)
            if status == 200:
                assert response.json()["items"][0] == made
        invite_links.revoke_link(bob.id, crew, link_id=UUID(made["id"]))
        assert signed_in(alice).get(picture).status_code == 404

    def test_a_member_does_not_consume_a_use(self, crew, alice, bob):
        made = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=1)
        assert invite_links.join_by_link(bob.id, made.secret) == crew
        assert InviteLink.objects.get(id=made.id).uses == 0

    @pytest.mark.parametrize("how", ["removed", "left", "demoted"])
    def test_links_are_revoked_when_their_creator_loses_the_right(
        self, crew, alice, bob, charlie, how
    ):
        groups.change_role(alice.id, crew, person=bob.id, role=Role.ADMIN)
        gone = invite_links.create_link(bob.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        stays = invite_links.create_link(
            alice.id, crew, lifetime=timedelta(hours=1), most_uses=None
        )
        if how == "removed":
            groups.remove_member(alice.id, crew, person=bob.id)
        elif how == "left":
            groups.leave_group(bob.id, crew)
        else:
            groups.change_role(alice.id, crew, person=bob.id, role=Role.MEMBER)
        with pytest.raises(NotFound):
            invite_links.join_by_link(charlie.id, gone.secret)
        assert invite_links.join_by_link(charlie.id, stays.secret) == crew

    def test_links_stay_when_the_new_role_keeps_the_right(self, crew, alice, bob, charlie):
        groups.change_role(alice.id, crew, person=bob.id, role=Role.OWNER)
        link = invite_links.create_link(bob.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        groups.change_role(alice.id, crew, person=bob.id, role=Role.ADMIN)
        assert invite_links.join_by_link(charlie.id, link.secret) == crew

    def test_a_group_without_members_cannot_be_joined(self, crew, alice, bob, charlie):
        link = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
        groups.leave_group(bob.id, crew)
        groups.leave_group(alice.id, crew)
        # Even if a link was not revoked.
        InviteLink.objects.update(revoked_at=None)
        for who in (bob, charlie):
            with pytest.raises(NotFound):
                invite_links.join_by_link(who.id, link.secret)
        assert not Member.objects.filter(chat=crew, left_rev=None).exists()

    def test_the_migration_sets_removed_and_revokes_links(self, crew, alice, bob, charlie):
        """Finds removed members by their entry, and revokes links of people without the right."""
        left_over = invite_links.create_link(
            alice.id, crew, lifetime=timedelta(hours=1), most_uses=None
        )
        InviteLink.objects.update(made_by_id=bob.id)
        stays = invite_links.create_link(
            alice.id, crew, lifetime=timedelta(hours=1), most_uses=None
        )
        join(crew, charlie)
        groups.leave_group(charlie.id, crew)
        groups.remove_member(alice.id, crew, person=bob.id)
        Member.objects.update(removed=False)
        InviteLink.objects.update(revoked_at=None)
        migration = import_module("apps.chats.migrations.0007_member_removed")
        with connection.cursor() as cursor:
            cursor.execute(migration.REMOVED_BEFORE)
            cursor.execute(migration.OUTLIVED)
        assert [row.user_id for row in Member.objects.filter(removed=True)] == [bob.id]
        assert InviteLink.objects.get(id=left_over.id).revoked_at is not None
        assert InviteLink.objects.get(id=stays.id).revoked_at is None


def statements_to_add(amount: int, captured_events: Capture) -> int:
    """The number of SQL statements, including the transaction, for adding people to a new group."""
    owner = person(f"owner-of-{amount}")
    people = [person(f"{amount}-{number}") for number in range(amount)]
    Contact.objects.bulk_create(
        Contact(owner=one, other=other, state="contact", since=old_times(), owner_rev=0)
        for each in people
        for one, other in ((owner, each), (each, owner))
    )
    crew = groups.create_group(owner.id, "Crew", [])
    with traffic() as sent, captured_events() as events:
        groups.add_members(owner.id, crew, [each.id for each in people])
    assert Member.objects.filter(chat=crew, left_rev=None).count() == amount + 1
    revs = [item.rev for item in events if item.to == crew]
    assert len(revs) == 2 * amount
    assert revs == [*range(revs[0], revs[0] + 2 * amount)]
    assert {item.to for item in events} == {crew} | {each.id for each in people}
    return sent.statements


def test_adding_a_hundred_people_runs_as_many_statements_as_adding_two(
    db, settings, captured_events
):
    settings.GROUP_SIZE = 200
    assert statements_to_add(100, captured_events) == statements_to_add(2, captured_events) <= 20


def old_times() -> object:
    from django.utils import timezone

    return timezone.now() - timedelta(seconds=1)
