"""Zulip exports, in the form of the vendor's code, become archives."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.archive.vendors.reading import Read, converted
from tests.archive.vendors.zulip_export import AT, BOB, CAROL, PAIR, REALM, TO_BOB, export, message


def read(tmp_path: Path, *messages: Any, **files: Any) -> Read:
    given = {"messages-000001.json": {"zerver_message": [*messages]}} | files
    return converted("zulip", export(tmp_path / "zulip.tar.gz", given))


def test_topics_are_threads(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        message(1, "one"),
        message(2, "other", subject="news"),
        message(3, "two", BOB),
        message(4, "none", subject=""),
    )
    assert [(one.text, one.thread) for one in found.entries("general")] == [
        ("**plans**\none", None),
        ("**news**\nother", None),
        ("two", 1),
        ("none", None),
    ]
    assert found.entries("general")[0].at == datetime(2020, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)


def test_members_and_addresses_stay(tmp_path: Path) -> None:
    bots = [{"id": 5, "email": "notification-bot@zulip.com"}]
    found = read(tmp_path, **{"realm.json": REALM | {"zerver_userprofile_crossrealm": bots}})
    assert [one.username for one in found.people.values() if one.bot] == ["notification-bot"]
    roles = {found.name(one.person): one.role for one in found.chat("general").members}
    assert roles == {"alice": "owner", "bob": "member"}
    assert {one.email for one in found.people.values() if not one.bot} == {
        "alice@example.org",
        "bob@example.org",
        "carol@example.org",
    }


def test_markdown_becomes_markup(tmp_path: Path) -> None:
    text = "@**Bob** @_**Carol** @**all** @*team* #**general>plans** :tada: `@**Bob**`"
    quote = "\n```quote\nso\n```"
    found = read(tmp_path, message(1, text + quote, subject=""))
    (entry,) = found.entries("general")
    assert entry.text == "@bob @carol @all @team #general > plans 🎉 `@**Bob**`\n> so"
    assert [found.name(one) for one in entry.mentions] == ["bob"]
    assert entry.mentions_all


def test_former_texts_stay(tmp_path: Path) -> None:
    history = [
        {"prev_content": "second", "timestamp": int(AT) + 90},
        {"prev_subject": "old", "timestamp": int(AT) + 80},
        {"prev_content": "first", "timestamp": int(AT) + 60},
    ]
    given = message(
        1, "third", subject="", edit_history=json.dumps(history), last_edit_time=AT + 90
    )
    (entry,) = read(tmp_path, given).entries("general")
    assert [edit.text for edit in entry.edits] == ["first", "second"]
    assert entry.edited_at


def test_reactions_and_files_stay(tmp_path: Path) -> None:
    # That installation has a custom emoji with a name of Unicode, too.
    customs = [
        {"user_profile": BOB, "message": 1, "emoji_name": name, "emoji_code": "7"}
        | {"reaction_type": "realm_emoji"}
        for name in ("logo", "parrot", "tick")
    ]
    reactions = [
        {"user_profile": BOB, "message": 1, "emoji_name": "x", "emoji_code": "1f44d"}
        | {"reaction_type": "unicode_emoji"},
        *customs,
    ]
    path = "2/ab/xyz/a.txt"
    attachment = {"path_id": path, "file_name": "a.txt", "size": 5, "messages": [1]}
    files = {
        "messages-000001.json": {
            "zerver_message": [message(1, f"see [a.txt](/user_uploads/{path})", subject="")]
        },
        "realm.json": REALM | {"zerver_reaction": reactions},
        "attachment.json": {"zerver_attachment": [attachment]},
        f"uploads/{path}": b"hello",
    }
    here = {"tick": "done"}
    found = converted("zulip", export(tmp_path / "zulip.tar.gz", files), custom_emoji=here)
    (entry,) = found.entries("general")
    assert [one.emoji for one in entry.reactions] == ["👍", ":done:"]
    (file,) = [found.files[one] for one in entry.files]
    assert (file.name, file.size, file.missing) == ("a.txt", 5, "")
    assert entry.text == "see "
    why = "neither an emoji of Unicode nor a custom emoji that is here"
    lost = found.report.lines["lost", "reactions", why]
    assert lost.examples == [":logo:", ":parrot:"]


def test_direct_chats_of_both_forms(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        message(1, "to bob", recipient=TO_BOB, subject=""),
        message(2, "note", BOB, recipient=TO_BOB, subject=""),
        message(3, "to alice", CAROL, recipient=PAIR, subject=""),
    )
    chats = {found.entries(chat)[0].text: chat for chat in found.chats if chat.title != "general"}
    assert {text: chat.kind for text, chat in chats.items()} == {
        "to bob": "direct",
        "note": "group",
        "to alice": "direct",
    }
    assert sorted(found.name(one.person) for one in chats["to alice"].members) == ["alice", "carol"]
    assert found.people[found.entries(chats["to bob"])[0].by].name == "Alice"
