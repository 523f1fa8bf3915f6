"""Mattermost exports, in the vendor's documented form, become archives."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from apps.archive.errors import ExportError
from tests.archive.vendors.mattermost_export import AT, LINES, VERSION, export, line, post, user
from tests.archive.vendors.reading import Read, converted

TOWN = "Town Square"


def read(tmp_path: Path, *lines: Any, files: dict[str, bytes] | None = None) -> Read:
    path = export(tmp_path / "mattermost.zip", [*LINES, *lines], files)
    return converted("mattermost", path)


def test_people_members_and_times_stay(tmp_path: Path) -> None:
    bot = line("bot", username="feed", display_name="Feed")
    found = read(tmp_path, post(), user("carol", delete_at=AT), bot)
    people = {one.username: one for one in found.people.values()}
    assert [people[name].name for name in ("alice", "bob")] == ["Alice A", "Bobby"]
    assert people["alice"].email == "alice@example.org"
    assert people["carol"].former
    assert [one.username for one in found.people.values() if one.bot] == ["feed"]
    roles = {found.name(one.person): one.role for one in found.chat(TOWN).members}
    assert roles == {"alice": "owner", "bob": "member"}
    (entry,) = found.entries(TOWN)
    assert entry.at == datetime(2020, 1, 1, tzinfo=UTC)


def test_what_was_not_read_stays_unread(tmp_path: Path) -> None:
    teams = [{"name": "main", "channels": [{"name": "town", "last_viewed_at": AT + 5}]}]
    carol = line("user", username="carol", email="", teams=teams)
    found = read(tmp_path, carol, post(), post("2", at=AT + 5), post("3", at=AT + 6))
    members = {found.name(one.person): one for one in found.chat(TOWN).members}
    assert (members["alice"].read, members["carol"].read) == (3, 2)


def test_replies_are_threads_with_reactions_and_edits(tmp_path: Path) -> None:
    reaction = {"user": "bob", "emoji_name": "+1", "create_at": AT + 9}
    reply = {"user": "bob", "message": "reply", "create_at": AT + 1, "edit_at": AT + 60_000}
    found = read(
        tmp_path,
        post("later", at=AT + 2),
        post("first", replies=[reply], reactions=[reaction], is_pinned=True),
    )
    first, answer, later = found.entries(TOWN)
    assert (first.text, answer.text, later.text) == ("first", "reply", "later")
    assert (answer.thread, answer.reply_to, later.thread) == (1, 1, None)
    assert [(one.emoji, found.name(one.person)) for one in first.reactions] == [("👍", "bob")]
    assert first.reactions[0].at == datetime(2020, 1, 1, 0, 0, 0, 9_000, tzinfo=UTC)
    assert first.pinned_at
    assert answer.edited_at == datetime(2020, 1, 1, 0, 1, tzinfo=UTC)


def test_a_reply_of_the_same_millisecond_is_in_the_thread(tmp_path: Path) -> None:
    # As bots answer; the author of the reply comes first in the alphabet.
    reply = {"user": "alice", "message": "reply", "create_at": AT}
    first, answer = read(tmp_path, post("first", by="bob", replies=[reply])).entries(TOWN)
    assert (first.text, answer.text, answer.thread) == ("first", "reply", 1)


def test_texts_become_markup_outside_of_code(tmp_path: Path) -> None:
    text = (
        "# Head\n@bob. @channel :tada: `@bob :tada:` ![p](https://a.test/p.png)\n```\n# @bob\n```"
    )
    (entry,) = (found := read(tmp_path, post(text))).entries(TOWN)
    assert entry.text == (
        "**Head**\n@bob. @all 🎉 `@bob :tada:` [p](https://a.test/p.png)\n```\n# @bob\n```"
    )
    assert [found.name(one) for one in entry.mentions] == ["bob"]
    assert entry.mentions_all


def test_the_order_of_lines_does_not_matter(tmp_path: Path) -> None:
    lines = [post("@bob"), *LINES[1:]]
    found = converted("mattermost", export(tmp_path / "a.zip", [VERSION, *lines]))
    again = read(tmp_path, post("@bob"))
    assert found.entries(TOWN) == again.entries(TOWN)


def test_files_come_from_the_export(tmp_path: Path) -> None:
    paths = [{"path": "20200101/teams/a.txt"}, {"path": "/gone/b.txt"}]
    files = {"data/20200101/teams/a.txt": b"hello"}
    found = read(tmp_path, post(attachments=paths), files=files)
    kept = [found.files[one] for one in found.entries(TOWN)[0].files]
    assert [(one.name, one.size, bool(one.missing)) for one in kept] == [
        ("a.txt", 5, False),
        ("b.txt", 0, True),
    ]


def test_direct_chats_stay(tmp_path: Path) -> None:
    def direct(*members: str, text: str) -> dict[str, Any]:
        fields = {"user": members[0], "message": text, "create_at": AT}
        return line("direct_post", channel_members=[*members], **fields)

    found = read(
        tmp_path,
        line("direct_channel", members=["bob", "alice"]),
        direct("alice", "bob", text="@all hi"),
        direct("alice", "alice", text="note"),
        direct("alice", "bob", "zoe", text="three"),
    )
    kinds = {found.entries(chat)[0].text: chat.kind for chat in found.chats if chat.title != TOWN}
    assert kinds == {"@all hi": "direct", "note": "group", "three": "group"}


def test_what_happened_and_apps(tmp_path: Path) -> None:
    box = {"pretext": "New", "title": "Build", "title_link": "https://ci.test", "text": "green"}
    found = read(
        tmp_path,
        post("bob joined", by="bob", type="system_join_channel"),
        post("topic set", at=AT + 1, type="system_header_change"),
        post("", at=AT + 2, type="slack_attachment", props={"attachments": [box]}),
    )
    assert [(one.kind, one.text) for one in found.entries(TOWN)] == [
        ("joined", ""),
        ("text", "_topic set_"),
        ("text", "New\n> [Build](https://ci.test)\n> green"),
    ]


def test_a_bad_line_is_reported_and_the_others_stay(tmp_path: Path) -> None:
    found = read(tmp_path, b'{"type": "post", ', post())
    assert found.texts(TOWN) == ["Hello"]
    ((what, how),) = [key for key in found.report.counts("lost") if key[0] == "lines"]
    assert what == "lines"
    assert "not valid JSON" in how


def test_another_version_is_refused(tmp_path: Path) -> None:
    path = export(tmp_path / "mattermost.zip", [{"type": "version", "version": 2}])
    with pytest.raises(ExportError, match="version 1"):
        converted("mattermost", path)
