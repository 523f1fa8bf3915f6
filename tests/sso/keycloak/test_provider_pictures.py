"""A picture that Keycloak names becomes that of the person."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.sso.models import ProviderPicture
from tests.sso.portraits import PNG, portraits, shown, work
from tests.sso.test_exchange import app_by

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["portraits"]


@pytest.fixture
def shown_at_keycloak(sso):
    """Set the picture of a person at Keycloak, in the attribute that an administrator added."""
    before = sso.admin("GET", "users/profile")
    everybody = {"view": ["admin", "user"], "edit": ["admin", "user"]}
    picture = {"name": "picture", "displayName": "Picture", "permissions": everybody}
    after = {**before, "attributes": [*before["attributes"], picture]}
    sso.admin("PUT", "users/profile", json=after)

    def show(username, url):
        person = sso.person(username)
        attributes = {"picture": [url]} if url else {}
        sso.admin("PUT", f"users/{person['id']}", json={**person, "attributes": attributes})

    yield show
    for username in ("kim", "lee"):
        show(username, "")
    sso.admin("PUT", "users/profile", json=before)


def test_the_picture_at_keycloak_becomes_the_persons_after_a_sign_in(
    sso, portraits, shown_at_keycloak
):
    portraits.content["/kim"] = PNG
    shown_at_keycloak("kim", portraits.url("/kim"))
    client = Client()
    assert sso.sign_in(client, "kim").status_code == 302
    assert portraits.asked == [], "it is fetched by a worker"
    work()
    assert portraits.asked == ["/kim"]
    file = shown()
    assert (file.owner_id, file.uses) == (User.objects.get().id, 1)
    assert (file.body["kind"], file.body["type"]) == ("image", "image/png")
    assert client.get("/api/v1/me").json()["picture"] == str(file.id)
    # Without the claim it stays: an app that did not ask for the claim must not take it away.
    shown_at_keycloak("kim", "")
    ProviderPicture.objects.update(checked_at=timezone.now() - timedelta(days=1))
    sso.sign_in(Client(), "kim")
    work()
    assert shown() == file
    assert portraits.asked == ["/kim"]


def test_the_picture_at_keycloak_becomes_the_persons_after_an_app_signed_in(
    sso, portraits, shown_at_keycloak
):
    portraits.content["/lee"] = PNG
    shown_at_keycloak("lee", portraits.url("/lee"))
    app = app_by(sso.app_tokens("lee")["access_token"])
    assert app.request("GET", "me").json()["picture"] is None
    work()
    assert app.request("GET", "me").json()["picture"] == str(shown().id)
    sso.log_out("lee")
