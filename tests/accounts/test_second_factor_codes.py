"""Codes of the second step: which are accepted, and how many tries there are."""

import base64
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client

from apps.accounts.actions import second_factor
from apps.accounts.actions.registration import register
from tests.accounts.test_second_factor import (
    ACTIVATE,
    CODES,
    NOT_VALID,
    SECOND_STEP,
    SECURITY,
    TOO_MANY,
    alice,
    enter,
    half_way,
    secret_on,
    set_up,
    signed_in_anew,
    still,
)
from tests.support.people import PASSWORD
from tests.support.signing_in import is_signed_in, sign_in
from tests.support.totp import totp

__all__ = ["alice", "still"]


def test_our_test_codes_are_those_of_the_rfc():
    """RFC 6238, appendix B."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    for at, code in ((59, "94287082"), (1111111109, "07081804"), (20000000000, "65353130")):
        assert totp(secret, at=at, digits=8) == code


def test_a_code_of_one_person_is_not_anothers(alice, still):
    register("charlie", password=PASSWORD)
    secret, codes = set_up(signed_in_anew("charlie"), still.now())
    set_up(signed_in_anew(), still.now())
    still(60)
    client = half_way()
    assert NOT_VALID in enter(client, totp(secret, at=still.now())).content.decode()
    assert NOT_VALID in enter(client, codes[0]).content.decode()
    assert not is_signed_in(client)


def test_a_code_works_once(alice, still):
    secret, _ = set_up(signed_in_anew(), still.now())
    used_to_activate = totp(secret, at=still.now())
    assert NOT_VALID in enter(half_way(), used_to_activate).content.decode()
    still(60)
    code = totp(secret, at=still.now())
    assert enter(half_way(), code).status_code == 302
    # Also while it would still be accepted because clocks differ.
    for _ in range(2):
        assert NOT_VALID in enter(half_way(), code).content.decode()
        still(29)


def test_an_older_code_than_the_last_one_is_not_accepted(alice, still):
    secret, _ = set_up(signed_in_anew(), still.now() - 30)
    still(60)
    assert enter(half_way(), totp(secret, at=still.now())).status_code == 302
    assert NOT_VALID in enter(half_way(), totp(secret, at=still.now() - 30)).content.decode()


def test_codes_of_one_step_before_and_after_are_accepted_and_no_others(alice, still):
    secret, _ = set_up(signed_in_anew(), still.now())
    still(300)
    for wrong in (-60, 60):
        code = totp(secret, at=still.now() + wrong)
        assert second_factor.use_code(alice.id, code) is None
    assert second_factor.use_code(alice.id, totp(secret, at=still.now() - 30))
    assert second_factor.use_code(alice.id, totp(secret, at=still.now() + 30))


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_requests_with_a_code_one_succeeds(still):
    person = register("alice", password=PASSWORD)
    secret, codes = set_up(signed_in_anew(), still.now() - 30)

    def use(code):
        try:
            return second_factor.use_code(person.id, code) is not None
        finally:
            connection.close()

    for code in (totp(secret, at=still.now()), codes[0]):
        with ThreadPoolExecutor(4) as threads:
            assert sorted(threads.map(use, [code] * 4)) == [False, False, False, True]


def test_a_recovery_code_signs_in_once(alice, still):
    client = signed_in_anew()
    _, codes = set_up(client, still.now())
    assert enter(half_way(), f"{codes[3][:4]} {codes[3][4:]}").status_code == 302
    assert NOT_VALID in enter(half_way(), codes[3]).content.decode()
    assert enter(half_way(), codes[4]).status_code == 302
    assert "8 of 10 are left" in client.get(SECURITY).content.decode()


def test_secrets_are_stored_sealed(alice, still):
    client = signed_in_anew()
    secret = secret_on(client.get(ACTIVATE)).replace(" ", "")
    assert secret not in json.dumps(dict(client.session.items()))
    client.post(ACTIVATE, {"code": totp(secret, at=still.now())})
    codes = re.findall(r"<li><code>(\d{8})</code></li>", client.get(CODES).content.decode())
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code in stored for code in codes)


def test_after_a_new_secret_key_no_code_works_and_none_can_be_computed(alice, still, settings):
    _, codes = set_up(signed_in_anew(), still.now())
    settings.SECRET_KEY = "another"
    still(60)
    client = half_way()
    empty = totp("", at=still.now())
    for code in (empty, codes[0]):
        assert NOT_VALID in enter(client, code).content.decode()
    assert not is_signed_in(client)


def test_wrong_codes_are_limited_without_locking_the_owner_out(alice, still):
    own = signed_in_anew()
    secret, _ = set_up(own, still.now())
    own.post("/accounts/logout/")
    thief = half_way(REMOTE_ADDR="198.51.100.1")
    for _ in range(5):
        assert NOT_VALID in enter(thief, "000000").content.decode()
    still(60)
    assert TOO_MANY in enter(thief, totp(secret, at=still.now())).content.decode()
    assert not is_signed_in(thief)
    # Signing in again gives no new tries.
    thief = half_way(REMOTE_ADDR="198.51.100.1")
    assert TOO_MANY in enter(thief, totp(secret, at=still.now())).content.decode()
    elsewhere = half_way(REMOTE_ADDR="198.51.100.2")
    assert enter(elsewhere, totp(secret, at=still.now())).status_code == 302


def test_all_addresses_together_get_few_tries_and_a_known_device_its_own(alice, still, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {
        "code_failed_anywhere": "4/h/key"
    }
    own = signed_in_anew()
    secret, _ = set_up(own, still.now())
    own.post("/accounts/logout/")
    for number in range(4):
        enter(half_way(REMOTE_ADDR=f"198.51.100.{number}"), "000000")
    still(60)
    code = totp(secret, at=still.now())
    stranger = half_way(REMOTE_ADDR="198.51.100.99")
    assert TOO_MANY in enter(stranger, code).content.decode()
    assert sign_in(own, "alice")["Location"] == SECOND_STEP
    assert enter(own, code).status_code == 302
    assert is_signed_in(own)


def test_a_device_known_before_the_second_step_counts_as_any_address(alice, still, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {
        "code_failed_anywhere": "2/h/key"
    }
    early = Client()
    sign_in(early, "alice")
    early.post("/accounts/logout/")
    set_up(signed_in_anew(), still.now())
    for number in range(2):
        enter(half_way(REMOTE_ADDR=f"198.51.100.{number}"), "000000")
    assert sign_in(early, "alice")["Location"] == SECOND_STEP
    assert TOO_MANY in enter(early, "000000").content.decode()
