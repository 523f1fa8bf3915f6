"""Suspending and banning people, and lifting it, at every door."""

import contextlib
import html
import json
import re
from datetime import timedelta
from io import StringIO
from itertools import product

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.actions import accounts, suspensions
from apps.accounts.actions.access import Way
from apps.accounts.models import Ending, Suspension, User
from apps.chats.actions import groups, invite_links
from apps.chats.models import Member
from apps.chats.models.member import Role
from apps.core.errors import Forbidden, Invalid, NotFound, NotPossible
from apps.core.identifiers import new_id
from apps.moderation.actions import people
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import AuditRecord
from apps.moderation.queries.audit import verify
from apps.moderation.queries.moderators import NoModerator, OutOfReach
from apps.sso.actions.identities import sign_in
from apps.sso.errors import Reason, SignInFailed
from apps.sso.models import Identity
from tests.chats.test_lock_order import in_order, order_of_locks
from tests.moderation.conftest import moderator_named
from tests.support.people import in_touch, person, signed_in

OPERATOR = By(None, Door.COMMAND)
LIST = reverse("admin:accounts_suspension_changelist")
ADD = reverse("admin:accounts_suspension_add")


def by(user):
    return By(user.id, Door.ADMIN)


def ban(who, whom, reason="Insults"):
    return people.suspend(who, whom.id, until=None, reason=reason)


def soon(**more):
    return timezone.now() + timedelta(**more or {"hours": 1})


def records():
    return [*AuditRecord.objects.order_by("number").values_list("action", "by", "person")]


def is_open(user):
    return User.objects.get(id=user.id).is_active


def test_a_ban_ends_everything_and_is_recorded_once(alice, bob, moderator):
    in_touch(alice, bob)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    link = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
    browser = signed_in(alice)
    assert browser.get("/api/v1/me").status_code == 200
    ending = ban(by(moderator), alice)
    assert browser.get("/api/v1/me").status_code == 401
    with pytest.raises(NotFound):
        invite_links.find_link(link.secret)
    assert (ending.way, ending.by_id, ending.account) == (Way.SUSPENSION, moderator.id, True)
    assert {part.kind: part.count for part in ending.parts.all()} == {
        "sessions": 1,
        "invite links": 1,
        "groups passed on": 1,
    }
    [row] = AuditRecord.objects.all()
    assert (row.action, row.by, row.person, row.reason) == (
        "ban",
        moderator.id,
        alice.id,
        "Insults",
    )
    assert json.loads(row.details) == {"ending": str(ending.id), "until": None}
    suspension = Suspension.objects.get()
    assert (suspension.user_id, suspension.until, suspension.by_id) == (
        alice.id,
        None,
        moderator.id,
    )


def test_who_is_suspended_for_a_time_stays_owner_of_their_groups(alice, bob, moderator):
    in_touch(alice, bob)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    link = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
    people.suspend(by(moderator), alice.id, until=soon(), reason="Insults")
    owner = Member.objects.get(chat_id=crew, role=Role.OWNER)
    assert owner.user_id == alice.id
    with pytest.raises(NotFound):
        invite_links.find_link(link.secret)


def test_a_banned_person_cannot_come_back_by_the_provider(alice, moderator, settings):
    identity = Identity.objects.create(user=alice, issuer="https://id.example", subject="alice")
    ban(by(moderator), alice)

    class Person:
        issuer, subject, email, roles = identity.issuer, identity.subject, "", ()

    with pytest.raises(SignInFailed) as refusal:
        sign_in(Person, locale="en")
    assert refusal.value.reason == Reason.CLOSED
    assert User.objects.count() == 2, "no second account"


def test_a_banned_person_cannot_sign_in_with_a_password(moderator):
    from apps.accounts.actions.registration import register
    from tests.support.people import PASSWORD

    register("eve", password=PASSWORD)
    body = {"username": "eve", "password": PASSWORD}
    client = Client()
    assert client.post("/api/v1/session", body, content_type="application/json").status_code == 201
    ban(by(moderator), User.objects.get(username="eve"))
    assert Client().post("/api/v1/session", body, content_type="application/json").status_code > 400


@pytest.mark.parametrize(
    "opening", [accounts.activate, lambda person_id: suspensions.end(person_id, expired=True)]
)
def test_nothing_but_lifting_opens_a_banned_account(alice, moderator, opening):
    ban(by(moderator), alice)
    with contextlib.suppress(NotPossible):
        opening(alice.id)
    assert not is_open(alice)
    people.lift(by(moderator), alice.id, reason="A mistake")
    assert is_open(alice)
    assert User.objects.get(id=alice.id).closed_way == ""
    assert [action for action, _, _ in records()] == ["ban", "lift"]


@pytest.mark.parametrize("order", ["closed first", "banned first"])
def test_an_account_that_was_also_closed_otherwise_stays_closed(alice, moderator, order):
    steps = [
        lambda: accounts.deactivate(alice.id, way=Way.DIRECTORY),
        lambda: ban(by(moderator), alice),
    ]
    for step in steps if order == "closed first" else steps[::-1]:
        step()
    people.lift(by(moderator), alice.id, reason="A mistake")
    assert not is_open(alice)
    assert User.objects.get(id=alice.id).closed_way == Way.DIRECTORY
    accounts.activate(alice.id)
    assert is_open(alice)


def test_what_the_directory_opens_while_banned_is_opened_by_lifting(alice, moderator):
    ban(by(moderator), alice)
    accounts.deactivate(alice.id, way=Way.DIRECTORY)
    accounts.activate(alice.id)
    assert not is_open(alice)
    people.lift(by(moderator), alice.id, reason="A mistake")
    assert is_open(alice)


def test_a_suspension_ends_by_itself(alice, bob, moderator):
    for user, hours in ((alice, 1), (bob, 2)):
        people.suspend(by(moderator), user.id, until=soon(hours=hours), reason="Insults")
    people.lift_expired()
    assert (is_open(alice), is_open(bob)) == (False, False)
    Suspension.objects.filter(user=alice).update(until=timezone.now())
    people.lift_expired()
    people.lift_expired()
    assert (is_open(alice), is_open(bob)) == (True, False)
    assert records()[2:] == [("suspension_over", None, alice.id)]


def test_one_suspension_that_cannot_be_lifted_does_not_keep_the_others(
    alice, bob, moderator, monkeypatch, caplog
):
    for user in (alice, bob):
        people.suspend(by(moderator), user.id, until=soon(), reason="Insults")
    Suspension.objects.filter(user=alice).update(until=soon(hours=-2))
    Suspension.objects.filter(user=bob).update(until=soon(hours=-1))
    end = suspensions.end

    def fail_for_alice(person_id, **more):
        if person_id == alice.id:
            raise ValueError("broken")
        end(person_id, **more)

    monkeypatch.setattr(suspensions, "end", fail_for_alice)
    people.lift_expired()
    assert (is_open(alice), is_open(bob)) == (False, True)
    assert "cannot be lifted" in caplog.text


def test_a_later_suspension_replaces_the_first(alice, moderator):
    people.suspend(by(moderator), alice.id, until=soon(), reason="Insults")
    ban(by(moderator), alice, "Insults again")
    suspension = Suspension.objects.get()
    assert (suspension.until, suspension.reason) == (None, "Insults again")
    assert [action for action, _, _ in records()] == ["suspend", "ban"]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001, "a\x00"])
def test_a_suspension_needs_a_reason(alice, moderator, reason):
    with pytest.raises(Invalid):
        ban(by(moderator), alice, reason)
    assert is_open(alice)
    assert records() == []


def test_a_suspension_ends_in_the_future(alice, moderator):
    with pytest.raises(Invalid):
        people.suspend(by(moderator), alice.id, until=soon(hours=-1), reason="Insults")


@pytest.mark.parametrize("until", ["9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59+14:00"])
def test_a_far_end_keeps_no_moderator_from_the_list(alice, moderator, until):
    """In UTC the first is in the year 10000, which PostgreSQL has and Python has not."""
    client = signed_in(moderator)
    status = api(client, alice.id, reason="Insults", until=until).status_code
    assert status == (400 if "-14" in until else 200)
    assert client.get(LIST).status_code == 200


def test_who_is_not_suspended_cannot_be_let_in(alice, moderator):
    accounts.deactivate(alice.id)
    with pytest.raises(NotPossible):
        people.lift(by(moderator), alice.id, reason="A mistake")
    assert not is_open(alice)


def test_suspending_and_lifting_lock_in_the_documented_order(alice, bob, moderator):
    in_touch(alice, bob)
    groups.create_group(alice.id, "Crew", [bob.id])
    with order_of_locks() as tables:
        ban(by(moderator), alice)
    after_the_sessions = {"accounts_user", "accounts_suspension"}
    assert in_order([table for table in tables if table not in after_the_sessions]), tables
    assert tables[-1] == "moderation_auditrecord"
    with order_of_locks() as tables:
        people.lift(by(moderator), alice.id, reason="A mistake")
    people_first = ["accounts_stream", "accounts_user", "accounts_suspension"]
    assert tables == [*people_first, "notifications_push", "moderation_auditrecord"]


@pytest.mark.parametrize("step", ["lift", "suspend", "ban"])
def test_moderators_do_not_change_what_an_administrator_set(alice, moderator, root, step):
    ban(by(root), alice)
    for who in (moderator, moderator_named("other")):
        with pytest.raises(Forbidden, match="administrator"):
            ACTIONS[step](by(who), alice.id)
    suspension = Suspension.objects.get()
    assert (suspension.until, suspension.by_id) == (None, root.id)
    User.objects.filter(id=root.id).update(is_superuser=False)
    with pytest.raises(Forbidden, match="administrator"):
        ACTIONS[step](by(moderator), alice.id)
    ACTIONS[step](by(person("boss", is_staff=True, is_superuser=True)), alice.id)
    assert is_open(alice) == (step == "lift")


def test_an_administrators_suspension_ends_when_its_time_is_over(alice, root):
    people.suspend(by(root), alice.id, until=soon(), reason="Insults")
    Suspension.objects.update(until=timezone.now())
    people.lift_expired()
    assert is_open(alice)


def test_what_an_operator_set_is_not_for_moderators(alice, moderator):
    ban(OPERATOR, alice)
    with pytest.raises(Forbidden, match="administrator"):
        people.lift(by(moderator), alice.id, reason="A mistake")


# -- who may act on whom ---------------------------------------------------------------------------

ROLES = ("member", "staff", "former moderator", "moderator", "administrator", "operator")
TARGETS = ("member", "closed member", "staff", "moderator", "administrator", "self", "nobody")
ON_MEMBERS = {"member": None, "closed member": None, "nobody": NotFound}
OUT_OF_REACH = dict.fromkeys(("staff", "moderator", "administrator", "self"), OutOfReach)
# The refusal of each role for each target; None: it is done.
TABLE = {
    **{role: dict.fromkeys(TARGETS, NoModerator) for role in ROLES[:3]},
    "moderator": ON_MEMBERS | OUT_OF_REACH,
    "administrator": ON_MEMBERS
    | dict.fromkeys(("staff", "moderator", "administrator"))
    | {"self": OutOfReach},
    # An operator is no person.
    "operator": ON_MEMBERS | dict.fromkeys(("staff", "moderator", "administrator", "self")),
}


def actor(role):
    if role == "operator":
        return None
    if role in ("moderator", "former moderator"):
        user = moderator_named("actor")
        if role == "former moderator":
            User.objects.filter(id=user.id).update(is_staff=False)
        return user
    return person("actor", is_staff=role != "member", is_superuser=role == "administrator")


def target(kind, acting):
    if kind == "self":
        return (acting or person("somebody")).id
    if kind == "nobody":
        return new_id()
    if kind == "moderator":
        return moderator_named("target").id
    return person(
        "target",
        is_active=kind != "closed member",
        is_staff=kind in ("staff", "administrator"),
        is_superuser=kind == "administrator",
    ).id


ACTIONS = {
    "suspend": lambda who, whom: people.suspend(who, whom, until=soon(), reason="Insults"),
    "ban": lambda who, whom: people.suspend(who, whom, until=None, reason="Insults"),
    "lift": lambda who, whom: people.lift(who, whom, reason="A mistake"),
}


@pytest.mark.parametrize(("action", "role", "whom"), [*product(ACTIONS, ROLES, TARGETS)])
def test_each_role_acts_only_where_it_may(db, action, role, whom):
    acting = actor(role)
    who = OPERATOR if acting is None else By(acting.id, Door.API)
    person_id = target(whom, acting)
    if action == "lift" and whom != "nobody":
        suspensions.begin(person_id, until=None, reason="Insults")
    refusal = None
    try:
        ACTIONS[action](who, person_id)
    except Forbidden as error:
        refusal = type(error)
    except NotFound:
        refusal = NotFound
    expected = TABLE[role][whom]
    if action == "lift" and whom == "self" and acting is not None:
        expected = NoModerator  # a suspended moderator is none
    assert refusal is expected
    assert AuditRecord.objects.count() == (refusal is None)
    if refusal is None:
        assert is_open(User(id=person_id)) == (action == "lift" and whom != "closed member")


# -- doors -----------------------------------------------------------------------------------------


def api(client, person_id, method="put", **body):
    more = {"data": body, "content_type": "application/json"} if body else {}
    return getattr(client, method)(f"/api/v1/moderation/people/{person_id}/suspension", **more)


def lift_by_api(client, person_id, reason="A mistake"):
    path = f"/api/v1/moderation/people/{person_id}/suspension/lift"
    return client.post(path, {"reason": reason}, content_type="application/json")


def test_the_api_suspends_and_lifts(alice, moderator):
    client = signed_in(moderator)
    signed_in(alice)
    answer = api(client, alice.id, reason="Insults", until=soon().isoformat())
    assert answer.status_code == 200, answer.content
    assert answer.json() == {"id": str(Ending.objects.get().id), "ended": {"sessions": 1}}
    assert not is_open(alice)
    assert lift_by_api(client, alice.id, "").status_code == 400
    assert lift_by_api(client, alice.id).status_code == 204
    assert is_open(alice)
    assert lift_by_api(client, alice.id).json()["code"] == "not_possible"
    assert api(client, alice.id, reason="").status_code == 400
    assert AuditRecord.objects.filter(door="api").count() == 2


def test_the_api_refuses_everybody_else(alice, bob, moderator, root):
    for user in (bob, person("helper", is_staff=True)):
        answer = api(signed_in(user), alice.id, reason="Insults")
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert api(Client(), alice.id, reason="Insults").status_code == 401
    assert api(signed_in(moderator), root.id, reason="Insults").status_code == 403
    assert api(signed_in(moderator), new_id(), reason="Insults").status_code == 404
    assert is_open(alice)


def test_the_api_asks_what_the_admin_asks(alice, moderator, settings):
    settings.STAFF_SECOND_FACTOR = True
    answer = api(signed_in(moderator), alice.id, reason="Insults")
    assert (answer.status_code, answer.json()["code"]) == (403, "fresh_sign_in_required")
    assert is_open(alice)


def moderate(*words):
    out = StringIO()
    call_command("moderate", *words, stdout=out)
    return out.getvalue()


def test_the_command_suspends_bans_and_lifts(alice, bob, root):
    answer = json.loads(moderate("--json", "suspend", "Alice", "--days", "2", "--reason", "Spam"))
    assert Ending.objects.filter(id=answer["ending"], user=alice).exists()
    assert Suspension.objects.get(user=alice).until > soon(hours=47)
    moderate("suspend", "alice", "--until", "2099-01-01T00:00Z", "--reason", "Spam")
    assert Suspension.objects.get(user=alice).until.year == 2099
    moderate("ban", "root", "--reason", "Stolen account")
    assert not is_open(root)
    moderate("lift", "alice", "--reason", "Enough")
    assert is_open(alice)
    assert {row.door for row in AuditRecord.objects.all()} == {"command"}
    assert verify().intact
    for words in (
        ("ban", "nobody", "--reason", "Spam"),
        ("suspend", "bob", "--until", "tomorrow", "--reason", "Spam"),
        ("suspend", "bob", "--until", "2020-01-01T00:00Z", "--reason", "Spam"),
        ("lift", "bob", "--reason", "Spam"),
    ):
        with pytest.raises(CommandError):
            moderate(*words)
    assert is_open(bob)


def test_the_page_of_a_person_leads_to_what_moderators_can_do(alice, root):
    client = signed_in(root)
    page = client.get(f"/admin/accounts/user/{alice.id}/change/").content.decode()
    block = page[page.index("What moderators can do") :]
    suspend, warn, reports = re.findall(r'href="(/admin/[^"]+)"', block)[:3]
    for form in (suspend, warn):
        assert 'value="alice"' in client.get(form).content.decode()
    assert client.get(html.unescape(reports)).status_code == 200
    staff = person("staff", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_user"))
    page = signed_in(staff).get(f"/admin/accounts/user/{alice.id}/change/").content.decode()
    assert "What moderators can do" not in page


def test_the_admin_suspends_and_lifts(alice, moderator, root):
    client = signed_in(moderator)
    device = signed_in(alice)
    form = {"user": "alice", "until": "", "reason": "Insults"}
    for refused in (form, form | {"user": "nobody", "is_ban": "on"}):
        assert client.post(ADD, refused).status_code == 200, "the form, with the error"
    assert is_open(alice)
    form |= {"is_ban": "on"}
    page = client.post(ADD, form, follow=True).content.decode()
    assert "sessions: 1" in page
    for link in re.findall(r'href="(/admin/accounts/ending/[^"]+)"', page):
        assert client.get(link).status_code == 200, "no link that the moderator may not follow"
    assert device.get("/api/v1/me").status_code == 401
    assert "alice" in client.get(LIST).content.decode()
    page = client.post(ADD, form | {"user": "root"}, follow=True).content.decode()
    assert "Moderators act on members only" in page
    assert is_open(root)
    lift = {"action": "lift", "_selected_action": [str(alice.id)]}
    client.post(LIST, lift)
    assert not is_open(alice), "no reason, no lifting"
    client.post(LIST, lift | {"reason": "A mistake"})
    assert is_open(alice)
    assert [action for action, _, _ in records()] == ["ban", "lift"]
    assert AuditRecord.objects.last().reason == "A mistake"
    for other in (alice, person("helper", is_staff=True)):
        assert signed_in(other).post(ADD, form).status_code in (302, 403)
    assert is_open(alice)
