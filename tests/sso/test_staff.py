"""Which sign-ins at the provider open the admin."""

import pytest
from django.test import Client

from apps.accounts.actions.registration import register
from apps.accounts.models import User
from apps.sso.models import Identity
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
    # Without `next`, so that the session at the provider ends, too.
    assert 'name="next"' not in answer.content.decode()


def test_a_linked_account_needs_its_own_second_step(idp):
    user = register("bob", password=PASSWORD)
    Identity.objects.create(user=user, issuer=idp.issuer, subject="subject-1")
    answer = staff_of(idp, amr=["otp"]).get(ADMIN)
    assert answer.status_code == 403
    assert "Set up a second step" in answer.content.decode()
