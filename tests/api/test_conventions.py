"""What all operations have in common: pages, filters, ETags, headers of limits."""

import json
import re

import pytest

from apps.chats.models import Chat
from apps.core import limits
from apps.core.errors import RateLimited
from tests.api.document import operations
from tests.chats.factories import write
from tests.support.people import direct_chat, in_touch, person, signed_in

pytestmark = pytest.mark.django_db
API = "/api/v1"


def send(client, method, path, body=None, **headers):
    more = {} if body is None else {"data": body, "content_type": "application/json"}
    return getattr(client, method)(f"{API}/{path}", headers=headers, **more)


def pages(client, path, limit):
    """All items of a list, and how many were on each page."""
    items, sizes, cursor = [], [], ""
    while cursor is not None:
        page = client.get(f"{API}/{path}", query_params={"limit": limit, "cursor": cursor}).json()
        items += page["items"]
        sizes.append(len(page["items"]))
        cursor = page["next"]
    return items, sizes


# Pages of another form, and why.
OTHER_FORMS = {
    "listMessages": "by seq in both directions",
    "listChanges": "by rev",
    "search": "one list for each kind",
}
# Pages that say something more about their items.
MORE = {"listSeenBy": {"times"}}


def test_every_list_in_pages_has_the_same_form():
    for each in operations().values():
        names = {parameter["name"] for parameter in each.described.get("parameters", [])}
        if "cursor" in names and each.id not in OTHER_FORMS:
            content = each.described["responses"]["200"]["content"]["application/json"]
            assert set(content["example"]) == {"items", "next"} | MORE.get(each.id, set()), each.id
    in_pages = [
        each.id
        for each in operations().values()
        if "cursor" in {one["name"] for one in each.described.get("parameters", [])}
    ]
    assert {"listChats", "listContacts", "listSavedMessages", "listThread"} < set(in_pages)


def test_the_last_page_says_so_even_when_it_is_full(alice):
    others = [person(f"friend{number}") for number in range(4)]
    for other in others:
        direct_chat(alice, other)
    client = signed_in(alice)
    for path in ("chats", "contacts"):
        items, sizes = pages(client, path, 2)
        assert sizes == [2, 2], path
        assert len({json.dumps(item) for item in items}) == 4, path


def test_saved_messages_come_in_pages(alice, chat):
    client = signed_in(alice)
    seqs = [write(alice, chat).seq for _ in range(5)]
    for seq in seqs:
        assert send(client, "put", f"chats/{chat}/messages/{seq}/saved").status_code == 204
    items, sizes = pages(client, "saved", 2)
    assert sizes == [2, 2, 1]
    assert [item["message"]["seq"] for item in items] == seqs[::-1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=group", {"Crew"}),
        ("kind=direct", {"Read", "Unread", "Away"}),
        ("archived=true", {"Away"}),
        ("archived=false&kind=direct", {"Read", "Unread"}),
        ("unread=true", {"Unread", "Marked"}),
        ("unread=false&kind=direct", {"Read", "Away"}),
        ("mentioned=true", {"Unread"}),
    ],
)
def test_chats_are_filtered(alice, crew, query, expected):
    client = signed_in(alice)
    named = {crew: "Crew"}
    for name in ("Read", "Unread", "Away"):
        other = person(name.lower(), name=name)
        chat = direct_chat(alice, other)
        named[chat] = name
        write(other if name == "Unread" else alice, chat, "Hello @alice")
    marked = send(client, "post", "groups", {"title": "Marked"}).json()["id"]
    send(client, "patch", f"chats/{marked}/marks", {"marked_unread": True})
    [away] = [chat for chat, name in named.items() if name == "Away"]
    send(client, "patch", f"chats/{away}/marks", {"archived": True})
    names = {str(chat): name for chat, name in named.items()} | {marked: "Marked"}
    found = {names[item["id"]] for item in client.get(f"{API}/chats?{query}").json()["items"]}
    assert found - ({"Marked"} if "kind=group" in query else set()) == expected


def test_contacts_are_filtered_by_state(alice, bob, dana):
    in_touch(alice, bob)
    client = signed_in(alice)
    send(client, "post", f"contacts/{dana.id}/block")
    found = client.get(f"{API}/contacts?state=blocked").json()["items"]
    assert [item["person"]["username"] for item in found] == ["dana"]


def test_nobody_sees_the_person_who_blocked_them(alice, bob, charlie):
    in_touch(alice, bob)
    his = signed_in(bob)
    assert send(his, "get", f"people/{alice.id}").json()["state"] == "contact"
    send(signed_in(alice), "post", f"contacts/{bob.id}/block")
    blocked = send(his, "get", f"people/{alice.id}")
    absent = send(his, "get", f"people/{alice.id}".replace(str(alice.id)[:8], "00000000"))
    assert (blocked.status_code, blocked.content) == (404, absent.content)
    assert "email" not in send(signed_in(charlie), "get", f"people/{alice.id}").json()["person"]


# -- ETags ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["me", "people/{bob}", "chats/{crew}", "chats/{crew}/title"])
def test_what_a_client_has_is_not_sent_again(alice, bob, crew, path):
    client, path = signed_in(alice), path.format(bob=bob.id, crew=crew)
    first = send(client, "get", path)
    tag = first["ETag"]
    for header in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = send(client, "get", path, **{"If-None-Match": header})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert send(client, "get", path, **{"If-None-Match": '"other"'}).content == first.content


@pytest.mark.parametrize(
    ("read", "change", "body"),
    [
        ("me", "me", {"name": "New"}),
        ("chats/{crew}/title", "chats/{crew}/title", {"title": "New"}),
    ],
)
def test_a_change_of_something_else_than_was_seen_is_412(alice, crew, read, change, body):
    client = signed_in(alice)
    read, change = read.format(crew=crew), change.format(crew=crew)
    verb = "patch" if change == "me" else "put"
    tag = send(client, "get", read)["ETag"]
    stale = {key: "Before that" for key in body} | ({"version": 1} if change == "me" else {})
    assert send(client, verb, change, stale).status_code < 300
    refused = send(client, verb, change, body, **{"If-Match": tag})
    assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")
    weak = "W/" + send(client, "get", read)["ETag"]
    assert send(client, verb, change, body, **{"If-Match": weak}).status_code == 412
    tag = send(client, "get", read)["ETag"]
    assert send(client, verb, change, body, **{"If-Match": tag}).status_code < 300
    assert send(client, "get", read)["ETag"] != tag


def test_a_rename_between_the_check_and_the_lock_is_412(alice, crew, monkeypatch):
    from apps.chats.api import groups

    client = signed_in(alice)
    tag = send(client, "get", f"chats/{crew}/title")["ETag"]
    check = groups.check_condition

    def renamed_meanwhile(*given):
        check(*given)
        Chat.objects.filter(id=crew).update(title="Meanwhile")

    monkeypatch.setattr(groups, "check_condition", renamed_meanwhile)
    refused = send(client, "put", f"chats/{crew}/title", {"title": "New"}, **{"If-Match": tag})
    assert refused.status_code == 412
    assert Chat.objects.get(id=crew).title == "Meanwhile"


# -- limits ---------------------------------------------------------------------------------------

COUNT = re.compile(r'"(?P<name>[\w-]+)";r=(?P<left>\d+);t=(?P<more_in>\d+)')


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [("get", "me", "READS"), ("put", "chats/{crew}/title", "GROUP_CHANGES")],
    ids=["in process", "shared"],
)
def test_responses_say_what_is_left_of_a_limit(alice, crew, monkeypatch, method, path, limit):
    small = getattr(limits, limit)._replace(name=f"left-{method}", amount=3, seconds=60)
    if limit == "READS":
        monkeypatch.setattr(limits, limit, small)
    else:
        from apps.chats.actions import groups

        renamed = limits.limited(small)(groups.rename_group.__wrapped__)
        monkeypatch.setattr(groups, "rename_group", renamed)
    client, path = signed_in(alice), path.format(crew=crew)
    body = None if method == "get" else {"title": "New"}
    answers = [send(client, method, path, body) for _ in range(4)]
    assert {answer["RateLimit-Policy"] for answer in answers} == {f'"left-{method}";q=3;w=60'}
    counts = [COUNT.fullmatch(answer["RateLimit"]) for answer in answers]
    assert [int(count["left"]) for count in counts] == [2, 1, 0, 0]
    assert all(1 <= int(count["more_in"]) <= 60 for count in counts)
    assert [answer.status_code for answer in answers][3] == 429
    assert int(answers[3]["Retry-After"]) == int(counts[3]["more_in"])


def test_a_wait_is_rounded_up():
    assert RateLimited(retry_after=1.2).retry_after_s == 2
    assert RateLimited(retry_after=0.01).retry_after_s == 1


def test_any_accept_header_gets_json(alice):
    for accept in ("text/html", "application/xml", "", "*/*"):
        answer = send(signed_in(alice), "get", "me", Accept=accept)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert signed_in(alice).get(f"{API}/me?format=xml").status_code == 200
