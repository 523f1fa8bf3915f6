"""The commands about accounts, and their JSON."""

import json
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.urls import reverse

from apps.accounts.actions.registration import register
from apps.accounts.models import Ending, User
from apps.moderation.actions import people
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import AuditRecord
from tests.support.people import PASSWORD, person, session_of, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def said(*arguments):
    output = StringIO()
    call_command(*arguments, "--json", stdout=output)
    return json.loads(output.getvalue())


def test_an_account_is_made_and_its_owner_chooses_the_password(mailoutbox, client, settings):
    made = said("createaccount", "Erin", "--email", "erin@example.org", "--name", "Erin")
    user = User.objects.get(username="erin")
    assert made == {"id": str(user.id), "username": "erin", "sent_to": "erin@example.org"}
    assert not user.is_staff
    [mail] = mailoutbox
    assert mail.to == ["erin@example.org"]
    link = next(word for word in mail.body.split() if "/password/reset/key/" in word)
    assert link.startswith(settings.PUBLIC_URL)
    assert mail.subject == "An account was created for you"
    assert "username is erin" in mail.body
    assert "within 3 days" in mail.body
    answer = client.get(link.removeprefix(settings.PUBLIC_URL), follow=True)
    page = answer.content.decode()
    assert "Choose a password" in page
    assert "new password" not in page
    body = {"password1": PASSWORD, "password2": PASSWORD}
    answer = client.post(answer.redirect_chain[-1][0], body, follow=True)
    assert "old password" not in answer.content.decode()
    assert client.login(username="erin", password=PASSWORD)
    told = mailoutbox[-1].body
    assert "Parley" in told
    assert "testserver" not in told
    for wrong, field in ((("erin", "new@example.org"), "username"), (("fred", "no"), "email")):
        with pytest.raises(CommandError, match=field):
            call_command("createaccount", wrong[0], "--email", wrong[1])
    assert User.objects.count() == 1


def test_a_mail_that_was_not_sent_is_not_said_to_be(settings):
    settings.EMAIL_BACKEND = "chatproject.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(CommandError, match="mail host"):
        call_command("createaccount", "erin", "--email", "erin@example.org")
    assert not User.objects.exists(), "it can be made again"
    register("bob", password=PASSWORD, email="bob@example.org", confirmed=True)
    with pytest.raises(CommandError, match="mail host"):
        call_command("passwordlink", "bob")


def test_mails_that_are_printed_leave_the_json_alone(settings, capsys):
    settings.EMAIL_BACKEND = "chatproject.console.EmailBackend"
    call_command("createaccount", "erin", "--email", "erin@example.org", "--json")
    printed = capsys.readouterr()
    assert json.loads(printed.out)["username"] == "erin"
    assert "To: erin@example.org" in printed.err


def test_a_link_is_sent_again_and_only_to_a_confirmed_address(mailoutbox):
    said("createaccount", "erin", "--email", "erin@example.org")
    assert said("passwordlink", "erin") == {"username": "erin", "sent_to": "erin@example.org"}
    assert len(mailoutbox) == 2
    person("bob")
    with pytest.raises(CommandError, match="no confirmed e-mail"):
        call_command("passwordlink", "bob")
    with pytest.raises(CommandError, match="no account nobody"):
        call_command("passwordlink", "nobody")


def test_sessions_end_and_accounts_close_and_reopen():
    bob = person("bob")
    session_of(bob)
    ended = said("endaccess", "bob", "--only-sessions")
    assert ended == {"ending": str(Ending.objects.get().id), "ended": {"sessions": 1}}
    assert said("endaccess", "bob", "--only-sessions") == {"ending": None, "ended": {}}
    assert said("endaccess", "bob")["ending"]
    assert not User.objects.get(id=bob.id).is_active
    assert said("reopenaccount", "bob") == {"username": "bob", "open": True}
    assert User.objects.get(id=bob.id).is_active
    people.suspend(By(None, Door.COMMAND), bob.id, until=None, reason="Insults")
    with pytest.raises(CommandError, match="suspended"):
        call_command("reopenaccount", "bob")


def test_other_commands_print_json():
    bob = person("bob")
    assert said("removesecondfactor", "bob") == {"username": "bob", "removed": False}
    assert set(said("deleteaccount", "bob")) == {"due_at"}
    assert "ended" in said("deleteaccount", "bob", "--now")
    assert User.objects.get(id=bob.id).erased_at


def test_an_administrator_makes_an_account_in_the_admin(mailoutbox, settings):
    settings.STAFF_SECOND_FACTOR = False
    root = person("root", is_staff=True, is_superuser=True)
    client, page = signed_in(root), reverse("admin:accounts_user_add")
    form = {"username": "erin", "name": "Erin", "email": "erin@example.org"}
    assert "Enter a valid" in client.post(page, {**form, "email": "no"}).content.decode()
    assert client.post(page, {**form, "is_superuser": "on"}).status_code == 302
    erin = User.objects.get(username="erin")
    assert (erin.name, erin.email, erin.is_superuser) == ("Erin", "erin@example.org", False)
    assert [mail.to for mail in mailoutbox] == [["erin@example.org"]]
    assert "already exists" in client.post(page, form).content.decode()
    plain = person("staff", is_staff=True)
    assert signed_in(plain).get(page).status_code == 403


def recorded():
    """The audit log: what was done, where, by whom, about whom."""
    rows = AuditRecord.objects.order_by("number")
    return [(row.action, row.door, row.by, row.person) for row in rows]


def test_commands_about_accounts_are_in_the_audit_log(mailoutbox):
    said("createaccount", "erin", "--email", "erin@example.org")
    erin = User.objects.get(username="erin").id
    Authenticator.objects.create(user_id=erin, type="totp", data={"secret": "sealed"})
    for command in (
        ("passwordlink", "erin"),
        ("removesecondfactor", "erin"),
        ("removesecondfactor", "erin"),  # there is none any more
        ("endaccess", "erin", "--only-sessions"),
        ("endaccess", "erin"),
        ("reopenaccount", "erin"),
    ):
        said(*command)
    said("invite")
    assert recorded() == [
        ("create_account", "command", None, erin),
        ("send_password_link", "command", None, erin),
        ("remove_second_factor", "command", None, erin),
        ("end_sessions", "command", None, erin),
        ("close_account", "command", None, erin),
        ("reopen_account", "command", None, erin),
        ("invite", "command", None, None),
    ]


def test_what_somebody_may_do_changes_in_the_audit_log(settings):
    settings.STAFF_SECOND_FACTOR = False
    root = person("root", is_staff=True, is_superuser=True)
    bob = person("bob")
    page = reverse("admin:accounts_user_change", args=[bob.id])
    moderate = Permission.objects.get(codename="moderate").id
    client = signed_in(root)
    for body in ({"is_staff": "on", "user_permissions": [moderate]}, {"is_staff": "on"}, {}):
        assert client.post(page, body).status_code == 302
        assert client.post(page, body).status_code == 302, "nothing changes"
    assert recorded() == [("change_permissions", "admin", root.id, bob.id)] * 3
    details = [json.loads(row.details) for row in AuditRecord.objects.order_by("number")]
    assert details == [
        {
            "is_staff": {"old": False, "new": True},
            "user_permissions": {"old": [], "new": ["moderate"]},
        },
        {"user_permissions": {"old": ["moderate"], "new": []}},
        {"is_staff": {"old": True, "new": False}},
    ]
