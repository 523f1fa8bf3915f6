"""Moderators use the API with an app's tokens: their second factor counts as in a browser."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from apps.accounts.actions.registration import register
from apps.accounts.models import User
from tests.accounts.test_second_factor import REAUTHENTICATE, set_up
from tests.support.apps import app_of, app_with, post
from tests.support.people import PASSWORD
from tests.support.proof import long_ago
from tests.support.signing_in import sign_in

# Nobody has this id, so a moderator who may ask gets a 404.
WARNINGS = f"moderation/people/{uuid4()}/warnings"


@pytest.fixture(autouse=True)
def _as_it_is_shipped(settings):
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def mona(db):
    """A moderator with a password."""
    user = register("mona", password=PASSWORD)
    User.objects.filter(id=user.id).update(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="moderate"))
    return user


@pytest.fixture
def codes(mona):
    """Her recovery codes."""
    client = Client()
    sign_in(client, "mona")
    client.post(REAUTHENTICATE, {"password": PASSWORD})
    return set_up(client)[1]


def refusal(app):
    """What the API says to a moderator; nothing when it lets them in."""
    answer = app.request("GET", WARNINGS)
    if answer.status_code == 404:
        return ""
    assert (answer.status_code, answer.json()["code"]) == (403, "fresh_sign_in_required")
    return answer.json()["detail"]


def test_a_token_sign_in_with_a_code_opens_the_moderators_api(codes, settings):
    body = {"username": "mona", "password": PASSWORD, "code": codes[0]}
    app = app_with(post("tokens", body).json())
    assert refusal(app) == ""
    assert app.refresh().status_code == 200
    assert refusal(app) == ""
    long_ago(app, seconds=settings.STAFF_REAUTHENTICATION * 60 + 1)
    assert "Prove that it is you" in refusal(app)
    app.request("POST", "session/proof", {"password": PASSWORD})
    assert refusal(app) == ""


def test_an_app_without_a_second_factor_is_told_so_and_proves_it_with_a_code(mona, codes):
    app = app_of(mona)
    assert "second factor" in refusal(app)
    answer = app.request("POST", "session/proof", {"password": PASSWORD, "code": "00000000"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/code")
    assert "second factor" in refusal(app)
    body = {"password": PASSWORD, "code": codes[1]}
    assert app.request("POST", "session/proof", body).status_code == 204
    assert refusal(app) == ""


def test_who_has_no_second_factor_is_told_to_set_one_up(mona):
    assert "Set one up" in refusal(app_of(mona))
