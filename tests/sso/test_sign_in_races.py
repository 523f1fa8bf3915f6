"""Sign-ins that meet the unlinking of their identity: a page, and nobody signed in by half."""

import pytest
from django.test import Client

from apps.accounts.models import Session, User
from apps.sso.actions import identities
from apps.sso.actions.exchange import exchange
from apps.sso.errors import SignInFailed
from apps.sso.models import Identity, ProviderSession
from tests.sso.conftest import who
from tests.support.people import person

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_first_sign_in_beside_one_that_is_unlinked_again_creates_the_account(idp, monkeypatch):
    other = person("other")
    found = identities.find

    def find(someone):
        # The other sign-in creates the identity before this one does, and it is unlinked before
        # this one looks.
        if Identity.objects.filter(user=other).exists():
            Identity.objects.all().delete()
        elif not User.objects.filter(username="kim").exists():
            Identity.objects.create(user=other, issuer=someone.issuer, subject=someone.subject)
            return None
        return found(someone)

    monkeypatch.setattr(identities, "find", find)
    idp.sign_in(client := Client())
    assert who(client)["username"] == "kim"
    assert Identity.objects.get().user.username == "kim"
    assert User.objects.count() == 2


@pytest.fixture
def _unlinked_meanwhile(monkeypatch):
    """Each identity is unlinked just after it was found."""
    sign_in = identities.sign_in

    def then_unlinked(*args, **more):
        identity = sign_in(*args, **more)
        Identity.objects.filter(id=identity.id).delete()
        return identity

    monkeypatch.setattr(identities, "sign_in", then_unlinked)


@pytest.mark.usefixtures("_unlinked_meanwhile")
def test_a_sign_in_whose_identity_is_unlinked_meanwhile_signs_nobody_in(idp):
    client = Client()
    answer = idp.sign_in(client)
    assert answer.status_code == 400
    assert "This sign-in has expired" in answer.content.decode()
    assert who(client) is None
    assert not ProviderSession.objects.exists()


@pytest.mark.usefixtures("_unlinked_meanwhile")
def test_nor_does_it_sign_an_app_in(idp):
    with pytest.raises(SignInFailed):
        exchange(idp.access_token(), name="", locale="en")
    assert not Session.objects.exists()
