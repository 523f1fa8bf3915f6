"""A sign-in at Keycloak proves who is there."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from apps.sso.actions import poll
from apps.sso.models import ProviderSession
from tests.sso.conftest import who
from tests.sso.test_proof import DATA, PROVE, exports_of
from tests.support.proof import long_ago


def test_keycloak_proves_it_and_the_poll_goes_on(sso):
    """The tokens of the second sign-in are the ones that work from then on."""
    sso.sign_in(client := Client(), "kim")
    long_ago(client)
    answer = sso.sign_in(client, "kim", path=f"{PROVE}?next={DATA}")
    assert (answer.status_code, answer["Location"]) == (302, DATA)
    assert exports_of(client)
    ProviderSession.objects.update(next_check_at=timezone.now() - timedelta(seconds=1))
    poll.check_due()
    assert ProviderSession.objects.get().next_check_at > timezone.now()
    assert who(client)["username"] == "kim"


def test_another_person_at_keycloak_proves_nothing(sso):
    sso.sign_in(client := Client(), "kim")
    long_ago(client)
    assert sso.sign_in(client, "mallory", path=PROVE).status_code == 403
    assert not exports_of(client)
