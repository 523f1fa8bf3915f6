"""Removing a member of a group, and revoking its invite links, by moderators."""

from datetime import timedelta
from io import StringIO
from itertools import product

import pytest
from django.core.management import call_command
from django.urls import reverse

from apps.chats.actions import groups, invite_links
from apps.chats.models import Member, Message
from apps.chats.models.member import Role
from apps.chats.queries.access import get_membership
from apps.core.errors import Forbidden, Invalid, NotFound, NotPossible
from apps.moderation.actions import chats
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.reports import Reported, create_report
from apps.moderation.models import AuditRecord
from apps.moderation.queries.moderators import NoModerator, OutOfReach
from apps.wire.publish import LeaveChat
from tests.chats.factories import write
from tests.chats.test_lock_order import in_order, order_of_locks
from tests.moderation.test_entries import OPERATOR, put, somebody
from tests.support.people import signed_in
from tests.support.shared_people import alice, bob, crew, shared_people

__all__ = ["alice", "bob", "crew", "shared_people"]

API = "/api/v1/moderation/chats"


def link_to(chat, maker):
    return invite_links.create_link(
        maker.id, chat, lifetime=timedelta(hours=1), most_uses=None
    ).secret


def remove(who, chat, person):
    chats.remove_member(who, chat, person.id, reason="Insults")


def test_a_removed_member_is_out_and_everybody_is_told(crew, alice, bob, captured_events):
    groups.change_role(alice.id, crew, person=bob.id, role=Role.ADMIN)
    secret = link_to(crew, bob)
    with captured_events() as events:
        remove(OPERATOR, crew, bob)
    with pytest.raises(NotFound):
        get_membership(bob.id, crew)
    with pytest.raises(NotFound):
        invite_links.find_link(secret)
    assert LeaveChat(chat=crew, person=bob.id) in [item.effect for item in events]
    last = Message.objects.filter(chat_id=crew).latest("seq")
    assert (last.kind, last.sender_id, last.about) == ("expelled", bob.id, bob.id)
    with pytest.raises(Forbidden):
        invite_links.join_by_link(bob.id, link_to(crew, alice))
    [row] = AuditRecord.objects.all()
    assert (row.action, row.person, row.chat) == ("remove_member", bob.id, crew)
    write(alice, crew, "He is gone")


def test_the_last_owner_has_a_successor(crew, alice, bob):
    remove(OPERATOR, crew, alice)
    assert Member.objects.get(chat=crew, user=bob).role == Role.OWNER
    remove(OPERATOR, crew, bob)
    assert not Member.objects.filter(chat=crew, left_rev=None).exists()


def test_nobody_is_removed_who_is_no_member_or_from_a_direct_chat(crew, chat, bob, charlie):
    with pytest.raises(NotFound):
        remove(OPERATOR, crew, charlie)
    with pytest.raises(NotPossible):
        remove(OPERATOR, chat, bob)
    with pytest.raises(Invalid):
        chats.remove_member(OPERATOR, crew, bob.id, reason=" ")
    assert not AuditRecord.objects.exists()


def test_all_links_are_revoked(crew, alice, bob):
    secrets = [link_to(crew, alice) for _ in range(3)]
    assert chats.revoke_links(OPERATOR, crew, reason="Posted in public") == 3
    for secret in secrets:
        with pytest.raises(NotFound):
            invite_links.find_link(secret)
    assert chats.revoke_links(OPERATOR, crew, reason="Again") == 0
    assert AuditRecord.objects.count() == 2


def test_both_lock_in_the_documented_order(crew, alice):
    link_to(crew, alice)
    for action in (
        lambda: chats.revoke_links(OPERATOR, crew, reason="Spam"),
        lambda: remove(OPERATOR, crew, alice),
    ):
        with order_of_locks() as tables:
            action()
        assert in_order(tables), tables
        assert tables[-1] == "moderation_auditrecord"


TARGETS = ("member", "staff", "moderator", "administrator", "self")
ROLES = ("member", "staff", "moderator", "administrator", "operator")
TABLE = {
    **{role: dict.fromkeys(TARGETS, NoModerator) for role in ROLES[:2]},
    "moderator": {"member": None, **dict.fromkeys(TARGETS[1:], OutOfReach)},
    "administrator": dict.fromkeys(TARGETS) | {"self": OutOfReach},
    "operator": dict.fromkeys(TARGETS),
}


@pytest.mark.parametrize(("role", "whom"), [*product(ROLES, TARGETS)])
@pytest.mark.parametrize("reported", [True, False], ids=["reported", "not reported"])
def test_each_role_acts_only_where_it_may(crew, alice, bob, role, whom, reported):
    acting = None if role == "operator" else put(somebody(role, "actor"), crew)
    target = acting if whom == "self" and acting else put(somebody(whom, "target"), crew)
    if reported:
        create_report(alice.id, Reported(kind="chat", reason="spam", chat=crew))
    who = OPERATOR if acting is None else By(acting.id, Door.API)
    expected = TABLE[role][whom]
    if role == "moderator" and not reported:
        expected = NotFound
    of_links = NotFound if role == "moderator" and not reported else None
    if role in ("member", "staff"):
        of_links = NoModerator
    for action, refusal in (
        (lambda: chats.revoke_links(who, crew, reason="Spam"), of_links),
        (lambda: remove(who, crew, target), expected),
    ):
        before = AuditRecord.objects.count()
        found = None
        try:
            action()
        except (Forbidden, NotFound) as error:
            found = type(error)
        assert found is refusal
        assert AuditRecord.objects.count() - before == (refusal is None)
    assert Member.objects.filter(chat=crew, user=target, left_rev=None).exists() == bool(expected)


def test_the_api(crew, alice, bob, moderator):
    create_report(alice.id, Reported(kind="chat", reason="spam", chat=crew))
    link_to(crew, alice)
    client, why = signed_in(moderator), {"reason": "Spam"}
    for path in (f"{crew}/links/revoke", f"{crew}/members/{bob.id}/remove"):
        assert signed_in(alice).post(f"{API}/{path}", why).status_code == 403
        answer = client.post(f"{API}/{path}", why, content_type="application/json")
        assert answer.status_code == 204, answer.content
    assert not Member.objects.filter(chat=crew, user=bob, left_rev=None).exists()


def test_the_page_of_a_report_and_the_command(crew, alice, bob, moderator):
    asked = Reported(kind="person", reason="spam", person=bob.id, chat=crew)
    report = create_report(alice.id, asked).report
    at = reverse("admin:moderation_report_change", args=[report.id])
    for secret in (link_to(crew, alice), link_to(crew, alice)):
        assert invite_links.find_link(secret)
    client, form = signed_in(moderator), {"reason": "Spam", "until": ""}
    page = client.post(at, {**form, "_revoke_links": "yes"}, follow=True).content.decode()
    assert "Revoked invite links: 2" in page
    page = client.post(at, {**form, "_remove": "yes"}, follow=True).content.decode()
    assert "no longer in the group" in page
    groups.add_members(alice.id, crew, [bob.id])
    call_command("moderate", "remove", str(crew), "bob", "--reason", "Spam", stdout=StringIO())
    call_command("moderate", "revoke-links", str(crew), "--reason", "Spam", stdout=StringIO())
    assert not Member.objects.filter(chat=crew, user=bob, left_rev=None).exists()
    rows = AuditRecord.objects.exclude(action="view_evidence").order_by("number")
    assert [*rows.values_list("action", "door")] == [
        ("revoke_links", "admin"),
        ("remove_member", "admin"),
        ("remove_member", "command"),
        ("revoke_links", "command"),
    ]
