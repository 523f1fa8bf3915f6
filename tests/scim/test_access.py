"""Who may use SCIM, and how it says no."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.core import limits
from tests.scim.conftest import TOKEN, USER
from tests.support.people import person, signed_in

PATHS = ("Users", "ServiceProviderConfig", "ResourceTypes", "Schemas", "Nothing")
WRONG = {
    "none": "",
    "wrong": "Bearer wrong",
    "a part": f"Bearer {TOKEN[:-1]}",
    "longer": f"Bearer {TOKEN}x",
    "empty": "Bearer ",
    "other scheme": f"Basic {TOKEN}",
    "not ASCII": "Bearer é",
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("missing", ["SCIM_TOKEN", "OIDC_ISSUER"])
def test_there_is_nothing_while_it_is_not_set_up(directory, settings, path, missing):
    setattr(settings, missing, "")
    assert directory.send("get", path).status_code == 404
    assert Client(headers={"Authorization": "Bearer "}).get(f"/scim/v2/{path}").status_code == 404


@pytest.mark.parametrize("header", WRONG.values(), ids=WRONG)
def test_without_the_token_nobody_learns_or_changes_anything(directory, header):
    made = directory.create("kim", externalId="subject-1")
    stranger = Client(headers={"Authorization": header} if header else {})
    for path in (*PATHS, f"Users/{made['id']}"):
        answer = stranger.get(f"/scim/v2/{path}")
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        assert "kim" not in answer.content.decode()
    body = {"schemas": [USER], "userName": "mallory"}
    stranger.post("/scim/v2/Users", body, content_type="application/scim+json")
    stranger.delete(f"/scim/v2/Users/{made['id']}")
    assert [*User.objects.values_list("username", "is_active")] == [("kim", True)]


def test_a_session_is_no_token(directory):
    root = signed_in(person("root", is_staff=True, is_superuser=True))
    assert root.get("/scim/v2/Users").status_code == 401


def test_guesses_are_limited_and_the_directory_goes_on(directory, monkeypatch):
    few = limits.SCIM_FAILURES._replace(name="few-guesses", amount=2)
    monkeypatch.setattr("apps.scim.http.SCIM_FAILURES", few)
    stranger = Client(headers={"Authorization": "Bearer wrong"})
    answers = [stranger.get("/scim/v2/Users") for _ in range(3)]
    assert [each.status_code for each in answers] == [401, 401, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
    assert answers[-1].json()["status"] == "429"
    assert directory.send("get", "Users").status_code == 200


def test_the_directory_itself_is_limited(directory, monkeypatch):
    few = limits.SCIM._replace(name="few-requests", amount=1)
    monkeypatch.setattr("apps.scim.http.SCIM", few)
    assert [directory.send("get", "Users").status_code for _ in range(2)] == [200, 429]


def test_unknown_addresses_and_methods_are_scim_errors(directory):
    error = "urn:ietf:params:scim:api:messages:2.0:Error"
    for method, path, status in (
        ("get", "Groups", 404),
        ("post", "Bulk", 404),
        ("get", "Schemas/urn:nothing", 404),
        ("get", "ResourceTypes/Group", 404),
        ("get", "Users/not-an-id", 404),
        ("post", "ServiceProviderConfig", 405),
        ("delete", "Users", 405),
    ):
        answer = directory.send(method, path)
        assert answer.status_code == status, path
        assert answer["Content-Type"] == "application/scim+json"
        assert answer.json()["schemas"] == [error]
        assert "no-store" in answer["Cache-Control"]
    assert directory.send("delete", "Users")["Allow"] == "GET, POST"


def test_staff_see_the_directory_in_the_admin_and_change_nothing(directory, alice):
    directory.create("kim", externalId="subject-1")
    root = signed_in(person("root", is_staff=True, is_superuser=True))
    pages = reverse("admin:scim_directoryentry_changelist")
    assert "subject-1" in root.get(pages).content.decode()
    assert root.get(reverse("admin:scim_directoryentry_add")).status_code == 403
    assert signed_in(alice).get(pages, follow=True).status_code == 403
