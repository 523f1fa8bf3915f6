"""People, contacts and my profile over the API."""

import json

import pytest
from django.test import Client

from apps.accounts.actions.accounts import deactivate
from apps.contacts.actions import contacts as actions
from apps.core.identifiers import new_id
from apps.core.limits import INVITATIONS, PEOPLE_SEARCHES, check
from tests.support.people import person, signed_in
from tests.support.statements import traffic

VERBS = ["invite", "accept", "decline", "cancel", "remove", "block", "unblock"]


def patch(client, body):
    return client.patch("/api/v1/me", json.dumps(body), content_type="application/json")


def act(client, user_id, verb):
    return client.post(f"/api/v1/contacts/{user_id}/{verb}")


def test_two_people_become_contacts(alice, bob, charlie):
    a, b = signed_in(alice), signed_in(bob)
    found = a.get("/api/v1/people", {"q": "bo"}).json()
    assert found == {
        "items": [
            {
                "person": {
                    "id": str(bob.id),
                    "username": "bob",
                    "name": "Bob",
                    "about": "",
                    "status": None,
                    "picture": None,
                    "bot": False,
                },
                "state": "none",
            }
        ],
        "next": None,
    }
    assert act(a, bob.id, "invite").json()["state"] == "outgoing"
    [invitation] = b.get("/api/v1/contacts").json()["items"]
    assert (invitation["state"], invitation["person"]["username"]) == ("incoming", "alice")
    assert act(b, alice.id, "accept").json()["state"] == "contact"
    assert [each["state"] for each in a.get("/api/v1/contacts").json()["items"]] == ["contact"]
    assert signed_in(charlie).get("/api/v1/contacts").json()["items"] == []


@pytest.mark.parametrize("verb", VERBS)
def test_an_unknown_and_a_closed_account_are_the_same_404(alice, bob, verb):
    deactivate(bob.id)
    client = signed_in(alice)
    responses = [act(client, each, verb) for each in (new_id(), bob.id)]
    assert [response.status_code for response in responses] == [404, 404]
    assert responses[0].content == responses[1].content


def test_inviting_a_person_who_blocked_the_asker_is_the_404_of_an_unknown_person(alice, dana):
    actions.block(alice.id, dana.id)
    client = signed_in(dana)
    responses = [act(client, each, "invite") for each in (new_id(), alice.id)]
    assert [response.status_code for response in responses] == [404, 404]
    assert responses[0].content == responses[1].content


def test_an_action_that_does_not_fit_the_state_is_a_409(alice, bob):
    response = act(signed_in(alice), bob.id, "accept")
    assert (response.status_code, response.json()["code"]) == (409, "not_possible")


@pytest.mark.parametrize("verb", ["befriend", "INVITE", ""])
def test_other_verbs_are_404(alice, bob, verb):
    assert act(signed_in(alice), bob.id, verb).status_code == 404


def test_too_many_searches_and_invitations_are_a_429(alice):
    client = signed_in(alice)
    check(PEOPLE_SEARCHES, alice.id, uses=PEOPLE_SEARCHES.amount - 2)
    codes = [client.get("/api/v1/people", {"q": "bo"}).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    check(INVITATIONS, alice.id, uses=INVITATIONS.amount - 2)
    others = [person(f"other{number}") for number in range(3)]
    responses = [act(client, other.id, "invite") for other in others]
    assert [response.status_code for response in responses] == [200, 200, 429]
    assert int(responses[-1]["Retry-After"]) > 3000


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({}, "#/q"),
        ({"q": "a"}, "#/q"),
        ({"q": "ab", "limit": "1000"}, "#/limit"),
        ({"q": "ab", "cursor": "forged"}, "#/cursor"),
        ({"q": "a\x00b"}, "#/q"),
    ],
)
def test_malformed_searches_are_refused_with_a_pointer(alice, query, pointer):
    response = signed_in(alice).get("/api/v1/people", query)
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


def test_pages_of_people_follow_each_other(alice):
    for number in range(21):
        person(f"common{number:02}")
    client = signed_in(alice)
    first = client.get("/api/v1/people", {"q": "common"}).json()
    second = client.get("/api/v1/people", {"q": "common", "cursor": first["next"]}).json()
    assert [len(first["items"]), len(second["items"]), second["next"]] == [20, 1, None]


def test_my_profile_shows_the_private_part_and_changes_by_version(alice):
    client = signed_in(alice)
    me = client.get("/api/v1/me").json()
    assert (me["username"], me["email"], me["time_zone"], me["version"]) == ("alice", "", "UTC", 1)
    response = patch(client, {"version": 1, "about": "Hi", "time_zone": "Asia/Tokyo"})
    assert (response.status_code, response.json()["version"]) == (200, 2)
    response = patch(client, {"version": 1, "about": "Lost"})
    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert client.get("/api/v1/me").json()["about"] == "Hi"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/version"),
        ({"version": "1"}, "#/version"),
        ({"version": 1, "name": None}, "#/name"),
        ({"version": 1, "name": ["x"]}, "#/name"),
        ({"version": 1, "name": "x" * 81}, "#/name"),
        ({"version": 1, "name": "a\x00"}, "#/name"),
        ({"version": 1, "email": "x@example.org"}, "#/email"),
        ({"version": 1, "is_staff": True}, "#/is_staff"),
        ({"version": 1, "time_zone": "Nowhere"}, "#/time_zone"),
        ({"version": 1, "username": "BOB"}, "#/username"),
    ],
)
def test_malformed_changes_are_refused_with_a_pointer(alice, bob, body, pointer):
    client = signed_in(alice)
    response = patch(client, body)
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert client.get("/api/v1/me").json()["version"] == 1


def test_a_version_too_large_for_the_database_is_a_conflict(alice):
    assert patch(signed_in(alice), {"version": 2**70}).status_code == 409


def test_changes_need_a_csrf_token_and_a_session(alice, bob):
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(alice).cookies
    assert act(client, bob.id, "invite").status_code == 403
    for path in ("/api/v1/me", "/api/v1/people?q=bo", "/api/v1/contacts"):
        assert client.get(path).status_code != 401
        assert Client().get(path).status_code == 401
    assert act(Client(), bob.id, "invite").status_code == 401


def test_requests_cost_few_queries(alice, bob):
    client = signed_in(alice)
    client.get("/api/v1/me")  # writes the last use of the device, once in minutes
    # Every request begins with the session with its person.
    for path, most in (("/api/v1/me", 2), ("/api/v1/contacts", 2), ("/api/v1/people?q=bo", 5)):
        with traffic() as sent:
            assert client.get(path).status_code == 200
        assert sent.statements <= most, path


def test_the_openapi_document_uses_the_wire_types(client, db):
    schema = client.get("/api/schema/", {"format": "json"}).json()
    paths, parts = schema["paths"], schema["components"]["schemas"]
    for verb in VERBS:
        response = paths[f"/api/v1/contacts/{{person}}/{verb}"]["post"]["responses"]["200"]
        assert response["content"]["application/json"]["schema"]["$ref"].endswith("/Contact")
    assert parts["Contact"]["properties"]["person"]["$ref"].endswith("/Person")
    assert parts["MeUpdate"]["additionalProperties"] is False
    refused = paths["/api/v1/me"]["patch"]["responses"]["409"]["content"]
    [problem, code] = refused["application/problem+json"]["schema"]["allOf"]
    assert problem["$ref"].endswith("/Problem")
    assert code["properties"]["code"]["enum"] == ["conflict"]
    [cursor, q] = paths["/api/v1/people"]["get"]["parameters"]
    assert (q["name"], q.get("required")) == ("q", True)
    assert (cursor["name"], cursor.get("required")) == ("cursor", None)
