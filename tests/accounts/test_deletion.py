"""Deleting an account: asking for it, taking it back, and what happens when the time is over."""

from datetime import timedelta
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from apps.accounts.actions import accounts, app_tokens, deletions
from apps.accounts.actions.access import Way
from apps.accounts.actions.registration import register
from apps.accounts.models import Deletion, Ending, Session, User
from apps.accounts.staff import PROVED_AT
from apps.accounts.tasks import erase_accounts
from apps.contacts.actions import contacts, profile
from apps.contacts.models import Contact
from apps.core import limits
from apps.core.errors import Invalid, NotFound, RateLimited
from apps.core.identifiers import new_id
from tests.support.people import PASSWORD, in_touch, person, signed_in
from tests.support.threads import meanwhile

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/settings/data/delete"
ME = "/api/v1/me"
PEOPLE = reverse("admin:accounts_user_changelist")


@pytest.fixture
def root(db):
    return person("root", is_staff=True, is_superuser=True)


@pytest.fixture
def erin(db):
    """Somebody with a password and an address."""
    return register("erin", password=PASSWORD, email="erin@example.org", confirmed=True)


def app_of(user):
    token = app_tokens.begin(user.id, name="Notes").access
    return Client(headers={"Authorization": f"Bearer {token}"})


def sign_in(user, client):
    body = {"login": user.username, "password": PASSWORD}
    return client.post("/accounts/login/?next=/settings/profile", body)


def long_ago(client):
    """Make the sign-in of a browser older than a change may be."""
    session = client.session
    session[PROVED_AT] -= 301
    session.save()


def time_is_over():
    Deletion.objects.update(due_at=F("due_at") - timedelta(days=14))


def is_erased(user):
    user.refresh_from_db()
    return user.erased_at is not None


# -- asking ----------------------------------------------------------------------------------------


def test_a_person_deletes_their_account_on_the_page(erin, settings, mailoutbox):
    settings.DELETION_DAYS = 7
    browser, other, app = signed_in(erin), signed_in(erin), app_of(erin)
    assert PAGE in browser.get("/settings/data").content.decode()
    shown = browser.get(PAGE).content.decode()
    assert "after 7 days" in shown
    assert "Former member" in shown
    answer = browser.post(PAGE, follow=True)
    row = Deletion.objects.get()
    due = timezone.now() + timedelta(days=7)
    assert due - timedelta(minutes=1) < row.due_at < due
    day = date_format(row.due_at, "DATE_FORMAT")
    assert f"Your account will be deleted on {day}." in answer.content.decode()
    assert answer.redirect_chain[-1][0] == "/accounts/login/"
    for client in (browser, other):
        assert client.get("/")["Location"].startswith("/accounts/login/")
    assert app.get(ME).status_code == 401
    ending = Ending.objects.get(user=erin)
    assert (ending.way, ending.account, ending.by_id) == (Way.DELETION_ASKED, False, erin.id)
    [mail] = mailoutbox
    assert mail.to == ["erin@example.org"]
    assert "To keep it, sign in before then." in mail.body
    erase_accounts()
    assert not is_erased(erin)
    time_is_over()
    erase_accounts()
    assert is_erased(erin)
    assert not Deletion.objects.exists()


def test_the_page_after_it_has_one_language_that_of_the_browser(erin):
    erin.locale = "de"
    erin.save()
    page = signed_in(erin).post(PAGE, follow=True).content.decode()
    assert '<html lang="en"' in page
    assert "Your account will be deleted on" in page


def test_an_app_deletes_the_account_over_the_api(alice, settings):
    app = app_of(alice)
    answer = app.delete(ME)
    assert answer.status_code == 202
    assert answer.json() == {"due_at": f"{Deletion.objects.get().due_at:%Y-%m-%dT%H:%M:%S.%fZ}"}
    assert app.get(ME).status_code == 401
    assert Session.objects.filter(user=alice).count() == 0


def test_it_takes_a_fresh_sign_in(erin, alice):
    with_password, without = signed_in(erin), signed_in(alice)
    app = app_of(alice)
    for client in (with_password, without):
        long_ago(client)
    # What an app remembers of its last proof.
    Session.objects.exclude(
        session_key__in=[c.session.session_key for c in (with_password, without)]
    ).update(session_data="")
    assert with_password.post(PAGE)["Location"].startswith("/accounts/reauthenticate/")
    answer = without.post(PAGE)
    assert (answer.status_code, "sign in again" in answer.content.decode()) == (403, True)
    for client in (with_password, without, app):
        answer = client.delete(ME)
        assert (answer.status_code, answer.json()["code"]) == (403, "fresh_sign_in_required")
    assert not Deletion.objects.exists()
    body = {"password": PASSWORD, "next": PAGE}
    with_password.post("/accounts/reauthenticate/", body)
    assert Deletion.objects.get().user_id == erin.id


def test_nobody_deletes_the_account_of_somebody_else(alice, charlie, client):
    browser, app = signed_in(charlie), app_of(charlie)
    assert client.post(PAGE)["Location"].startswith("/accounts/login/")
    assert client.delete(ME).status_code == 401
    assert app.delete(f"/api/v1/people/{alice.id}").status_code == 405
    assert browser.post(PEOPLE, {"action": "delete_account"}).status_code == 302
    browser.post(PAGE, {"user": str(alice.id), "username": "alice"})
    assert [row.user_id for row in Deletion.objects.all()] == [charlie.id]


def test_without_days_it_is_deleted_at_once(erin, settings, mailoutbox):
    settings.DELETION_DAYS = 0
    browser = signed_in(erin)
    assert "cannot be taken back" in browser.get(PAGE).content.decode()
    assert "is being deleted" in browser.post(PAGE, follow=True).content.decode()
    erase_accounts()
    assert is_erased(erin)
    assert [mail.subject for mail in mailoutbox] == ["Your account is being deleted"]


def test_a_closed_account_asks_for_nothing(alice):
    accounts.deactivate(alice.id)
    with pytest.raises(NotFound):
        deletions.ask(alice.id)
    assert not Deletion.objects.exists()


def test_asking_is_limited(alice):
    limits.check(limits.DELETIONS, alice.id, uses=limits.DELETIONS.amount - 1)
    deletions.ask(alice.id)
    with pytest.raises(RateLimited):
        deletions.ask(alice.id)
    refused = signed_in(alice).post(PAGE)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert "That was too fast" in refused.content.decode()


# -- taking it back --------------------------------------------------------------------------------


def test_a_sign_in_takes_it_back_and_says_so_once(erin, mailoutbox):
    signed_in(erin).post(PAGE)
    browser = Client()
    answer = sign_in(erin, browser)
    assert not Deletion.objects.exists()
    assert answer["Location"] == "/settings/data"
    assert "Your account will not be deleted." in browser.get("/settings/data").content.decode()
    assert "will not be deleted" not in browser.get("/settings/data").content.decode()
    assert [mail.subject for mail in mailoutbox][1:] == ["Your account will not be deleted"]
    time_is_over()
    erase_accounts()
    assert not is_erased(erin)


def test_an_app_that_signs_in_takes_it_back(erin):
    deletions.ask(erin.id)
    body = {"username": "erin", "password": PASSWORD}
    kind = "application/json"
    assert Client().post("/api/v1/tokens", body | {"password": "no"}, kind).status_code == 401
    assert Deletion.objects.exists()
    assert Client().post("/api/v1/tokens", body, kind).status_code == 201
    assert not Deletion.objects.exists()


def test_closing_the_account_does_not_take_it_back(erin):
    deletions.ask(erin.id)
    accounts.deactivate(erin.id)
    body = {"login": "erin", "password": PASSWORD}
    Client().post("/accounts/login/", body)
    assert Deletion.objects.exists()
    time_is_over()
    erase_accounts()
    assert is_erased(erin)
    assert erin.closed_way == Way.ADMINISTRATOR


def test_it_is_too_late_once_it_has_begun(erin, monkeypatch):
    """The worker dies after it has closed the account."""
    deletions.ask(erin.id)
    time_is_over()
    with monkeypatch.context() as patch:
        patch.setattr("apps.accounts.actions.erasing.erasures", dict)
        patch.setattr("apps.accounts.actions.erasing._held", _once())
        erase_accounts()
    erin.refresh_from_db()
    assert (erin.is_active, erin.closed_way, erin.name) == (False, Way.DELETION, "")
    assert not deletions.take_back(erin.id)
    accounts.activate(erin.id)
    erin.refresh_from_db()
    assert not erin.is_active


def _once():
    from apps.accounts.actions import erasing

    real, calls = erasing._held, []

    def held(row):
        calls.append(row)
        if len(calls) > 1:
            raise erasing.ClaimLost
        return real(row)

    return held


def test_an_erased_account_is_never_opened_again(alice):
    deletions.start(alice.id, at_once=True)
    erase_accounts()
    accounts.activate(alice.id)
    alice.refresh_from_db()
    assert not alice.is_active
    with pytest.raises(NotFound):
        contacts.invite(person("frank").id, alice.id)


def test_an_account_is_not_reopened_while_its_deletion_closes_it(alice, bob):
    row = deletions.start(alice.id, at_once=True)

    def close():
        accounts.deactivate(alice.id, way=Way.DELETION)
        Deletion.objects.filter(user_id=alice.id).update(ending_id=new_id())

    assert row.ending_id is None
    meanwhile(close, partial(accounts.activate, alice.id))
    alice.refresh_from_db()
    assert not alice.is_active


# -- afterwards ------------------------------------------------------------------------------------


def test_nobody_gets_the_username_again(alice, bob):
    deletions.start(alice.id, at_once=True)
    erase_accounts()
    with pytest.raises(Invalid, match="taken"):
        register("Alice", password=PASSWORD)
    with pytest.raises(Invalid, match="taken"):
        profile.update(bob.id, version=None, username="alice")
    body = {"username": "alice", "password1": PASSWORD, "password2": PASSWORD}
    Client().post("/accounts/signup/", body)
    assert not User.objects.filter(username="alice").exists()
    bob.refresh_from_db()
    assert bob.username == "bob"


def test_a_greeting_that_waits_is_erased_on_both_sides(alice, bob):
    contacts.invite(alice.id, bob.id)
    contacts.greet(alice.id, bob.id, "We met at the ferry")
    deletions.start(alice.id, at_once=True)
    erase_accounts()
    assert not Contact.objects.exclude(greeting="").exists()


def test_the_record_counts_what_was_erased_and_has_no_name(alice, bob, root):
    in_touch(alice, bob)
    deletions.start(alice.id, by=root.id, at_once=True)
    erase_accounts()
    ending = Ending.objects.get(user=alice, account=True)
    assert (ending.way, ending.by_id) == (Way.DELETION, root.id)
    assert {"profiles": 1, "contacts": 1}.items() <= {
        part.kind: part.count for part in ending.parts.all()
    }.items()
    page = reverse("admin:accounts_ending_change", args=[ending.id])
    shown = signed_in(root).get(page).content.decode()
    assert "contacts" in shown
    assert "alice" not in shown.lower()
    assert "Ärmel" not in shown


# -- administrators --------------------------------------------------------------------------------


def do(root, action, *people):
    body = {"action": action, "_selected_action": [str(each.id) for each in people]}
    return signed_in(root).post(PEOPLE, body, follow=True).content.decode()


def test_an_administrator_begins_it_and_keeps_the_account(alice, bob, root):
    signed_in(alice)
    shown = do(root, "delete_account", alice, root)
    assert "Alice will be deleted at" in shown
    row = Deletion.objects.get()
    assert (row.user_id, row.by_id) == (alice.id, root.id)
    assert Ending.objects.get(user=alice).by_id == root.id
    change = reverse("admin:accounts_user_change", args=[alice.id])
    day = f"{timezone.localtime(row.due_at):%Y}"
    assert day in signed_in(root).get(change).content.decode()
    assert "Bob is not about to be deleted" in do(root, "keep_account", bob)
    assert Deletion.objects.exists()
    assert signed_in(root).post(change, {"_keep_account": "1"}).status_code == 302
    assert not Deletion.objects.exists()
    signed_in(root).post(change, {"_delete_account": "1"})
    time_is_over()
    erase_accounts()
    assert is_erased(alice)
    assert "is deleted already" in do(root, "delete_account", alice)


def test_staff_do_not_delete_superusers(root):
    from django.contrib.auth.models import Permission

    staff = person("staff", is_staff=True)
    names = ["view_user", "change_user"]
    staff.user_permissions.set(Permission.objects.filter(codename__in=names))
    other = person("other", is_superuser=True)
    assert "left out" in do(staff, "delete_account", other)
    assert not Deletion.objects.exists()


def test_the_command_begins_it_or_does_it_now(alice, bob):
    said = StringIO()
    call_command("deleteaccount", "alice", stdout=said)
    assert "will be deleted at" in said.getvalue()
    assert not is_erased(alice)
    call_command("deleteaccount", "alice", "--now", stdout=said)
    assert "profiles: 1" in said.getvalue()
    assert is_erased(alice)
    assert not is_erased(bob)
    with pytest.raises(CommandError, match="no account"):
        call_command("deleteaccount", "alice")
