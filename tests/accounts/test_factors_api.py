"""The second factor over the API: what a browser and an app can set up, and what is refused."""

import json
from contextlib import suppress
from functools import partial
from threading import Barrier, BrokenBarrierError

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client

from apps.accounts.actions.registration import register
from tests.accounts.test_second_factor import still
from tests.support.apps import App, app_of, post
from tests.support.passkeys import PasskeyDevice
from tests.support.people import PASSWORD, person, signed_in
from tests.support.proof import long_ago
from tests.support.threads import together
from tests.support.totp import totp

__all__ = ["still"]
FACTORS = "me/second-factor"
APP, PASSKEYS = f"{FACTORS}/app", f"{FACTORS}/passkeys"
OPTIONS, CODES = f"{PASSKEYS}/options", f"{FACTORS}/recovery-codes"
JSON = "application/json"


@pytest.fixture(autouse=True)
def _address(settings):
    settings.PUBLIC_URL = "https://chat.example.org"


@pytest.fixture
def alice(db):
    return register("alice", password=PASSWORD, email="alice@example.org", confirmed=True)


@pytest.fixture(params=["browser", "app"])
def client(alice, request):
    return signed_in(alice) if request.param == "browser" else app_of(alice)


def ask(client, method, path, body=None):
    if isinstance(client, App):
        return client.request(method, path, body)
    given = {} if body is None else {"data": json.dumps(body), "content_type": JSON}
    return client.generic(method, f"/api/v1/{path}", **given)


def factors(client):
    return ask(client, "GET", FACTORS).json()


def set_up_app(client, still):
    """Set up an authenticator app: its secret, and the recovery codes."""
    begun = ask(client, "POST", APP)
    assert begun.status_code == 200, begun.content
    secret = begun.json()["secret"]
    answer = ask(client, "PUT", APP, {"code": totp(secret, at=still.now())})
    assert answer.status_code == 200, answer.content
    return secret, answer.json()["recovery_codes"]


def add_passkey(client, device, name="Key"):
    options = ask(client, "POST", OPTIONS).json()["publicKey"]
    return ask(client, "POST", PASSKEYS, {"credential": device.create(options), "name": name})


@pytest.fixture
def device():
    return PasskeyDevice("https://chat.example.org")


def sign_in(code=""):
    return post("tokens", {"username": "alice", "password": PASSWORD, "code": code})


def test_an_app_is_set_up_and_asked_for_at_the_next_sign_in(client, still, mailoutbox):
    secret, codes = set_up_app(client, still)
    assert sign_in().json()["code"] == "second_factor_required"
    assert sign_in(totp(secret, at=still.now())).status_code == 401, "used up by setting it up"
    still(30)
    assert sign_in(totp(secret, at=still.now())).status_code == 201
    assert sign_in(codes[0]).status_code == 201
    mine = factors(client)
    assert (mine["app"] is not None, mine["recovery_codes_left"]) == (True, 9)
    assert [mail.subject for mail in mailoutbox] == ["An authenticator app was set up"]


def test_secrets_and_codes_are_shown_once(alice, still):
    client = signed_in(alice)
    begun = ask(client, "POST", APP)
    assert begun["Cache-Control"] == "no-store"
    secret, codes = set_up_app(client, still)
    assert len(set(codes)) == 10
    shown = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert not any(code in shown for code in codes)
    assert secret not in json.dumps(factors(client))


@pytest.mark.parametrize("code", ["000000", "abc", "²²²²²²"])
def test_an_app_without_its_code_is_not_set_up(client, code):
    assert ask(client, "PUT", APP, {"code": code}).status_code == 400
    ask(client, "POST", APP)
    answer = ask(client, "PUT", APP, {"code": code})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/code")
    assert not Authenticator.objects.exists()


def test_a_secret_that_another_device_began_is_not_confirmed_here(alice, still):
    secret = ask(app_of(alice), "POST", APP).json()["secret"]
    answer = ask(app_of(alice), "PUT", APP, {"code": totp(secret, at=still.now())})
    assert answer.status_code == 400


def test_there_is_one_app(client, still):
    set_up_app(client, still)
    for answer in (ask(client, "POST", APP), ask(client, "PUT", APP, {"code": "000000"})):
        assert (answer.status_code, answer.json()["code"]) == (409, "not_possible")
    assert ask(client, "DELETE", APP).status_code == 204
    assert factors(client) == {"app": None, "passkeys": [], "recovery_codes_left": None}
    assert ask(client, "DELETE", APP).status_code == 404
    assert sign_in().status_code == 201


def test_new_recovery_codes_replace_the_old_ones(client, still, mailoutbox):
    assert ask(client, "POST", CODES).status_code == 409
    _, old = set_up_app(client, still)
    answer = ask(client, "POST", CODES)
    new = answer.json()["recovery_codes"]
    assert (answer.status_code, len(new), answer["Cache-Control"]) == (201, 10, "no-store")
    assert sign_in(old[0]).status_code == 401
    assert sign_in(new[0]).status_code == 201
    assert mailoutbox[-1].subject == "New recovery codes were made"


def test_a_passkey_is_added_named_and_removed(client, device, mailoutbox):
    added = add_passkey(client, device)
    assert added.status_code == 201, added.content
    assert len(added.json()["recovery_codes"]) == 10
    passkey = added.json()["passkey"]
    assert factors(client)["passkeys"] == [passkey]
    path = f"{PASSKEYS}/{passkey['id']}"
    assert ask(client, "PATCH", path, {"name": "Blue key"}).json()["name"] == "Blue key"
    assert factors(client)["passkeys"][0]["name"] == "Blue key"
    assert ask(client, "DELETE", path).status_code == 204
    assert not Authenticator.objects.exists()
    assert [mail.subject for mail in mailoutbox] == ["A passkey was added", "A passkey was removed"]


def test_a_passkey_proves_that_it_is_its_owner(client, device):
    add_passkey(client, device)
    long_ago(client)
    assert ask(client, "POST", CODES).status_code == 403
    options = ask(client, "POST", "session/proof/passkey").json()["publicKey"]
    assert len(options["allowCredentials"]) == 1
    body = {"passkey": device.get(options)}
    assert ask(client, "POST", "session/proof", body).status_code == 204
    assert ask(client, "POST", CODES).status_code == 201
    long_ago(client)
    assert ask(client, "POST", "session/proof", body).status_code == 400, "it works once"


def test_a_device_that_does_not_verify_its_owner_proves_nothing(client):
    device = PasskeyDevice("https://chat.example.org", verified=False)
    assert add_passkey(client, device).status_code == 201
    long_ago(client)
    options = ask(client, "POST", "session/proof/passkey").json()["publicKey"]
    answer = ask(client, "POST", "session/proof", {"passkey": device.get(options)})
    assert answer.status_code == 400
    assert ask(client, "POST", CODES).status_code == 403


def test_the_passkey_of_another_proves_nothing(alice, device):
    charlie = register("charlie", password="the words of Charlie")
    add_passkey(app_of(charlie), device)
    add_passkey(app_of(alice), PasskeyDevice("https://chat.example.org", number=2))
    client = app_of(alice)
    long_ago(client)
    options = ask(client, "POST", "session/proof/passkey").json()["publicKey"]
    answer = ask(client, "POST", "session/proof", {"passkey": device.get(options)})
    assert answer.status_code == 400


def test_passkeys_of_other_sites_and_challenges_are_refused(client, device):
    evil = PasskeyDevice("https://evil.chat.example.org")
    assert add_passkey(client, evil).status_code == 400
    first = ask(client, "POST", OPTIONS).json()["publicKey"]
    ask(client, "POST", OPTIONS)
    for credential in (device.create(first), {}, {"response": []}):
        answer = ask(client, "POST", PASSKEYS, {"credential": credential})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/credential")
    assert not Authenticator.objects.exists()


def test_a_challenge_works_once(client, device):
    options = ask(client, "POST", OPTIONS).json()["publicKey"]
    body = {"credential": device.create(options)}
    assert [ask(client, "POST", PASSKEYS, body).status_code for _ in range(2)] == [201, 400]


CHANGES = [
    ("POST", APP, None),
    ("PUT", APP, {"code": "000000"}),
    ("DELETE", APP, None),
    ("POST", OPTIONS, None),
    ("POST", PASSKEYS, {"credential": {}}),
    ("PATCH", f"{PASSKEYS}/1", {"name": "Mine"}),
    ("DELETE", f"{PASSKEYS}/1", None),
    ("POST", CODES, None),
]


def test_each_change_asks_for_a_proof(client):
    long_ago(client)
    for method, path, body in CHANGES:
        answer = ask(client, method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "fresh_sign_in_required"), path


def test_people_without_a_password_here_set_up_nothing(db):
    client = signed_in(person("bob"))
    for method, path, body in CHANGES:
        assert ask(client, method, path, body).status_code in (404, 409), path
    assert not Authenticator.objects.exists()


def test_without_local_accounts_there_is_no_second_factor(alice, settings):
    client = signed_in(alice)
    settings.LOCAL_ACCOUNTS = False
    for method, path, body in [("GET", FACTORS, None), *CHANGES]:
        assert ask(client, method, path, body).status_code == 404, path


def test_nobody_touches_the_factors_of_another(client, still, device):
    set_up_app(client, still)
    mine = add_passkey(client, device).json()["passkey"]["id"]
    before = list(Authenticator.objects.values())
    charlie = app_of(register("charlie", password=PASSWORD))
    assert factors(charlie) == {"app": None, "passkeys": [], "recovery_codes_left": None}
    absent = ask(charlie, "DELETE", f"{PASSKEYS}/{mine + 100}")
    for method, path, body in (
        ("DELETE", f"{PASSKEYS}/{mine}", None),
        ("PATCH", f"{PASSKEYS}/{mine}", {"name": "Mine"}),
        ("DELETE", APP, None),
    ):
        answer = ask(charlie, method, path, body)
        assert (answer.status_code, answer.content) == (404, absent.content)
    assert list(Authenticator.objects.values()) == before
    assert ask(Client(), "GET", FACTORS).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_the_first_passkeys_of_two_devices_at_once_make_one_set_of_codes(alice, monkeypatch):
    devices = [PasskeyDevice("https://chat.example.org", number=each) for each in (1, 2)]
    both, activate = Barrier(2), RecoveryCodes.activate

    def activate_beside_the_other(user):
        with suppress(BrokenBarrierError):
            both.wait(0.5)  # under the lock, the other one does not come
        return activate(user)

    monkeypatch.setattr(RecoveryCodes, "activate", activate_beside_the_other)
    answers = together(*[partial(add_passkey, app_of(alice), each) for each in devices])
    assert [answer.status_code for answer in answers] == [201, 201]
    assert sorted(len(answer.json()["recovery_codes"]) for answer in answers) == [0, 10]


@pytest.mark.django_db(transaction=True)
def test_a_passkey_that_is_renamed_while_it_is_removed_stays_removed(alice, device):
    client, other = app_of(alice), app_of(alice)
    path = f"{PASSKEYS}/{add_passkey(client, device).json()['passkey']['id']}"
    together(
        lambda: ask(client, "DELETE", path), lambda: ask(other, "PATCH", path, {"name": "Mine"})
    )
    assert not Authenticator.objects.exists()
