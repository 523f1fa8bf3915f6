"""The pages for registering, signing in and out, passwords and e-mails."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.views.defaults import permission_denied

from apps.accounts.actions.registration import register
from apps.accounts.models import User
from apps.accounts.queries.sessions import session_hash
from apps.core.errors import Invalid
from apps.wire.publish import EndSessions
from chatproject import settings as shipped
from tests.support.people import PASSWORD, signed_in
from tests.support.redirects import OTHER_SITES
from tests.support.signing_in import SIGN_IN, is_signed_in, sign_in

SIGN_UP = "/accounts/signup/"
PASSWORD_CHANGE = "/accounts/password/change/"
NEW = "another good one"
NEW_TWICE = {"password1": NEW, "password2": NEW}
# Words of the rules of passwords, and of what breaks one.
RULES = "characters|too common|entirely numeric|too similar"
WRONG = "That name and password do not match. Nothing was changed; try again."


def sign_up(client, username, **fields):
    return client.post(SIGN_UP, {"username": username, "password1": PASSWORD, **fields})


def link(mail):
    return re.search(r"https?://[^/]+(/\S+)", mail.body)[1]


def test_registering_signs_in_with_a_lower_case_username_and_an_argon2_password(client, settings):
    settings.PASSWORD_HASHERS = shipped.PASSWORD_HASHERS
    response = sign_up(client, " Alice ")
    assert (response.status_code, response["Location"]) == (302, "/")
    user = User.objects.get()
    assert user.username == "alice"
    assert user.password.startswith("argon2")
    assert is_signed_in(client)


@pytest.mark.parametrize(
    "username", ["", "ALICE", "with space", "-dash", "é", "x" * 33, "a\x00b", "<b>", "bob@x.org"]
)
def test_taken_or_malformed_usernames_are_refused(client, alice, username):
    response = sign_up(client, username)
    assert response.status_code == 200
    assert response.context["form"].errors["username"]
    assert User.objects.count() == 1


def test_after_an_error_the_password_is_typed_again_and_is_not_in_the_page(client, alice):
    response = sign_up(client, "alice", name="Ada")
    page = response.content.decode()
    assert response.context["form"].errors["password1"] == [
        "Type your password again. It was not kept."
    ]
    assert response.context["form"].errors["username"] == [
        "This username is taken. alice-2 is free."
    ]
    assert PASSWORD not in page
    assert 'value="Ada"' in page
    focused = re.findall(r"<input[^>]*autofocus[^>]*>", page)
    assert [re.search(r'name="(\w+)"', each)[1] for each in focused] == ["username", "password1"]


@pytest.mark.parametrize(
    "page",
    ["/accounts/confirm-email/", "/accounts/password/reset/", "/accounts/password/reset/done/"],
)
@pytest.mark.parametrize("backend", ["chatproject.console.EmailBackend", None])
def test_without_a_mail_server_no_page_says_that_a_link_was_sent(
    client, db, settings, page, backend
):
    settings.EMAIL_BACKEND = backend or settings.EMAIL_BACKEND
    text = client.get(page).content.decode()
    assert ("This server sends no e-mail." in text) == bool(backend)
    assert bool(re.search("We sent|we send|arrives", text)) != bool(backend)


@pytest.mark.parametrize("password", ["short", "12345678901", "password123", "longusername"])
def test_weak_passwords_are_refused(client, db, password):
    assert not re.search(RULES, client.get(SIGN_UP).content.decode())
    response = client.post(SIGN_UP, {"username": "longusername", "password1": password})
    assert response.context["form"].errors["password1"]
    assert re.search(RULES, response.content.decode())
    assert not User.objects.exists()


def test_a_closed_registration_creates_no_account(client, db, settings):
    settings.REGISTRATION = "off"
    assert "Registration is closed" in client.get(SIGN_UP).content.decode()
    assert "Registration is closed" in sign_up(client, "alice").content.decode()
    assert not User.objects.exists()


def test_a_username_taken_a_moment_earlier_is_refused(client, db, monkeypatch):
    register("alice", password=PASSWORD)
    monkeypatch.setattr(
        "allauth.account.internal.userkit.filter_users_by_username", lambda *_: User.objects.none()
    )
    response = sign_up(client, "alice", name="Alice A.", email="alice@example.org")
    assert response.status_code == 200
    page = response.content.decode()
    for kept in (
        "This username is taken.",
        "Type your password again",
        "Alice A.",
        "alice@example",
    ):
        assert kept in page
    assert PASSWORD not in page
    assert User.objects.count() == 1
    assert not is_signed_in(client)


def test_an_email_is_confirmed_by_following_its_link(client, db, mailoutbox, captured_events):
    sign_up(client, "alice", email="Alice@Example.org")
    assert client.get("/api/v1/me").json()["email"] == ""
    [mail] = mailoutbox
    assert mail.to == ["alice@example.org"]
    with captured_events() as events:
        client.post(link(mail))
    assert client.get("/api/v1/me").json()["email"] == "alice@example.org"
    assert [item.event.me.email for item in events] == ["alice@example.org"]
    client.post("/accounts/logout/")
    assert sign_in(client, "alice@example.org").status_code == 302


def test_registering_with_a_used_email_reveals_nothing_and_takes_nothing(db, mailoutbox):
    register("alice", password=PASSWORD, email="alice@example.org", confirmed=True)
    responses = {}
    for username, email in (("bob", "alice@example.org"), ("charlie", "new@example.org")):
        client = Client()
        response = sign_up(client, username, email=email)
        responses[username] = (
            response.status_code,
            response["Location"],
            client.get("/api/v1/me").json()["email"],
        )
    assert responses["bob"] == responses["charlie"] == (302, "/", "")
    client = Client()
    client.post(link(mailoutbox[0]))
    assert User.objects.get(username="alice").email == "alice@example.org"
    assert User.objects.get(username="bob").email is None


def test_signing_in_takes_the_username_in_any_case_or_the_email(db):
    register("alice", password=PASSWORD, email="alice@example.org", confirmed=True)
    for login in ("alice", "ALICE", "alice@example.org", "Alice@Example.ORG"):
        client = Client()
        assert sign_in(client, login).status_code == 302, login
        assert is_signed_in(client)


def test_a_wrong_password_and_an_unknown_person_get_the_same_page(client, db):
    register("alice", password=PASSWORD)
    pages = [
        re.sub(r"value=\"[^\"]*\"", "", sign_in(client, login, "wrong password").content.decode())
        for login in ("alice", "nobody")
    ]
    assert WRONG in pages[0].replace("&#x27;", "'")
    assert pages[0] == pages[1]


@pytest.mark.parametrize("target", OTHER_SITES)
def test_sign_in_never_redirects_to_another_site(db, target):
    register("alice", password=PASSWORD)
    for path in (SIGN_IN, f"{SIGN_IN}?next={target}"):
        client = Client()
        response = client.post(path, {"login": "alice", "password": PASSWORD, "next": target})
        assert (response.status_code, response["Location"]) == (302, "/")


def test_sign_in_redirects_within_the_site(client, db):
    register("alice", password=PASSWORD)
    response = client.post(SIGN_IN, {"login": "alice", "password": PASSWORD, "next": "/people"})
    assert response["Location"] == "/people"


def test_forms_without_a_csrf_token_are_refused_in_words_of_their_own(db):
    register("alice", password=PASSWORD)
    form = sign_in(Client(enforce_csrf_checks=True), "alice")
    page = permission_denied(form.wsgi_request, PermissionDenied())
    said = ["This form is not valid any more", "You have no access to this page"]
    for response, own in zip((form, page), said, strict=True):
        assert response.status_code == 403
        assert [words in response.content.decode() for words in said] == [
            words == own for words in said
        ]


def test_a_closed_account_cannot_sign_in(client, db):
    user = register("alice", password=PASSWORD)
    User.objects.filter(id=user.id).update(is_active=False)
    sign_in(client, "alice")
    assert not is_signed_in(client)


def test_a_get_does_not_sign_out(client, alice):
    client = signed_in(alice)
    assert client.get("/accounts/logout/").status_code == 200
    assert is_signed_in(client)


def test_after_a_sign_out_the_page_and_what_it_says_have_the_language_of_the_browser(alice):
    alice.locale = "de"
    alice.save()
    client = signed_in(alice)
    page = client.post("/accounts/logout/", follow=True).content.decode()
    assert '<html lang="en"' in page
    assert "You have signed out." in page
    client = signed_in(alice)
    german = {"Accept-Language": "de"}
    page = client.post("/accounts/logout/", follow=True, headers=german).content.decode()
    assert '<html lang="de"' in page
    assert "Du hast dich abgemeldet." in page


def test_a_new_password_ends_all_other_devices_and_keeps_this_one(client, db, captured_events):
    user = register("alice", password=PASSWORD)
    client, other = Client(), Client()
    sign_in(client, "alice")
    sign_in(other, "alice")
    keys = {each.cookies["parley"].value for each in (client, other)}
    page = client.get(PASSWORD_CHANGE).content.decode()
    assert "All your other devices will be signed out." in page
    assert not re.search(RULES, page)
    with captured_events() as events:
        response = client.post(
            PASSWORD_CHANGE,
            {
                "oldpassword": PASSWORD,
                "password1": "another good one",
                "password2": "another good one",
            },
        )
    assert (response.status_code, response["Location"]) == (302, "/settings/profile")
    # This one, too, has a new key.
    assert {(item.to, item.effect) for item in events} == {
        (user.id, EndSessions(session=session_hash(key))) for key in keys
    }
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert sign_in(Client(), "alice", NEW).status_code == 302


def test_the_old_password_is_needed_for_a_new_one(db):
    user = register("alice", password=PASSWORD)
    client = signed_in(user)
    response = client.post(
        PASSWORD_CHANGE,
        {"oldpassword": "guess", **NEW_TWICE},
    )
    assert response.context["form"].errors["oldpassword"]
    assert sign_in(Client(), "alice").status_code == 302


def test_a_reset_by_mail_sets_the_password_once_and_signs_out_everywhere(db, mailoutbox):
    user = register("alice", password=PASSWORD, email="alice@example.org", confirmed=True)
    device = signed_in(user)
    client = Client()
    client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    path = link(mailoutbox[0])
    form = client.get(path, follow=True).redirect_chain[-1][0]
    assert not re.search(RULES, client.get(form).content.decode())
    refused = client.post(form, {"password1": "short", "password2": "short"})
    assert re.search(RULES, refused.content.decode())
    response = client.post(form, NEW_TWICE)
    assert response.status_code == 302
    assert not is_signed_in(device)
    assert sign_in(Client(), "alice", NEW).status_code == 302
    again = Client().get(path, follow=True)
    assert again.context.get("token_fail")


def test_a_reset_for_an_unknown_address_gets_the_same_response(db, mailoutbox):
    register("alice", password=PASSWORD, email="alice@example.org", confirmed=True)
    responses = [
        Client().post("/accounts/password/reset/", {"email": email})
        for email in ("alice@example.org", "nobody@example.org")
    ]
    assert {(response.status_code, response["Location"]) for response in responses} == {
        (302, "/accounts/password/reset/done/")
    }
    assert len(mailoutbox) == 2


def test_a_mail_host_that_is_down_does_not_fail_the_registration(client, db, settings):
    settings.EMAIL_BACKEND = "chatproject.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert sign_up(client, "alice", email="alice@example.org").status_code == 302
    assert EmailAddress.objects.get().verified is False


def test_refused_registrations_point_to_the_field(db):
    register("alice", password=PASSWORD, email="alice@example.org", confirmed=True)
    for fields, pointer in (
        ({"username": "alice"}, "#/username"),
        ({"username": "bob", "password": "x"}, "#/password"),
        ({"username": "bob", "email": "no address"}, "#/email"),
        ({"username": "bob", "email": "alice@example.org", "confirmed": True}, "#/email"),
        ({"username": "bob", "name": "two\nlines"}, "#/name"),
    ):
        with pytest.raises(Invalid) as refused:
            register(**{"password": PASSWORD, **fields})
        assert refused.value.pointer == pointer
    assert User.objects.count() == 1


def test_the_well_known_addresses_work(client, db):
    response = client.get("/.well-known/change-password")
    assert (response.status_code, response["Location"]) == (302, PASSWORD_CHANGE)
    response = client.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert re.search(r"^Contact: mailto:.+$", response.content.decode(), re.MULTILINE)
    assert re.search(r"^Expires: \d{4}-\d\d-\d\dT", response.content.decode(), re.MULTILINE)
