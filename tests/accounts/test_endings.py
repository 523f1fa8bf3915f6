"""Records of ended access: what they count, and who may see them."""

from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from apps.accounts.access_handlers import SESSIONS, Scope
from apps.accounts.actions import accounts, sessions
from apps.accounts.actions.access import Way, confirm_closed, end_access
from apps.accounts.models import EndedAccess, Ending, Session, User
from apps.accounts.queries import endings
from apps.accounts.queries.sessions import session_hash
from apps.accounts.tasks import forget_endings
from apps.chats.actions import groups, invite_links, scheduled
from apps.core.identifiers import new_id
from apps.notifications.models import Subscription
from tests.support.people import in_touch, person, session_of, signed_in

LIST = reverse("admin:accounts_ending_changelist")
PEOPLE = reverse("admin:accounts_user_changelist")


@pytest.fixture
def root(db):
    return person("root", is_staff=True, is_superuser=True)


def device_of(user, key):
    Subscription.objects.create(
        user=user, session_id=key, endpoint=key, endpoint_hash=key, host="push.example", keys={}
    )


def counts(ending):
    return {part.kind: part.count for part in ending.parts.all() if part.count}


def text_of(ending):
    return str(endings.totals(ending, ending.parts.all()))


def test_closing_an_account_records_all_that_ended(alice, bob, root):
    in_touch(alice, bob)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
    due = timezone.now() + timedelta(hours=1)
    scheduled.schedule(alice.id, crew, client_id=new_id(), text="later", due_at=due)
    keys = [session_of(alice), session_of(alice)]
    device_of(alice, keys[0])
    ending = accounts.deactivate(alice.id, by=root.id)
    assert counts(ending) == {
        "sessions": 2,
        "push subscriptions": 1,
        "scheduled messages": 1,
        "invite links": 1,
        "groups passed on": 1,
    }
    assert (ending.way, ending.by_id, ending.account) == (Way.ADMINISTRATOR, root.id, True)
    assert {*ending.connected_as} == {session_hash(key) for key in keys}
    assert all(part.over_at >= ending.begun_at for part in ending.parts.all())
    assert not any(endings.left(Ending.objects.get()).values())


def test_what_survives_an_ending_is_counted_as_left(alice):
    ending = accounts.deactivate(alice.id)
    Session.objects.create(
        session_key="kept", user=alice, session_data="", expire_date=timezone.now()
    )
    device_of(alice, "kept")
    left = endings.left(Ending.objects.select_related("user").get(id=ending.id))
    assert (left["sessions"], left["push subscriptions"]) == (1, 1)
    accounts.activate(alice.id)
    assert endings.left(Ending.objects.get(id=ending.id)) is None


def test_only_the_named_sessions_end_and_nothing_else(alice, bob):
    in_touch(alice, bob)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    due = timezone.now() + timedelta(hours=1)
    scheduled.schedule(alice.id, crew, client_id=new_id(), text="later", due_at=due)
    lost, stays, others = session_of(alice), session_of(alice), session_of(bob)
    for user, key in ((alice, lost), (alice, stays), (bob, others)):
        device_of(user, key)
    scope = Scope(alice.id, only={SESSIONS: [lost, others]})
    ending = end_access(scope, way=Way.DEVICE, by=alice.id)
    assert counts(ending) == {"sessions": 1, "push subscriptions": 1}
    assert {*Session.objects.values_list("session_key", flat=True)} == {stays, others}
    assert endings.left(ending) == {"sessions": 0}
    assert not ending.account
    assert User.objects.get(id=alice.id).is_active


def test_an_ending_without_anything_to_end_leaves_no_record(alice):
    assert end_access(Scope(alice.id, only={SESSIONS: ["nobody"]}), way=Way.DEVICE) is None
    assert sessions.sign_out_everywhere(alice.id) is None
    assert not Ending.objects.exists()


@pytest.mark.parametrize(
    ("end", "way"),
    [
        (lambda user, browser: browser.post("/accounts/logout/"), Way.SIGN_OUT),
        (lambda user, browser: browser.delete("/api/v1/session"), Way.SIGN_OUT),
        (lambda user, _: accounts.set_password(user, "a new correct horse"), Way.PASSWORD),
    ],
    ids=["page", "API", "password"],
)
def test_what_people_do_themselves_is_recorded_as_theirs(alice, end, way):
    end(alice, signed_in(alice))
    ending = Ending.objects.get()
    assert (ending.user_id, ending.by_id, ending.way) == (alice.id, alice.id, way)
    assert counts(ending) == {"sessions": 1}


def test_a_sign_in_records_nothing(alice):
    signed_in(alice)
    assert not Ending.objects.exists()


def test_server_processes_add_the_connections_that_they_closed(alice, bob):
    keys = [session_of(alice), session_of(alice)]
    ended = sessions.sign_out_everywhere(alice.id)
    other = end_access(Scope(bob.id, only={SESSIONS: [session_of(bob)]}), way=Way.DEVICE)
    names = [session_hash(key) for key in keys]
    confirm_closed("one:1", {(alice.id, names[0]): 2, (alice.id, names[1]): 1})
    confirm_closed("two:1", {(alice.id, names[1]): 1, (bob.id, names[0]): 9})
    confirm_closed("one:1", {(alice.id, names[0]): 1, (alice.id, "of no record"): 7})
    rows = ended.parts.filter(kind=endings.CONNECTIONS).values_list("process", "count")
    assert {*rows} == {("one:1", 4), ("two:1", 1)}
    assert text_of(ended).startswith("sessions: 2, live connections: 5 in 2 processes; over after ")
    assert not other.parts.filter(kind=endings.CONNECTIONS).exists()


def test_administrators_see_the_record_right_after_they_close_an_account(root, alice):
    session_of(alice)
    admin = signed_in(root)
    body = {"action": "deactivate", "_selected_action": [str(alice.id)]}
    page = admin.post(PEOPLE, body, follow=True).content.decode()
    ending = Ending.objects.get()
    address = reverse("admin:accounts_ending_change", args=[ending.id])
    assert f'href="{address}"' in page
    assert (ending.by_id, ending.account) == (root.id, True)
    shown = admin.get(address).content.decode()
    assert "sessions: 1; over after" in shown
    left = ("scheduled messages", "invite links", "push subscriptions", "provider tokens")
    assert ", ".join(f"{kind}: 0" for kind in (*left, "sessions")) in shown
    assert "sessions: 1; over after" in admin.get(LIST).content.decode()


def test_administrators_sign_a_person_out_everywhere(root, alice):
    browser = signed_in(alice)
    admin = signed_in(root)
    chosen = [str(alice.id), str(root.id)]
    admin.post(PEOPLE, {"action": "end_sessions", "_selected_action": chosen})
    assert browser.get("/api/v1/me").status_code == 401
    assert admin.get(PEOPLE).status_code == 200
    ending = Ending.objects.get()
    assert (ending.user_id, ending.by_id, ending.account) == (alice.id, root.id, False)
    assert User.objects.get(id=alice.id).is_active


def test_staff_without_the_permission_neither_end_access_nor_see_records(alice):
    helper = person("helper", is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename="view_user"))
    ending = accounts.deactivate(alice.id)
    accounts.activate(alice.id)
    browser = signed_in(alice)
    staff = signed_in(helper)
    for action in ("end_sessions", "deactivate"):
        staff.post(PEOPLE, {"action": action, "_selected_action": [str(alice.id)]})
    assert browser.get("/api/v1/me").status_code == 200
    assert staff.get(LIST).status_code == 403
    page = reverse("admin:accounts_ending_change", args=[ending.id])
    assert staff.get(page).status_code == 403
    assert signed_in(person("stranger")).get(page, follow=True).status_code == 403


def test_nobody_changes_records(root, alice):
    ending = accounts.deactivate(alice.id)
    admin = signed_in(root)
    page = reverse("admin:accounts_ending_change", args=[ending.id])
    admin.post(page, {"way": Way.POLL})
    assert admin.get(reverse("admin:accounts_ending_add")).status_code == 403
    gone = reverse("admin:accounts_ending_delete", args=[ending.id])
    assert admin.post(gone, {"post": "yes"}).status_code == 403
    assert Ending.objects.get().way == Way.ADMINISTRATOR


def test_the_command_ends_sessions_or_the_account(alice):
    said = StringIO()
    session_of(alice)
    call_command("endaccess", "Alice", only_sessions=True, stdout=said)
    assert said.getvalue().startswith("sessions: 1; over after")
    assert User.objects.get(id=alice.id).is_active
    call_command("endaccess", "alice", only_sessions=True, stdout=said)
    assert "Nothing to end." in said.getvalue()
    call_command("endaccess", "alice", stdout=said)
    assert not User.objects.get(id=alice.id).is_active
    with pytest.raises(CommandError, match="no account nobody"):
        call_command("endaccess", "nobody")


def test_old_records_are_deleted_and_others_stay(alice, bob):
    session_of(alice), session_of(bob)
    old, new = accounts.deactivate(alice.id), accounts.deactivate(bob.id)
    long_ago = timezone.now() - timedelta(days=settings.ENDING_DAYS, minutes=1)
    Ending.objects.filter(id=old.id).update(begun_at=long_ago)
    forget_endings()
    assert [*Ending.objects.all()] == [new]
    assert {*EndedAccess.objects.values_list("ending_id", flat=True)} == {new.id}
    assert forget_endings.name == settings.CELERY_BEAT_SCHEDULE["forget-endings"]["task"]
