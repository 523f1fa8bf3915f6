"""Registration by invitation, by a group's link, by e-mail domain, and the first administrator's
link."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from apps.accounts.actions import accounts, invites, registration
from apps.accounts.models import RegistrationInvite, User
from apps.chats.actions import groups, invite_links
from apps.chats.models import InviteLink, Member
from apps.core.errors import Refused
from chatproject.run import first_administrator
from tests.support.apps import post
from tests.support.people import PASSWORD, person, signed_in

SIGN_UP = "/accounts/signup/"


@pytest.fixture(autouse=True)
def _no_limits(db):
    cache.clear()


@pytest.fixture
def by_invite(settings):
    settings.REGISTRATION = "invite"


@pytest.fixture
def by_domain(settings):
    settings.REGISTRATION = "domains"
    settings.REGISTRATION_DOMAINS = ["example.org"]


@pytest.fixture
def group_link(alice):
    """The secret of a link to a group of Alice that one person can use."""
    chat = groups.create_group(alice.id, title="Choir", people=[])
    return chat, invite_links.create_link(
        alice.id, chat, lifetime=timedelta(days=1), most_uses=1
    ).secret


def secret_of(link):
    return re.search(r"(?:invite|proof)=(\S+)", link)[1]


def sign_up(client=None, username="bob", **fields):
    return (client or Client()).post(
        SIGN_UP, {"username": username, "password1": PASSWORD, **fields}
    )


def api_sign_up(username="bob", **more):
    return post("accounts", {"username": username, "password": PASSWORD, **more})


def test_without_an_invitation_a_page_says_whom_to_ask(by_invite):
    for response in (Client().get(SIGN_UP), sign_up(), sign_up(invite="guess")):
        assert "You need an invitation" in response.content.decode()
    answer = api_sign_up(invite="guess")
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "invitation" in answer.json()["detail"]
    assert not User.objects.exists()


def test_an_invitation_makes_one_account(by_invite):
    link = invites.create().link
    client = Client()
    assert secret_of(link) in client.get(link).content.decode()
    assert sign_up(client, invite=secret_of(link)).status_code == 302
    assert client.get("/api/v1/me").json()["username"] == "bob"
    again = sign_up(username="carl", invite=secret_of(link))
    assert "You need an invitation" in again.content.decode()
    assert api_sign_up("carl", invite=secret_of(link)).status_code == 403
    invite = RegistrationInvite.objects.get()
    assert (invite.used_by.username, invite.used_at is not None) == ("bob", True)
    assert not User.objects.get().is_staff


def test_a_refused_form_leaves_the_invitation(by_invite, alice):
    secret = secret_of(invites.create().link)
    response = sign_up(username="alice", invite=secret)
    assert f'value="{secret}"' in response.content.decode()
    assert api_sign_up("alice", invite=secret).status_code == 400
    assert api_sign_up(invite=secret).status_code == 201


@pytest.mark.parametrize("change", ["expired", "revoked"])
def test_an_ended_invitation_makes_none(by_invite, change):
    invite, link = invites.create()
    if change == "expired":
        RegistrationInvite.objects.update(expires_at=timezone.now())
    else:
        assert invites.revoke(invite.id)
    assert api_sign_up(invite=secret_of(link)).status_code == 403


def test_an_invitation_ends_with_the_account_of_who_made_it(by_invite, settings):
    """Who was dismissed does not come back as somebody else."""
    maker = person("maker", is_staff=True)
    secret = secret_of(invites.create(by=maker.id).link)
    accounts.deactivate(maker.id)
    assert api_sign_up(invite=secret).status_code == 403
    settings.STAFF_SECOND_FACTOR = False
    root = signed_in(person("root", is_staff=True, is_superuser=True))
    page = root.get("/admin/accounts/registrationinvite/").content.decode()
    assert "the account that made it is closed" in page
    accounts.activate(maker.id)
    assert api_sign_up(invite=secret).status_code == 201


def test_nobody_is_invited_where_nobody_registers(settings):
    link = invites.create().link
    settings.REGISTRATION = "off"
    assert api_sign_up(invite=secret_of(link)).status_code == 404
    with pytest.raises(CommandError, match="Nobody can register"):
        call_command("invite")


@pytest.mark.django_db(transaction=True)
def test_two_who_use_an_invitation_at_once_make_one_account(by_invite):
    secret = secret_of(invites.create().link)
    start = Barrier(2)

    def register(username):
        try:
            start.wait()
            registration.sign_up(username, password=PASSWORD, invite=secret)
        except Refused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(register, ["bob", "carl"])) == [False, True]
    assert User.objects.count() == 1


def test_a_groups_link_makes_an_account_in_the_group(by_invite, group_link):
    chat, secret = group_link
    client = Client()
    page = client.get(f"/join/{secret}").content.decode()
    [to_sign_up] = re.findall(r'href="(/accounts/signup/[^"]*)"', page)
    assert "Create account" in client.get(to_sign_up).content.decode()
    response = sign_up(client, next=f"/join/{secret}")
    assert (response.status_code, response["Location"]) == (302, f"/join/{secret}")
    assert client.get(f"/join/{secret}")["Location"] == f"/c/{chat}"
    assert Member.objects.filter(chat_id=chat, user__username="bob", left_rev=None).exists()
    assert InviteLink.objects.get().uses == 1


def test_a_used_up_link_of_a_group_makes_no_account(by_invite, group_link):
    _, secret = group_link
    assert api_sign_up(invite=secret).status_code == 201
    assert api_sign_up("carl", invite=secret).status_code == 403
    assert not User.objects.filter(username="carl").exists()


def test_when_a_group_is_full_there_is_no_account(by_invite, group_link, settings):
    _, secret = group_link
    settings.GROUP_SIZE = 1
    answer = api_sign_up(invite=secret)
    assert (answer.status_code, answer.json()["code"]) == (409, "full")
    response = sign_up(next=f"/join/{secret}")
    assert response["Location"] == f"{SIGN_UP}?next=%2Fjoin%2F{secret}"
    assert not User.objects.filter(username="bob").exists()


def test_a_groups_link_does_not_replace_a_proven_address(by_domain, group_link):
    assert api_sign_up(invite=group_link[1]).status_code == 403
    assert api_sign_up(invite=secret_of(invites.create().link)).status_code == 201


def test_an_address_of_the_domain_is_proven_before_there_is_an_account(by_domain, mailoutbox):
    client = Client()
    page = client.post(SIGN_UP, {"email": "Bob@Example.org"}).content.decode()
    assert "Check your e-mail" in page
    assert not User.objects.exists()
    [mail] = mailoutbox
    assert mail.to == ["bob@example.org"]
    link = re.search(r"https?://\S+", mail.body.partition(":\n")[2])[0]
    page = client.get(link).content.decode()
    assert "bob@example.org" in page
    assert 'name="email"' not in page
    proof = re.search(r'name="proof" value="([^"]+)"', page)[1]
    assert sign_up(client, proof=proof, email="mallory@example.org").status_code == 302
    assert User.objects.get().email == "bob@example.org"
    # The link is worth nothing more.
    assert sign_up(username="carl", proof=proof).status_code == 200
    assert api_sign_up("carl", proof=proof).status_code == 400
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "email", ["bob@example.com", "bob@sub.example.org", "bob@example.org.evil.com", "example.org"]
)
def test_an_address_of_another_domain_gets_no_link(by_domain, mailoutbox, email):
    response = Client().post(SIGN_UP, {"email": email})
    assert response.context["form"].errors["email"]
    assert not mailoutbox


def test_an_address_with_an_account_gets_the_page_of_a_free_one(by_domain, mailoutbox):
    registration.register("alice", password=PASSWORD, email="a@example.org", confirmed=True)
    pages = [
        re.sub(r'value="[^"]*"', "", Client().post(SIGN_UP, {"email": email}).content.decode())
        for email in ("a@example.org", "b@example.org")
    ]
    assert pages[0] == pages[1]
    assert "an account already" in mailoutbox[0].subject
    assert "proof=" not in mailoutbox[0].body


def test_a_forged_or_old_proof_makes_no_account(by_domain, mailoutbox, settings, monkeypatch):
    Client().post(SIGN_UP, {"email": "bob@example.org"})
    proof = secret_of(mailoutbox[0].body)
    for wrong in ("", "x", proof[:-1]):
        assert api_sign_up(proof=wrong).status_code == 403
    settings.REGISTRATION_DOMAINS = ["example.com"]
    assert api_sign_up(proof=proof).status_code == 403
    settings.REGISTRATION_DOMAINS = ["example.org"]
    monkeypatch.setattr("apps.accounts.actions.email_proofs.LINK_TTL_S", -1)
    assert api_sign_up(proof=proof).status_code == 403
    assert "no longer valid" in Client().get(SIGN_UP, {"proof": proof}).content.decode()


def test_a_command_makes_and_mails_an_invitation(by_invite, mailoutbox, capsys):
    call_command("invite", "--email", "bob@example.org", "--json")
    made = json.loads(capsys.readouterr().out)
    assert made["link"] in mailoutbox[0].body
    assert api_sign_up(invite=secret_of(made["link"])).status_code == 201
    with pytest.raises(CommandError, match="1 to 365 days"):
        call_command("invite", "--days", "400")


@pytest.mark.parametrize("mode", ["open", "off", "invite"])
def test_the_first_administrator_comes_by_the_link_of_the_start(
    settings, capsys, monkeypatch, mode
):
    # It would close the connection of the test.
    monkeypatch.setattr(first_administrator, "disconnect", lambda: None)
    settings.REGISTRATION = mode
    first_administrator.print_link()
    first_administrator.print_link()
    _, new = re.findall(r"https?://\S+", capsys.readouterr().out)
    assert secret_of(new) not in str(list(RegistrationInvite.objects.values()))
    client = Client()
    assert "administrator's account" in client.get(new).content.decode().replace("&#x27;", "'")
    assert sign_up(client, invite=secret_of(new), email="b@example.org").status_code == 302
    user = User.objects.get()
    assert (user.is_superuser, user.is_staff, user.email) == (True, True, "b@example.org")
    assert ("ordinary account" in Client().get(new).content.decode()) == (mode == "open")
    used = api_sign_up("carl", invite=secret_of(new))
    assert used.status_code == {"open": 201, "off": 404, "invite": 403}[mode]
    assert not User.objects.filter(username="carl", is_superuser=True).exists()
    first_administrator.print_link()
    assert capsys.readouterr().out == ""
    with pytest.raises(CommandError):
        call_command("adminlink")


@pytest.mark.parametrize("mode", ["open", "off", "invite"])
def test_the_sign_in_page_leads_to_registration_where_somebody_may(settings, mode):
    settings.REGISTRATION = mode
    page = Client().get("/accounts/login/").content.decode()
    assert (SIGN_UP in page) == (mode != "off")


def test_the_link_of_an_earlier_start_is_worth_nothing(settings):
    settings.REGISTRATION = "off"
    old = invites.renew_first_administrators().link
    new = invites.renew_first_administrators().link
    assert api_sign_up(invite=secret_of(old)).status_code == 404
    registration.register("alice", password=PASSWORD, administrator=True)
    assert api_sign_up(invite=secret_of(new)).status_code == 404


def test_the_link_makes_an_account_by_the_rules_of_all_others(settings):
    settings.REGISTRATION = "off"
    secret = secret_of(invites.renew_first_administrators().link)
    assert api_sign_up(invite=secret, password="short").status_code == 400
    RegistrationInvite.objects.update(expires_at=timezone.now())
    assert api_sign_up(invite=secret).status_code == 404


def test_the_admin_shows_a_link_once_and_revokes(by_invite, settings):
    settings.STAFF_SECOND_FACTOR = False
    admin_client = signed_in(person("root", is_staff=True, is_superuser=True))
    page = "/admin/accounts/registrationinvite/"
    given = {"days": "3", "email": ""}
    shown = admin_client.post(f"{page}add/", given, follow=True).content.decode()
    secret = secret_of(shown)
    invite = RegistrationInvite.objects.get()
    assert invite.made_by.is_superuser
    assert timedelta(days=2) < invite.expires_at - timezone.now() <= timedelta(days=3)
    assert secret not in admin_client.get(page).content.decode()
    chosen = {"action": "revoke", "_selected_action": [str(invite.id)]}
    admin_client.post(page, chosen)
    assert api_sign_up(invite=secret).status_code == 403


def test_staff_without_the_permission_invite_nobody(by_invite, settings):
    settings.STAFF_SECOND_FACTOR = False
    staff = signed_in(person("mona", is_staff=True))
    assert staff.get("/admin/accounts/registrationinvite/add/").status_code == 403


def test_where_anybody_registers_a_link_is_accepted_with_the_account(group_link, alice):
    chat, secret = group_link
    client = Client()
    assert sign_up(client, next=f"/join/{secret}")["Location"] == f"/join/{secret}"
    assert client.get(f"/join/{secret}")["Location"] == f"/c/{chat}"
    # It is used up: there is an account, and the page says why it is not in the group.
    other = Client()
    assert sign_up(other, "carl", next=f"/join/{secret}")["Location"] == f"/join/{secret}"
    assert other.get(f"/join/{secret}").status_code == 404
    assert User.objects.filter(username="carl").exists()


def test_the_page_of_a_link_says_before_sign_in_who_invites_where_to(group_link):
    _, secret = group_link
    page = Client().get(f"/join/{secret}").content.decode()
    for words in ("Choir", "invites you to this group", "1 person is in it", "Create account"):
        assert words in page
    assert 'method="post"' not in page
    answer = Client().post(f"/join/{secret}")
    assert answer["Location"].startswith("/accounts/login/?next=/join/")
    assert Client().get("/join/nonsense").status_code == 404


def test_the_forms_say_who_invites_to_which_group(group_link, alice):
    _, secret = group_link
    said = f"{alice.get_full_name()} invites you to the group “Choir”."
    for page in ("signup", "login"):
        assert said in Client().get(f"/accounts/{page}/?next=/join/{secret}").content.decode()
        for other in ("", "?next=/join/nonsense", "?next=/people"):
            shown = Client().get(f"/accounts/{page}/{other}").content.decode()
            assert "invites you" not in shown
            assert "You are invited" not in shown
    refused = Client().post("/accounts/signup/", {"username": "!", "next": f"/join/{secret}"})
    assert said in refused.content.decode()


def test_a_new_account_has_the_name_and_the_time_zone_of_its_browser():
    sign_up(username="bob", name=" Bob  Ember ", time_zone="Asia/Tokyo")
    sign_up(username="carl", time_zone="Moon/Base")
    bob, carl = (User.objects.get(username=name) for name in ("bob", "carl"))
    assert (bob.name, bob.time_zone) == ("Bob  Ember", "Asia/Tokyo")
    assert (carl.name, carl.time_zone) == ("", "UTC")
