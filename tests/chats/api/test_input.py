"""Invalid input to the API: every endpoint with a body or a query returns a typed problem that
points to the fault, and changes nothing."""

import json
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.support.people import in_touch, signed_in

API = "/api/v1"
PROBLEM = "application/problem+json"
HOSTILE = [
    None,
    True,
    -1,
    1.5,
    2**63,
    "",
    "x" * 1_000,
    "\x00",
    "' OR 1=1 --",
    "../../etc/passwd",
    [],
    [[]],
    {},
    {"$ne": None},
]


def endpoints(chat, other):
    """(verb, path, valid body) of the endpoints with a body."""
    return {
        "send": ("post", f"chats/{chat}/messages", {"client_id": str(uuid4()), "text": "hello"}),
        "direct": ("post", "chats/direct", {"person": str(other.id)}),
        "receipts": ("post", "receipts", {"positions": [{"chat": str(chat), "read": 1}]}),
        "marks": ("patch", f"chats/{chat}/marks", {"pinned": True}),
        "me": ("patch", "me", {"version": 1, "name": "New"}),
        "session": ("post", "session", {"username": "nobody", "password": "wrong password"}),
    }


NAMES = ["send", "direct", "receipts", "marks", "me", "session"]
REQUIRED = [
    ("send", "client_id"),
    ("direct", "person"),
    ("receipts", "positions"),
    ("me", "version"),
    ("session", "username"),
    ("session", "password"),
]
# A message may consist of files.
FIELDS = [*REQUIRED, ("send", "text"), ("marks", "pinned"), ("me", "name")]


@pytest.fixture
def ask(alice, bob, chat):
    """Send a request as Alice, and check that the database is unchanged."""
    client = signed_in(alice)

    def call(name, change):
        verb, path, body = endpoints(chat, bob)[name]
        content = change(body)
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        before = everything()
        answer = getattr(client, verb)(f"{API}/{path}", content, content_type="application/json")
        assert everything() == before
        return answer

    return call


def everything():
    tables = ("chats_chat", "chats_member", "chats_message", "contacts_contact", "accounts_stream")
    with connection.cursor() as cursor:
        counted = []
        for table in tables:
            cursor.execute(
                f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t)) FROM {table} t"
            )
            counted.append(cursor.fetchone())
        return counted


def problem(answer, *, status=400, code="invalid"):
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM), answer.content
    content = answer.json()
    assert content["code"] == code
    assert content["status"] == status
    assert content["type"] == f"urn:parley:problem:{code}"
    assert content["title"]
    assert content["detail"]
    return content.get("errors", [])


@pytest.mark.parametrize(("name", "field"), REQUIRED)
def test_a_missing_field_is_named(ask, name, field):
    answer = ask(name, lambda body: {key: body[key] for key in body if key != field})
    assert [error["pointer"] for error in problem(answer)] == [f"#/{field}"]


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_field_is_refused_and_named(ask, name):
    answer = ask(name, lambda body: body | {"is_admin": True})
    assert [error["pointer"] for error in problem(answer)] == ["#/is_admin"]


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_a_wrong_type_is_refused_and_named(ask, name, field):
    for value in (1.5, [], {}, [[]], {"$ne": None}):
        answer = ask(name, lambda body, value=value: body | {field: value})
        assert problem(answer)[0]["pointer"].startswith(f"#/{field}"), value


NO_OBJECTS = [
    b" ",
    b"{",
    b"null",
    b"[]",
    b'"x"',
    b"\xff\xfe",
    b"{} {}",
    b"[" * 9**5,
    b'{"a":' * 9**5,
]


@pytest.mark.parametrize("name", NAMES)
def test_a_body_that_is_not_an_object_is_refused(ask, name):
    for content in NO_OBJECTS:
        problem(ask(name, lambda body, content=content: content))


@pytest.mark.parametrize("name", NAMES)
def test_a_body_beyond_the_limit_is_refused(ask, name):
    answer = ask(name, lambda body: b'{"text": "' + b"x" * 2_000_000 + b'"}')
    assert answer.status_code in (400, 413)
    assert answer.json()["code"] == "too_long"


@pytest.mark.parametrize("name", NAMES)
def test_only_json_is_accepted(alice, bob, chat, name):
    verb, path, body = endpoints(chat, bob)[name]
    client = signed_in(alice)
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = getattr(client, verb)(f"{API}/{path}", json.dumps(body), content_type=kind)
        problem(answer, status=415, code="unsupported_type")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "session"])
def test_signed_out_requests_are_401(client, chat, bob, name):
    verb, path, body = endpoints(chat, bob)[name]
    answer = getattr(client, verb)(f"{API}/{path}", body, content_type="application/json")
    problem(answer, status=401, code="signed_out")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    some.sampled_from([each for each in FIELDS if each[0] != "session"]),
    some.sampled_from(HOSTILE) | some.text(max_size=40) | some.integers() | some.floats(),
)
def test_any_value_of_a_field_gets_a_typed_response(alice, bob, chat, place, value):
    name, field = place
    verb, path, body = endpoints(chat, bob)[name]
    if name == "send" and field == "text":
        body["client_id"] = None  # nothing is to be sent: that would take a commit
    content = json.dumps(body | {field: value})
    answer = getattr(signed_in(alice), verb)(
        f"{API}/{path}", content, content_type="application/json"
    )
    assert answer.status_code < 500, answer.content


@pytest.mark.parametrize(
    "path",
    [
        "chats/x",
        "chats/0",
        "chats/{absent}",
        "chats/{absent}/messages",
        "chats/{absent}/changes?since=0",
        "chats/{absent}/positions",
        "chats/../me",
        "nothing",
        "chats/{absent}'--/messages",
    ],
)
def test_unknown_ids_are_not_found(alice, path):
    answer = signed_in(alice).get(f"{API}/{path.format(absent=uuid4())}")
    problem(answer, status=404, code="not_found")


def test_the_first_and_last_date_are_accepted(alice, chat):
    client = signed_in(alice)
    for zone in ("Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati"):
        for day in ("0001-01-01", "9999-12-31", "2011-12-30"):
            answer = client.get(f"{API}/chats/{chat}/messages?on={day}&tz={zone}")
            assert answer.status_code == 200, answer.content


@pytest.mark.parametrize(
    "query",
    ["since=-1", "since=x", "since=9007199254740992", "since=1&more=2", "", "since="],
)
def test_a_change_feed_needs_a_revision(alice, chat, query):
    assert problem(signed_in(alice).get(f"{API}/chats/{chat}/changes?{query}"))


@pytest.mark.parametrize("cursor", ["x", "a:b:c", "\x00", "é", "x" * 5_000])
def test_a_forged_cursor_is_refused(alice, cursor):
    answer = signed_in(alice).get(f"{API}/chats", {"cursor": cursor})
    assert problem(answer)[0]["pointer"] == "#/cursor"


VERBS = ["invite", "accept", "decline", "cancel", "remove", "block", "unblock"]


@pytest.mark.parametrize("verb", VERBS)
def test_an_unknown_contact_is_not_found(alice, verb):
    client = signed_in(alice)
    for person in (uuid4(), "x"):
        answer = client.post(f"{API}/contacts/{person}/{verb}")
        problem(answer, status=404, code="not_found")


@pytest.mark.parametrize("verb", VERBS)
def test_people_cannot_be_their_own_contact(alice, verb):
    answer = signed_in(alice).post(f"{API}/contacts/{alice.id}/{verb}")
    problem(answer, status=409, code="not_possible")


@pytest.mark.parametrize("verb", ["accept", "decline", "cancel", "block"])
def test_contact_endpoints_ignore_the_body(alice, dana, verb):
    in_touch(alice, dana)
    client = signed_in(alice)
    answer = client.post(
        f"{API}/contacts/{dana.id}/{verb}", b"{not json", content_type="application/json"
    )
    assert answer.status_code in (200, 409)


def test_a_long_name_of_an_unknown_field_is_refused_at_once(client, db):
    """The message of the decoder repeats it; searching in that took minutes."""
    name = "unknown field `" * 80_000 + "z - at x"
    body = json.dumps({name: 1})
    answer = client.post(f"{API}/session", body, content_type="application/json")
    assert answer.status_code == 400
    assert len(answer.content) < 2_000


QUERIES = {
    "twice": "before=1&before=2",
    "one name": "&".join(["a"] * 1_001),
    "many names": "&".join(f"a{n}=1" for n in range(1_001)),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_that_says_something_twice_or_too_much_is_refused(alice, chat, query):
    answer = signed_in(alice).get(f"{API}/chats/{chat}/messages?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
