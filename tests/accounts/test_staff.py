"""What the admin asks of staff, and what staff can do about somebody's sign-in."""

import time
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from apps.accounts.actions import second_factor
from apps.accounts.actions.registration import register
from apps.accounts.models import User
from tests.accounts.test_second_factor import REAUTHENTICATE, SECOND_STEP, set_up
from tests.support.people import PASSWORD, signed_in
from tests.support.signing_in import SIGN_IN, is_signed_in, sign_in
from tests.support.totp import totp

ADMIN = "/admin/"
PEOPLE = reverse("admin:accounts_user_changelist")


@pytest.fixture(autouse=True)
def _as_it_is_shipped(settings):
    """The setting as an operator finds it."""
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def root(db):
    return register("root", password=PASSWORD, administrator=True)


def bob_with_factor():
    """Somebody with a confirmed address and a second factor."""
    bob = register("bob", password=PASSWORD, email="bob@example.org", confirmed=True)
    Authenticator.objects.create(user=bob, type="totp", data={"secret": "sealed"})
    Authenticator.objects.create(user=bob, type="recovery_codes", data={})
    return bob


def at_admin(root):
    """A member of staff who has done all that the admin asks."""
    client = Client()
    sign_in(client, root.username)
    client.post(REAUTHENTICATE, {"password": PASSWORD})
    set_up(client, time.time())
    assert client.get(ADMIN).status_code == 200
    return client


def change_page(user):
    return reverse("admin:accounts_user_change", args=[user.id])


def test_staff_without_a_second_factor_set_one_up_before_the_admin_opens(root, caplog):
    client = Client()
    sign_in(client, "root")
    bob = register("bob", password=PASSWORD)
    for path in (ADMIN, PEOPLE, change_page(bob), "/admin/jsi18n/", "/admin/password_change/"):
        for answer in (client.get(path), client.post(path, {"is_staff": "on"})):
            assert answer.status_code == 403, path
            assert "Set up a second step" in answer.content.decode()
    assert not [each for each in caplog.records if each.name == "django.request"]
    body = {"action": "deactivate", "_selected_action": [str(bob.id)]}
    assert client.post(PEOPLE, body).status_code == 403
    assert User.objects.get(id=bob.id).is_active
    client.post(REAUTHENTICATE, {"password": PASSWORD})
    set_up(client, time.time())
    assert client.get(ADMIN).status_code == 200
    assert client.get(PEOPLE).status_code == 200


def test_the_admin_opens_after_a_sign_in_with_both_steps(root):
    client = Client()
    sign_in(client, "root")
    client.post(REAUTHENTICATE, {"password": PASSWORD})
    secret, _ = set_up(client)
    older = signed_in(root)
    answer = older.get(ADMIN)
    assert answer.status_code == 403
    assert "Sign in with your second step" in answer.content.decode()
    older.post("/accounts/logout/")
    assert sign_in(older, "root")["Location"] == SECOND_STEP
    assert older.get(ADMIN)["Location"].startswith("/admin/login/")
    # The next one, which is accepted as well: one that was used is not.
    older.post(SECOND_STEP, {"code": totp(secret, at=time.time() + 30)})
    assert older.get(ADMIN).status_code == 200


def test_a_second_factor_of_another_person_in_the_same_browser_does_not_count(root):
    client = at_admin(root)
    register("other", password=PASSWORD, administrator=True)
    session = client.session
    kept = session["second_factor_of"]
    client.post("/accounts/logout/")
    sign_in(client, "other")
    session = client.session
    session["second_factor_of"] = kept
    session.save()
    assert client.get(ADMIN).status_code == 403


def test_the_admin_asks_for_the_password_again_after_a_time(root, settings):
    client = at_admin(root)
    bob = register("bob", password=PASSWORD)
    session = client.session
    session["proved_at"] -= settings.STAFF_REAUTHENTICATION * 60 + 1
    session.save()
    body = {"action": "deactivate", "_selected_action": [str(bob.id)]}
    for answer, back in (
        (client.get(f"{PEOPLE}?q=bob"), "%2Fadmin%2Faccounts%2Fuser%2F%3Fq%3Dbob"),
        (client.post(PEOPLE, body), "%2Fadmin%2Faccounts%2Fuser%2F"),
    ):
        assert answer["Location"] == f"{REAUTHENTICATE}?next={back}"
    assert User.objects.get(id=bob.id).is_active
    assert client.post(answer["Location"], {"password": "wrong"}).status_code == 200
    assert client.get(PEOPLE).status_code == 302
    assert client.post(answer["Location"], {"password": PASSWORD})["Location"] == PEOPLE
    assert client.get(PEOPLE).status_code == 200
    client.post(PEOPLE, body)
    assert not User.objects.get(id=bob.id).is_active


def test_signing_out_of_the_admin_needs_nothing(root):
    client = Client()
    sign_in(client, "root")
    client.post("/admin/logout/")
    assert not is_signed_in(client)


def test_people_who_are_no_staff_see_nothing_of_this(db):
    register("bob", password=PASSWORD)
    client = Client()
    sign_in(client, "bob")
    answer = client.get(ADMIN, follow=True)
    assert answer.status_code == 403
    assert "second step" not in answer.content.decode()
    assert Client().get(ADMIN, follow=True).redirect_chain[-1][0].startswith(SIGN_IN)


def test_an_operator_can_do_without(root, settings):
    settings.STAFF_SECOND_FACTOR = False
    client = Client()
    sign_in(client, "root")
    assert client.get(ADMIN).status_code == 200


def test_staff_cannot_change_how_somebody_signs_in(root):
    """Each field that would let them become that person, as a forged form."""
    client = at_admin(root)
    bob = bob_with_factor()
    before = User.objects.values().get(id=bob.id)
    forged = {
        "email": "root@example.org",
        "password": "pbkdf2$stolen",
        "password1": "another good one",
        "password2": "another good one",
        "username": "root2",
    }
    client.post(change_page(bob), forged)
    changed = {
        name
        for name, value in User.objects.values().get(id=bob.id).items()
        if value != before[name]
    }
    assert changed == set()
    assert client.get(f"{change_page(bob)}password/").status_code in (302, 404)
    for model in ("account/emailaddress", "mfa/authenticator", "accounts/session"):
        assert client.get(f"/admin/{model}/").status_code == 404
    assert EmailAddress.objects.get(user=bob).email == "bob@example.org"
    assert "sealed" not in client.get(change_page(bob)).content.decode()


def test_staff_send_a_link_to_choose_a_password_and_do_not_see_it(root, mailoutbox):
    client = at_admin(root)
    bob = bob_with_factor()
    mailoutbox.clear()
    answer = client.post(change_page(bob), {"_send_password_link": "1"}, follow=True)
    page = answer.content.decode()
    assert "A link was sent to bob." in page
    [mail] = mailoutbox
    assert mail.to == ["bob@example.org"]
    assert "/accounts/password/reset/key/" in mail.body
    assert "/accounts/password/reset/key/" not in page
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (root, str(bob.id))
    assert "Sent a link" in entry.change_message
    # The button saves no field of the form.
    client.post(change_page(bob), {"_send_password_link": "1", "is_superuser": "on"})
    assert not User.objects.get(id=bob.id).is_superuser


def test_no_link_goes_to_a_closed_account_or_one_without_an_address(root, mailoutbox):
    client = at_admin(root)
    dana = register("dana", password=PASSWORD)
    bob = bob_with_factor()
    User.objects.filter(id=bob.id).update(is_active=False)
    mailoutbox.clear()
    for person in (dana, bob):
        page = client.post(change_page(person), {"_send_password_link": "1"}, follow=True)
        assert "has no confirmed e-mail address" in page.content.decode()
    assert mailoutbox == []
    assert not LogEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_staff_remove_the_factors_of_somebody_who_lost_them(mailoutbox, caplog):
    client = at_admin(register("root", password=PASSWORD, administrator=True))
    bob = bob_with_factor()
    mailoutbox.clear()
    page = client.post(change_page(bob), {"_remove_second_factor": "1"}, follow=True)
    assert "Bob signs in with the password alone now." in page.content.decode()
    assert not Authenticator.objects.filter(user=bob).exists()
    assert Authenticator.objects.filter(user__username="root").count() == 2
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        (["bob@example.org"], "Your second step was removed")
    ]
    root = User.objects.get(username="root")
    assert f"The second factors of {bob.id} were removed by {root.id}" in caplog.text
    assert "Removed the second factors." in LogEntry.objects.get().change_message
    assert sign_in(Client(), "bob")["Location"] == "/"


def test_staff_without_all_rights_touch_no_superuser(root):
    helper = register("helper", password=PASSWORD)
    User.objects.filter(id=helper.id).update(is_staff=True)
    helper.user_permissions.set(
        Permission.objects.filter(codename__in=["view_user", "change_user"])
    )
    client = at_admin(helper)
    Authenticator.objects.create(user=root, type="totp", data={"secret": "sealed"})
    for button in ("_remove_second_factor", "_send_password_link"):
        page = client.post(change_page(root), {button: "1"}, follow=True)
        assert "only superusers may do that" in page.content.decode()
    assert Authenticator.objects.filter(user=root).exists()
    for action in ("deactivate", "end_sessions", "activate"):
        form = {"action": action, "_selected_action": str(root.id)}
        page = client.post("/admin/accounts/user/", form, follow=True)
        assert "only superusers may do that" in page.content.decode()
    assert User.objects.get(id=root.id).is_active
    bob = bob_with_factor()
    client.post(change_page(bob), {"_remove_second_factor": "1"})
    assert not Authenticator.objects.filter(user=bob).exists()


def test_staff_who_may_only_look_change_nothing(root):
    helper = register("helper", password=PASSWORD)
    User.objects.filter(id=helper.id).update(is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename="view_user"))
    client = at_admin(helper)
    bob = bob_with_factor()
    assert "_remove_second_factor" not in client.get(change_page(bob)).content.decode()
    assert client.post(change_page(bob), {"_remove_second_factor": "1"}).status_code == 403
    assert Authenticator.objects.filter(user=bob).exists()


def test_an_administrator_without_any_factor_left_is_helped_by_the_command(root):
    Authenticator.objects.create(user=root, type="totp", data={"secret": "sealed"})
    said = StringIO()
    call_command("removesecondfactor", "ROOT", stdout=said)
    assert "root signs in with the password alone now." in said.getvalue()
    assert not Authenticator.objects.exists()
    call_command("removesecondfactor", "root", stdout=said)
    assert "root has no second factor." in said.getvalue()
    with pytest.raises(CommandError, match="no account nobody"):
        call_command("removesecondfactor", "nobody")


def test_removing_nothing_tells_nobody(root, mailoutbox, caplog):
    assert second_factor.remove_all(root.id) is False
    assert mailoutbox == []
    assert "removed" not in caplog.text


def test_the_admins_own_form_signs_nobody_in(root):
    helper = register("helper", password=PASSWORD)
    User.objects.filter(id=helper.id).update(is_staff=True)
    client = Client()
    body = {"username": "root", "password": PASSWORD, "next": ADMIN}
    assert client.post("/admin/login/", body)["Location"] == f"{SIGN_IN}?next=/admin/"
    sign_in(client, "helper")
    assert client.post("/admin/login/", body)["Location"] == ADMIN
    assert client.session["_auth_user_id"] == str(helper.id)


def test_filters_of_the_list_reveal_no_hidden_field(root):
    helper = register("helper", password=PASSWORD)
    User.objects.filter(id=helper.id).update(is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename="view_user"))
    client = at_admin(helper)
    for hidden in ("password__startswith", "email__startswith", "last_login__year"):
        assert client.get(PEOPLE, {hidden: "a"}).status_code == 400
    assert client.get(PEOPLE, {"is_active__exact": "1"}).status_code == 200


def test_a_removed_factor_closes_the_admin_of_sessions_that_proved_it(root):
    client = at_admin(root)
    second_factor.remove_all(root.id)
    answer = client.get(ADMIN)
    assert answer.status_code == 403
    assert "Set up a second step" in answer.content.decode()


def test_groups_are_not_in_the_admin(root):
    assert at_admin(root).get("/admin/auth/group/").status_code == 404


def test_the_admins_own_form_changes_no_password(root):
    client = at_admin(root)
    assert client.post("/admin/password_change/")["Location"] == "/accounts/password/change/"
