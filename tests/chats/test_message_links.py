"""The links of a chat: listed after a message was sent, gone with its text."""

import threading

import pytest
from django.db import connection

from apps.chats.actions import edits, groups, link_index
from apps.chats.models import LinksIndexed, Message, MessageLink
from apps.chats.tasks import index_links
from tests.chats.factories import write, write_many
from tests.support.people import direct_chat, in_touch, person, signed_in

pytestmark = pytest.mark.django_db


def page(who, chat, query=""):
    response = signed_in(who).get(f"/api/v1/chats/{chat}/message-links?{query}")
    assert response.status_code == 200, response.content
    return response.json()


def urls(who, chat):
    return [item["url"] for item in page(who, chat)["items"]]


def test_the_newest_link_comes_first_with_its_message(alice, bob, chat):
    write(alice, chat, "no link")
    write(alice, chat, "https://example.org/a, then http://user@Example.net:81/b?c.")
    sent = write(bob, chat, "`https://example.org/code` [this](https://example.org/d)")
    Message.objects.filter(chat_id=chat, seq=sent.seq).update(
        previews=[
            {"url": "https://example.org/d", "title": "D", "description": "Of D", "site": "Example"}
        ]
    )
    first, *others = page(alice, chat)["items"]
    assert first.pop("at")
    assert first == {
        "url": "https://example.org/d",
        "host": "example.org",
        "title": "D",
        "description": "Of D",
        "seq": sent.seq,
        "sender": str(bob.id),
    }
    assert [(one["url"], one["host"], one["title"], one["seq"]) for one in others] == [
        ("http://user@Example.net:81/b?c", "example.net:81", "", 2),
        ("https://example.org/a", "example.org", "", 2),
    ]


def test_links_are_listed_without_previews(alice, chat, settings):
    settings.LINK_PREVIEWS = False
    write(alice, chat, "https://example.org/a")
    assert urls(alice, chat) == ["https://example.org/a"]


def test_a_bare_address_is_listed_as_where_it_leads(alice, chat):
    sent = write(alice, chat, "see www.example.org/a")
    assert urls(alice, chat) == ["https://www.example.org/a"]
    edits.edit_message(alice.id, chat, seq=sent.seq, text="see `www.example.org/a`")
    assert urls(alice, chat) == []


def test_pages_meet_within_a_message(alice, chat):
    for n in range(3):
        write(alice, chat, " ".join(f"https://example.org/{n}/{part}" for part in "abc"))
    found, cursor = [], ""
    while cursor is not None:
        answer = page(alice, chat, f"limit=2&cursor={cursor}")
        found += [item["url"].removeprefix("https://example.org/") for item in answer["items"]]
        cursor = answer["next"]
    assert found == [f"{n}/{part}" for n in (2, 1, 0) for part in "cba"]


def test_a_message_lists_fifty_links(alice, chat):
    write(alice, chat, " ".join(f"https://example.org/{n}" for n in range(60)))
    assert len(page(alice, chat, "limit=200")["items"]) == link_index.MAX_LISTED == 50


def test_an_edit_replaces_the_links_and_a_deletion_removes_them(alice, chat):
    kept = write(alice, chat, "https://example.org/a https://example.org/b")
    gone = write(alice, chat, "https://example.org/c")
    assert len(urls(alice, chat)) == 3
    edits.edit_message(alice.id, chat, seq=kept.seq, text="https://example.org/b/2")
    edits.delete_message(alice.id, chat, seq=gone.seq)
    assert urls(alice, chat) == ["https://example.org/b/2"]
    assert MessageLink.objects.count() == 1


def test_what_is_deleted_is_not_shown_while_the_list_is_behind(alice, chat, monkeypatch):
    kept = write(alice, chat, "https://example.org/a")
    gone = write(alice, chat, "https://example.org/b")
    index_links()
    monkeypatch.setattr(link_index, "MAX_BATCHES_PER_LIST", 0)
    assert len(urls(alice, chat)) == 2
    edits.edit_message(alice.id, chat, seq=kept.seq, text="nothing")
    edits.delete_message(alice.id, chat, seq=gone.seq)
    assert urls(alice, chat) == []


def test_only_members_see_links(alice, bob, charlie, crew):
    write(alice, crew, "https://example.org/a")
    assert urls(bob, crew) == ["https://example.org/a"]
    path = f"/api/v1/chats/{crew}/message-links"
    assert signed_in(charlie).get(path).status_code == 404
    groups.remove_member(alice.id, crew, person=bob.id)
    assert signed_in(bob).get(path).status_code == 404
    assert signed_in(alice).get(f"{path}?cursor=forged").status_code == 400


def test_a_cursor_of_another_list_is_refused(alice, chat):
    for n in range(3):
        write(alice, chat, f"https://example.org/{n}")
    cursor = page(alice, chat, "limit=1")["next"]
    assert page(alice, chat, f"cursor={cursor}")["items"]
    assert signed_in(alice).get(f"/api/v1/chats/{chat}/files?cursor={cursor}").status_code == 400


def test_the_worker_lists_the_messages_from_before_in_parts(alice, bob, charlie, chat, monkeypatch):
    """As after an upgrade: no message of these chats was looked at yet."""
    monkeypatch.setattr(link_index, "MAX_CHANGES_PER_BATCH", 4)
    in_touch(alice, charlie)
    other = direct_chat(alice, charlie)
    write_many(alice, chat, 10)
    write(bob, chat, "https://example.org/a")
    write(charlie, other, "https://example.org/b")
    index_links()
    assert set(MessageLink.objects.values_list("chat_id", "url")) == {
        (chat, "https://example.org/a"),
        (other, "https://example.org/b"),
    }
    assert dict(LinksIndexed.objects.values_list("chat_id", "rev")) == {chat: 11, other: 1}


@pytest.mark.django_db(transaction=True)
def test_concurrent_indexing_ends_with_the_last_text():
    alice, bob = person("alice"), person("bob")
    chat = direct_chat(alice, bob)
    sent = write(alice, chat, "https://example.org/0")
    stop = threading.Event()
    failed: list[Exception] = []

    def keep_indexing():
        try:
            while not stop.is_set():
                link_index.catch_up([chat])
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=keep_indexing) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(1, 40):
        edits.edit_message(alice.id, chat, seq=sent.seq, text=f"https://example.org/{n}")
    stop.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert urls(bob, chat) == ["https://example.org/39"]
    assert MessageLink.objects.count() == 1
