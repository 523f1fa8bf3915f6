"""Accounts in the Django admin, and the first administrator."""

from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from tests.support.people import PASSWORD, person, signed_in

PEOPLE = reverse("admin:accounts_user_changelist")


def change_page(user):
    return reverse("admin:accounts_user_change", args=[user.id])


@pytest.fixture
def root(db):
    return person("root", is_staff=True, is_superuser=True)


def make_admin(**options):
    call_command("createadmin", noinput=True, stdout=StringIO(), **options)


def test_createadmin_makes_an_administrator_without_asking(db, monkeypatch):
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    make_admin(username="Root", email="root@example.org", name="The Root")
    user = User.objects.get()
    assert (user.username, user.name, user.email) == ("root", "The Root", "root@example.org")
    assert user.is_superuser
    assert user.check_password(PASSWORD)
    client = Client()
    client.post("/accounts/login/", {"login": "root@example.org", "password": PASSWORD})
    assert client.get(PEOPLE).status_code == 200


@pytest.mark.parametrize("is_asked", [True, False])
def test_createadmin_says_what_the_admin_will_ask_for(db, monkeypatch, settings, capsys, is_asked):
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)
    settings.STAFF_SECOND_FACTOR = is_asked
    call_command("createadmin", username="root", noinput=True)
    assert ("authenticator app" in capsys.readouterr().out) == is_asked


def test_createadmin_reports_missing_or_wrong_input(db, monkeypatch):
    monkeypatch.delenv("ADMIN_PASSWORD", raising=False)
    with pytest.raises(CommandError, match="--username"):
        make_admin()
    with pytest.raises(CommandError, match="ADMIN_PASSWORD"):
        make_admin(username="root")
    monkeypatch.setenv("ADMIN_PASSWORD", "short")
    with pytest.raises(CommandError, match="#/password"):
        make_admin(username="root")
    assert not User.objects.exists()


def test_the_admin_has_no_sign_in_of_its_own(client, db, alice):
    response = client.get(PEOPLE, follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/?next=")
    assert signed_in(alice).get(PEOPLE, follow=True).status_code == 403


def test_closing_an_account_ends_its_sessions(root, alice):
    device = signed_in(alice)
    signed_in(root).post(
        PEOPLE, {"action": "deactivate", "_selected_action": [str(alice.id), str(root.id)]}
    )
    assert not User.objects.get(id=alice.id).is_active
    assert User.objects.get(id=root.id).is_active
    assert device.get("/api/v1/me").status_code == 401
    signed_in(root).post(PEOPLE, {"action": "activate", "_selected_action": [str(alice.id)]})
    assert User.objects.get(id=alice.id).is_active


def test_admins_cannot_change_profiles(root, alice):
    response = signed_in(root).post(
        change_page(alice),
        {"name": "Other", "username": "other", "is_active": "", "is_staff": "on"},
    )
    assert response.status_code == 302
    kept = User.objects.get(id=alice.id)
    assert (kept.username, kept.name, kept.is_active) == ("alice", "Alice Ärmel", True)
    assert kept.is_staff


def test_only_superusers_see_emails(root, db):
    bob = person("bob", email="bob@example.org")
    from django.contrib.auth.models import Permission

    helper = person("helper", is_staff=True)
    helper.user_permissions.set(
        Permission.objects.filter(codename__in=["view_user", "change_user"])
    )
    assert "bob@example.org" in signed_in(root).get(change_page(bob)).content.decode()
    page = signed_in(helper).get(change_page(bob))
    assert page.status_code == 200
    assert "bob@example.org" not in page.content.decode()
    assert "is_superuser" not in page.content.decode()


def test_staff_cannot_give_themselves_permissions(db):
    from django.contrib.auth.models import Permission

    helper = person("helper", is_staff=True)
    helper.user_permissions.set(Permission.objects.filter(codename="change_user"))
    signed_in(helper).post(change_page(helper), {"is_superuser": "on", "is_staff": "on"})
    assert not User.objects.get(id=helper.id).is_superuser


def test_accounts_cannot_be_deleted_in_the_admin(root, alice):
    client = signed_in(root)
    response = client.post(reverse("admin:accounts_user_delete", args=[alice.id]), {"post": "yes"})
    assert response.status_code == 403


def test_admins_cannot_add_or_confirm_email_addresses(root, alice):
    client = signed_in(root)
    assert client.get(PEOPLE).status_code == 200
    assert EmailAddress not in admin.site._registry
    body = {"user": str(alice.id), "email": "mine@example.org", "verified": "on", "primary": "on"}
    assert client.post("/admin/account/emailaddress/add/", body).status_code == 404
    assert not EmailAddress.objects.filter(user=alice).exists()
