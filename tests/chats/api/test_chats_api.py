"""The API of chats."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.test import Client

from apps.chats.actions.group_commit import group_commit
from apps.chats.models import Message
from tests.chats.factories import give_back_connection, timeline, write, write_many
from tests.support.people import direct_chat, in_touch, person, signed_in

API = "/api/v1"
PROBLEM = "application/problem+json"


def send(client: Client, chat: object, text: object = "hello", **more: object):
    body = {"client_id": str(uuid4()), "text": text} | more
    return client.post(f"{API}/chats/{chat}/messages", body, content_type="application/json")


@pytest.fixture
def committed(transactional_db) -> Iterator[None]:
    """Group commit sends in a thread of its own: it sees only committed rows, and closes its
    connection before the database is flushed."""
    yield
    give_back_connection(group_commit)


@pytest.mark.usefixtures("committed")
class TestSending:
    def test_a_message_is_201_and_its_repeat_200_with_the_first_message(self, alice, bob):
        chat, client, mine = direct_chat(alice, bob), signed_in(alice), str(uuid4())
        first = send(client, chat, "once", client_id=mine)
        again = send(client, chat, "twice", client_id=mine)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert first.json()["text"] == "once"
        assert timeline(chat) == [(1, 1, "once")]

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"text": ""}, "empty"),
            ({"text": " \n"}, "empty"),
            ({"text": "x" * 100_000}, "too_long"),
            ({"text": "a\x00"}, "invalid"),
            ({"text": None}, "invalid"),
            ({"text": ["x"]}, "invalid"),
            ({"client_id": "1"}, "invalid"),
            ({"seq": 1}, "invalid"),
        ],
    )
    def test_invalid_messages_are_refused_with_a_code(self, alice, bob, fields, code):
        chat = direct_chat(alice, bob)
        answer = send(signed_in(alice), chat, **fields)
        assert answer.status_code == 400
        assert answer["Content-Type"] == PROBLEM
        assert answer.json()["code"] == code
        assert not Message.objects.exists()

    def test_former_contacts_can_read_the_history_but_not_send(self, alice, bob):
        from apps.contacts.actions import contacts

        chat = direct_chat(alice, bob)
        write(alice, chat, "while we were in touch")
        contacts.remove(bob.id, alice.id)
        answer = send(signed_in(alice), chat)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_contacts")
        page = signed_in(alice).get(f"{API}/chats/{chat}/messages").json()
        assert [entry["text"] for entry in page["items"]] == ["while we were in touch"]

    def test_an_outsider_cannot_send(self, alice, bob, charlie):
        chat = direct_chat(alice, bob)
        client = signed_in(charlie)
        foreign, absent = send(client, chat), send(client, uuid4())
        assert (foreign.status_code, foreign.json()) == (404, absent.json())
        assert not Message.objects.exists()


def test_history_pages_over_http(chat, alice):
    write_many(alice, chat, 30)
    client = signed_in(alice)

    def page(query: str) -> list[int]:
        answer = client.get(f"{API}/chats/{chat}/messages?{query}")
        assert answer.status_code == 200, answer.content
        return [entry["seq"] for entry in answer.json()["items"]]

    assert page("limit=3") == [28, 29, 30]
    assert page("before=28&limit=3") == [25, 26, 27]
    assert page("after=10&limit=2") == [11, 12]
    assert page("around=15&limit=4") == [13, 14, 15, 16]
    on = client.get(f"{API}/chats/{chat}/messages?on=2020-01-01&limit=2").json()
    assert (on["anchor"], on["last_seq"], on["rev"]) == (1, 30, 30)
    assert client.get(f"{API}/chats/{chat}/messages?on=2999-01-01").json()["anchor"] is None


@pytest.mark.parametrize(
    "query",
    [
        "before=1&after=2",
        "before=-1",
        "before=x",
        "around=99999999999999999999",
        "limit=0",
        "limit=501",
        "on=yesterday",
        "on=2020-01-01&tz=Mars/Olympus",
        "on=2020-01-01&tz=../../etc/passwd",
        "nonsense=1",
    ],
)
def test_an_invalid_page_query_is_a_problem_with_a_pointer(chat, alice, query):
    answer = signed_in(alice).get(f"{API}/chats/{chat}/messages?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert answer.json()["errors"][0]["pointer"].startswith("#/")


def test_the_chat_list_is_paged_by_cursor(alice):
    chats = [direct_chat(alice, person(f"friend{n}")) for n in range(5)]
    client = signed_in(alice)
    found, cursor = [], ""
    while cursor is not None:
        page = client.get(f"{API}/chats?limit=2&cursor={cursor}").json()
        found += [chat["id"] for chat in page["items"]]
        cursor = page["next"]
    assert found == [str(chat) for chat in reversed(chats)]
    assert client.get(f"{API}/chats?cursor=made-up").status_code == 400


def test_a_direct_chat_is_opened_once_and_with_contacts_only(alice, bob, charlie):
    in_touch(alice, bob)

    def opened(by, other):
        body = {"person": str(other)}
        return signed_in(by).post(f"{API}/chats/direct", body, content_type="application/json")

    first, second = opened(alice, bob.id), opened(bob, alice.id)
    assert first.json()["id"] == second.json()["id"]
    for nobody in (charlie.id, uuid4()):
        answer = opened(alice, nobody)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_contacts")


def test_marks_positions_and_changes_over_http(chat, alice, bob):
    write_many(alice, chat, 3)
    as_bob = signed_in(bob)
    marked = as_bob.patch(
        f"{API}/chats/{chat}/marks", {"pinned": True}, content_type="application/json"
    )
    assert marked.json()["pinned"] is True
    moved = as_bob.post(
        f"{API}/receipts",
        {"positions": [{"chat": str(chat), "read": 2}]},
        content_type="application/json",
    )
    assert moved.status_code == 204
    positions = signed_in(alice).get(f"{API}/chats/{chat}/positions").json()["items"]
    assert {"person": str(bob.id), "read": 2, "delivered": 2} in positions
    changed = as_bob.get(f"{API}/chats/{chat}/changes?since=1").json()
    assert [entry["rev"] for entry in changed["items"]] == [2, 3]
    assert changed["rev"] == 3


def test_too_many_changes_are_410(chat, alice):
    write_many(alice, chat, 501)
    answer = signed_in(alice).get(f"{API}/chats/{chat}/changes?since=0")
    assert (answer.status_code, answer.json()["code"]) == (410, "gap")


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("get", ""),
        ("get", "/messages"),
        ("get", "/positions"),
        ("get", "/changes?since=0"),
        ("patch", "/marks"),
    ],
)
def test_an_outsider_gets_the_response_of_an_unknown_chat(chat, charlie, verb, path):
    client = signed_in(charlie)
    ask = getattr(client, verb)
    more = {"data": {}, "content_type": "application/json"} if verb != "get" else {}
    foreign, absent = (ask(f"{API}/chats/{one}{path}", **more) for one in (chat, uuid4()))
    assert foreign.status_code == absent.status_code == 404
    assert foreign.content == absent.content
    assert ask(f"{API}/chats/no-id{path}", **more).status_code == 404


def test_signed_out_requests_get_401(chat):
    for path in ("/chats", f"/chats/{chat}", f"/chats/{chat}/messages"):
        answer = Client().get(API + path)
        assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)


def test_a_cross_site_request_is_refused(chat, alice):
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(alice).cookies
    body = {"client_id": str(uuid4()), "text": "forged"}
    answer = client.post(f"{API}/chats/{chat}/messages", body, content_type="application/json")
    assert answer.status_code == 403
    assert not Message.objects.exists()


def test_an_edit_of_an_outdated_text_is_409(chat, alice):
    write_many(alice, chat, 1)
    client = signed_in(alice)
    path = f"{API}/chats/{chat}/messages/1"

    def edit(text: str, **more: str):
        return client.patch(path, {"text": text} | more, content_type="application/json")

    began = client.get(path).json()["at"]
    phone = edit("from the phone", base_at=began)
    assert phone.status_code == 200
    laptop = edit("from the laptop", base_at=began)
    assert (laptop.status_code, laptop.json()["code"]) == (409, "conflict")
    assert client.get(path).json()["text"] == "from the phone"
    assert edit("from both", base_at=phone.json()["edited_at"]).json()["text"] == "from both"
    assert edit("as before there was a base").status_code == 200
