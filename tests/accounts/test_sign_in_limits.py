"""Wrong passwords are limited, and a known device can sign in while strangers guess."""

from django.test import Client

from apps.accounts import known_devices
from apps.accounts.actions.registration import register
from tests.support.people import PASSWORD
from tests.support.signing_in import SIGN_IN, is_signed_in, sign_in

TOO_MANY = "Too many tries"


def test_the_sixth_wrong_password_of_an_account_from_one_address_is_not_checked(db):
    register("alice", password=PASSWORD)
    stranger = Client(REMOTE_ADDR="198.51.100.1")
    for _ in range(5):
        sign_in(stranger, "alice", "wrong password")
    assert TOO_MANY in sign_in(stranger, "alice").content.decode()
    assert not is_signed_in(stranger)
    # Somebody who only knows the username cannot lock its owner out elsewhere.
    assert sign_in(Client(REMOTE_ADDR="198.51.100.2"), "alice").status_code == 302


def guess_from_everywhere(settings):
    """Try more wrong passwords for Alice's account than all addresses together may."""
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {
        "login_failed_anywhere": "8/h/key"
    }
    for number in range(8):
        sign_in(Client(REMOTE_ADDR=f"198.51.100.{number}"), "alice", "wrong password")
    stranger = Client(REMOTE_ADDR="198.51.100.99")
    assert TOO_MANY in sign_in(stranger, "alice").content.decode()


def test_a_known_device_can_sign_in_while_strangers_guess(db, settings):
    register("alice", password=PASSWORD)
    own = Client(REMOTE_ADDR="203.0.113.1")
    assert sign_in(own, "alice").status_code == 302
    own.post("/accounts/logout/")
    assert not is_signed_in(own)
    guess_from_everywhere(settings)
    assert sign_in(own, "alice", "wrong password").status_code == 200
    assert sign_in(own, "alice").status_code == 302
    assert is_signed_in(own)


def test_a_device_known_to_one_account_is_a_stranger_to_another(db, settings):
    register("alice", password=PASSWORD)
    register("mallory", password=PASSWORD)
    mallory = Client(REMOTE_ADDR="203.0.113.1")
    assert sign_in(mallory, "mallory").status_code == 302
    mallory.post("/accounts/logout/")
    guess_from_everywhere(settings)
    assert TOO_MANY in sign_in(mallory, "alice").content.decode()
    forged = Client(REMOTE_ADDR="203.0.113.2")
    forged.cookies[known_devices.COOKIE] = mallory.cookies[known_devices.COOKIE].value[:-2] + "xx"
    assert TOO_MANY in sign_in(forged, "alice").content.decode()


def test_a_known_device_has_the_same_limit_as_an_address(db):
    register("alice", password=PASSWORD)
    own = Client()
    sign_in(own, "alice")
    own.post("/accounts/logout/")
    for _ in range(5):
        sign_in(own, "alice", "wrong password")
    assert TOO_MANY in sign_in(own, "alice").content.decode()


def test_an_address_that_tries_many_accounts_is_stopped_despite_forged_headers(db):
    register("alice", password=PASSWORD)
    for number in range(10):
        client = Client(headers={"X-Forwarded-For": f"203.0.113.{number}"})
        sign_in(client, f"nobody{number}", "wrong password")
    assert not is_signed_in(client)
    response = sign_in(Client(headers={"X-Forwarded-For": "203.0.113.200"}), "alice")
    assert "Too many tries" in response.content.decode()
    assert sign_in(Client(REMOTE_ADDR="198.51.100.1"), "alice").status_code == 302


def test_too_many_sign_ins_of_an_address_are_a_429_with_a_page(client, db):
    for _ in range(30):
        client.post(SIGN_IN, {"login": "", "password": ""})
    response = sign_in(client, "alice")
    assert response.status_code == 429
    assert "That was too fast" in response.content.decode()
