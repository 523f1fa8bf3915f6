"""Which sign-ins at the provider open the admin."""

import time
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from apps.accounts.actions.registration import register
from apps.accounts.models import User
from apps.sso.models import Identity
from tests.support.apps import app_with, post
from tests.support.people import PASSWORD

ADMIN = "/admin/"


@pytest.fixture(autouse=True)
def _as_it_is_shipped(settings):
    settings.STAFF_SECOND_FACTOR = True


def staff_of(idp, **claims):
    """A browser of a member of staff who came from the provider with these claims."""
    idp.claims = claims
    client = Client()
    idp.sign_in(client)
    User.objects.update(is_staff=True)
    return client


@pytest.mark.parametrize(
    ("accepted", "claims", "status"),
    [
        ([], {}, 403),
        ([], {"amr": ["pwd", "otp"], "acr": "2"}, 403),
        (["otp"], {"amr": ["pwd", "otp"]}, 200),
        (["2"], {"acr": "2"}, 200),
        (["otp", "2"], {"amr": ["pwd"], "acr": "1"}, 403),
        (["otp"], {"amr": "otp"}, 403),
        (["otp"], {"amr": [["otp"], {"otp": 1}, None]}, 403),
        (["2"], {"acr": 2}, 403),
        (["any"], {}, 200),
        (["otp"], {"amr": ["any"], "acr": "any"}, 403),
    ],
)
def test_what_the_provider_says_counts_as_far_as_the_operator_says(
    idp, settings, accepted, claims, status
):
    settings.OIDC_SECOND_FACTOR = accepted
    answer = staff_of(idp, **claims).get(ADMIN)
    assert answer.status_code == status
    assert ("Keycloak did not say" in answer.content.decode()) == (status == 403)


def test_what_userinfo_says_does_not_count(idp, settings):
    """Only the ID token tells of this sign-in."""
    settings.OIDC_SECOND_FACTOR = ["otp"]
    idp.userinfo = {"amr": ["otp"], "acr": "otp"}
    assert staff_of(idp).get(ADMIN).status_code == 403


def test_after_a_time_staff_sign_in_at_the_provider_again(idp, settings):
    settings.OIDC_SECOND_FACTOR = ["any"]
    client = staff_of(idp)
    session = client.session
    session["proved_at"] -= settings.STAFF_REAUTHENTICATION * 60 + 1
    session.save()
    answer = client.get(ADMIN)
    assert answer.status_code == 403
    assert "Sign in with Keycloak again" in answer.content.decode()
    assert 'value="/accounts/sso/login?next=%2Fadmin%2F"' in answer.content.decode()


def test_a_sign_in_without_a_question_of_the_provider_does_not_open_the_admin(idp, settings):
    settings.OIDC_SECOND_FACTOR = ["any"]
    long_ago = int(time.time()) - settings.STAFF_REAUTHENTICATION * 60 - 5
    for claims in ({"auth_time": long_ago}, {"auth_time": None}):
        answer = staff_of(idp, **claims).get(ADMIN)
        assert "Sign in with Keycloak again" in answer.content.decode()


def test_on_the_way_to_the_admin_the_provider_is_told_how_old_a_proof_may_be(idp, settings):
    for path, asked in ((ADMIN, [str(settings.STAFF_REAUTHENTICATION * 60)]), ("/", None)):
        target = Client().get("/accounts/sso/login", {"next": path})["Location"]
        assert parse_qs(urlsplit(target).query).get("max_age") == asked


def test_a_linked_account_needs_its_own_second_step(idp):
    user = register("bob", password=PASSWORD)
    Identity.objects.create(user=user, issuer=idp.issuer, subject="subject-1")
    answer = staff_of(idp, amr=["otp"]).get(ADMIN)
    assert answer.status_code == 403
    assert "Set up a second step" in answer.content.decode()


def test_an_exchanged_token_tells_of_a_second_factor_too(idp, settings):
    settings.OIDC_SECOND_FACTOR = ["otp"]
    for claims, status in (({}, 403), ({"amr": ["pwd", "otp"]}, 404)):
        token = idp.access_token(auth_time=int(time.time()), **claims)
        app = app_with(post("tokens/exchange", {"provider_token": token}).json())
        user = User.objects.get()
        User.objects.update(is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename="moderate"))
        answer = app.request("GET", f"moderation/people/{uuid4()}/warnings")
        assert answer.status_code == status, answer.content
        assert status == 404 or "did not say" in answer.json()["detail"]
