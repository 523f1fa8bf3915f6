"""Slack exports, in the vendor's documented form, become archives."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from apps.archive.errors import ExportError
from apps.archive.records import Chat
from apps.archive.vendors import groups, writer
from apps.archive.vendors.drafts import DraftChat, DraftMember
from apps.archive.vendors.report import Report
from apps.chats.queries.members import MAX_FORMER
from tests.archive.archives import THEN, an_id
from tests.archive.vendors.conftest import FIRST, Reading
from tests.archive.vendors.reading import converted
from tests.archive.vendors.slack_export import (
    ALICE,
    BOB,
    CAROL,
    USERS,
    channel,
    export,
    message,
    user,
)


def test_times_and_authors_are_exact(read: Reading) -> None:
    found = read(message(FIRST), message("1577836800.000200", BOB))
    created, first, second = found.entries("general")
    assert created.kind == "created"
    assert created.at == datetime(2017, 7, 14, 2, 40, tzinfo=UTC)
    assert first.at == datetime(2020, 1, 1, 0, 0, 0, 100, tzinfo=UTC)
    assert [found.name(entry.by) for entry in (first, second)] == ["alice", "bob"]


def test_channels_have_names_in_any_script(tmp_path: Path) -> None:
    """Slack does not mark the names of its ZIP files as UTF-8."""
    names = ("général", "общий", "雑談")
    channels = [channel(f"C{number}", name) for number, name in enumerate(names)]
    days = {f"{name}/2020-01-01.json": [message(FIRST, text=name)] for name in names}
    path = export(tmp_path / "slack.zip", {"channels.json": channels} | days, is_marked=False)
    found = converted("slack", path)
    assert [found.entries(name)[-1].text for name in names] == [*names]


def test_days_of_unknown_channels_are_reported(tmp_path: Path) -> None:
    days = {"unknown/2020-01-01.json": [message(FIRST)], "unknown/data.json": []}
    found = converted("slack", export(tmp_path / "slack.zip", days))
    assert found.report.counts("lost")["days of messages", "of no described channel"] == 1


def test_archived_channels_belong_to_those_who_wrote(tmp_path: Path) -> None:
    """Slack exports them without members: nobody could read them."""
    channels = [channel(members=[]), channel("C2", "empty", members=[], creator="")]
    days = {"general/2020-01-01.json": [message(FIRST, BOB)]}
    found = converted("slack", export(tmp_path / "slack.zip", {"channels.json": channels} | days))
    assert {found.name(one.person) for one in found.chat("general").members} == {"alice", "bob"}
    assert [chat.title for chat in found.chats] == ["general"]
    assert found.report.counts("lost")["groups", "without members and messages"] == 1


def test_apps_are_bots(tmp_path: Path) -> None:
    users = [*USERS, user("UBOT", "robot", is_bot=True)]
    path = export(tmp_path / "slack.zip", {"users.json": users})
    people = converted("slack", path).people.values()
    assert [one.username for one in people if one.bot] == ["robot"]


def test_people_keep_what_finds_their_account(read: Reading) -> None:
    people = {one.username: one for one in read().people.values()}
    assert people["alice"].email == "alice@example.org"
    assert people["alice"].time_zone == "Europe/Berlin"
    assert people["carol"].former
    assert not people["bob"].former


def test_members_have_read_the_history(read: Reading) -> None:
    found = read(message(FIRST))
    members = {found.name(one.person): one for one in found.chat("general").members}
    assert members["alice"].role == "owner"
    assert members["bob"].role == "member"
    assert {one.read for one in members.values()} == {2}


def test_days_in_any_order_are_one_history(tmp_path: Path) -> None:
    days = {
        "general/2020-01-02.json": [message("1577923200.000001", text="3")],
        "general/2020-01-01.json": [message("1577836801.0", text="2"), message(FIRST, text="1")],
        "general/2020-01-03.json": [message(FIRST, text="again")],
    }
    found = converted("slack", export(tmp_path / "slack.zip", days))
    assert found.texts("general") == ["1", "2", "3"]
    assert found.report.counts("lost")["messages", "the export has them twice"] == 1


def test_what_happened_becomes_entries(read: Reading) -> None:
    found = read(
        message(FIRST, BOB, f"<@{BOB}> has joined the channel", subtype="channel_join"),
        message("1577836801.0", BOB, "renamed", subtype="channel_name", name="news"),
        message("1577836802.0", BOB, "has left", subtype="channel_leave"),
        message("1577836803.0", BOB, "set the topic: x", subtype="channel_topic", topic="x"),
        message("1577836804.0", BOB, "waves", subtype="me_message"),
        message("1577836805.0", BOB, "", subtype="huddle_thread"),
    )
    assert [(one.kind, one.text) for one in found.entries("general")[1:]] == [
        ("joined", ""),
        ("renamed", "news"),
        ("left", ""),
        ("text", "_set the topic: x_"),
        ("text", "_waves_"),
        ("text", "_Huddle_"),
    ]


def test_files_come_from_the_export_or_a_folder(tmp_path: Path) -> None:
    files = [
        {"id": "F1", "name": "a.txt", "mimetype": "text/plain", "size": 5},
        {"id": "F2", "name": "../b.txt", "mimetype": "text/plain", "size": 5},
        {"id": "F3", "name": "c.txt", "size": 7, "url_private": "https://files.test/?t=xoxe-1"},
        {"id": "F4", "name": "Doc", "mode": "external", "url_private": "https://docs.test/d"},
        {"id": "F5", "mode": "tombstone"},
    ]
    folder = tmp_path / "files"
    (folder / "F2").mkdir(parents=True)
    (folder / "F2-..").mkdir()
    (folder / "F2").rmdir()
    (folder / "F2").write_bytes(b"world")
    given = {
        "general/2020-01-01.json": [message(FIRST, text="see", files=files)],
        "__uploads/F1/a.txt": b"hello",
    }
    found = converted("slack", export(tmp_path / "slack.zip", given), files=folder)
    (entry,) = found.entries("general")[1:]
    assert entry.text == "see\n[Doc](https://docs.test/d)"
    kept = [found.files[one] for one in entry.files]
    assert [(one.name, one.size, bool(one.sha256), bool(one.missing)) for one in kept] == [
        ("a.txt", 5, True, False),
        ("_b.txt", 5, True, False),
        ("c.txt", 7, False, True),
    ]
    assert (found.folder / "contents" / kept[0].sha256).read_bytes() == b"hello"
    assert "xoxe" not in "".join(
        file.read_text() for file in found.folder.rglob("*.json*") if file.is_file()
    )


def test_direct_chats_and_small_groups(tmp_path: Path) -> None:
    files = {
        "dms.json": [
            {"id": "D1", "created": 1_500_000_000, "members": [ALICE, BOB]},
            {"id": "D2", "created": 1_500_000_000, "members": [ALICE, ALICE]},
        ],
        "mpims.json": [
            {"id": "G1", "name": "mpdm-a--b--c-1", "members": [ALICE, BOB, CAROL]},
        ],
        "groups.json": [channel("G2", "secret", members=[BOB])],
        "D1/2020-01-01.json": [message(FIRST, text="<!here>")],
        "D2/2020-01-01.json": [message(FIRST, text="note")],
        "mpdm-a--b--c-1/2020-01-01.json": [message(FIRST, CAROL)],
        "secret/2020-01-01.json": [message(FIRST, BOB)],
    }
    found = converted("slack", export(tmp_path / "slack.zip", files))
    (direct,) = [chat for chat in found.chats if chat.kind == "direct"]
    assert sorted(found.name(one.person) for one in direct.members) == ["alice", "bob"]
    assert [entry.mentions_all for entry in found.entries(direct)] == [False]
    groups = {chat.title: chat.members for chat in found.chats if chat.kind == "group"}
    titles = {title: sum(not one.left for one in groups[title]) for title in groups}
    assert titles == {"alice": 1, "alice, bob, carol": 3, "secret": 1, "general": 2}
    # The creator is no member any more: the name stays known as that of somebody who has left.
    [former] = [one for one in groups["secret"] if one.left]
    assert found.name(former.person) == "alice"
    assert former.joined_at, "without it, deleting the account would tell nobody of the new name"


def test_a_group_gets_an_owner_who_can_manage_it() -> None:
    def owners(*members: tuple[str, str]) -> list[str]:
        draft = DraftChat("c", "group", "Alerts", [DraftMember(*each) for each in members])
        [part] = groups.parts(
            draft, {"bot": 9}, limit=9, large=None, report=Report(), unfit={"bot", "gone"}
        )
        assert len(part.members) == len(members)
        return [one.person for one in part.members if one.role == "owner"]

    assert owners(("bot", "member"), ("al", "member")) == ["al"]
    assert owners(("gone", "owner"), ("al", "member"), ("bo", "admin")) == ["bo", "gone"]
    assert owners(("al", "owner"), ("bo", "member")) == ["al"]
    assert owners(("bot", "member")) == ["bot"]


def test_of_many_former_authors_those_who_are_named_most_are_listed() -> None:
    group = Chat(id=an_id(0), kind="group", created_at=THEN, members=())
    named = Counter({an_id(number): number for number in range(1, MAX_FORMER + 3)})
    listed = writer._with_former_members(group, named).members
    assert {one.person for one in listed} == {an_id(number) for number in range(3, MAX_FORMER + 3)}


def test_a_second_run_gives_the_same_archive(tmp_path: Path) -> None:
    files = {"general/1.json": [message(FIRST, text=f"<@{BOB}>"), message("1577836801.0", "U7")]}
    path = export(tmp_path / "slack.zip", files)
    first, second = (converted("slack", path, work=tmp_path / name) for name in ("a", "b"))
    names = sorted(file.relative_to(first.folder) for file in first.folder.rglob("*.json*"))
    assert len(names) == 5
    for name in names:
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes()


def test_a_newer_export_has_the_same_ids(tmp_path: Path) -> None:
    days = {"general/1.json": [message(FIRST)]}
    first = converted("slack", export(tmp_path / "a.zip", days), work=tmp_path / "a")
    days["general/2.json"] = [message("1577923200.0", text="new")]
    second = converted("slack", export(tmp_path / "b.zip", days), work=tmp_path / "b")
    assert second.entries("general")[:2] == first.entries("general")
    assert second.people.keys() == first.people.keys()


def test_usernames_are_valid_and_unique(tmp_path: Path) -> None:
    odd = [user("U1", "Älice!"), user("U2", "alice"), user("U3", "алиса"), user("U4", "all")]
    found = converted("slack", export(tmp_path / "slack.zip", {"users.json": [*USERS, *odd]}))
    names = sorted(one.username for one in found.people.values())
    assert len(set(names)) == 7
    assert {"alice", "bob", "carol"} < set(names)
    assert "all" not in names


@pytest.mark.parametrize("large", ["split", "refuse"])
def test_large_groups_are_split_or_refused(tmp_path: Path, large: str) -> None:
    people = [user(f"U{number}", f"p{number}") for number in range(5)]
    members = [one["id"] for one in people] + [ALICE]
    files = {
        "users.json": [*USERS, *people],
        "channels.json": [channel(members=members)],
        "general/1.json": [message(FIRST, "U3")],
    }
    path = export(tmp_path / "slack.zip", files)
    with pytest.raises(ExportError, match=r"general \(6 members\).*--large"):
        converted("slack", path, group_size=4)
    found = converted("slack", path, group_size=4, large=large)
    if large == "refuse":
        assert not found.chats
        assert found.report.counts("lost")["groups", "more than 4 members"] == 1
        return
    first, second = (found.chat(f"general ({part}/2)") for part in (1, 2))
    present = [[one for one in chat.members if not one.left] for chat in (first, second)]
    assert [len(each) for each in present] == [4, 2]
    assert {found.name(one.person) for one in second.members if one.left} == {"alice", "p3"}
    assert {"alice", "p3"} <= {found.name(one.person) for one in first.members}
    assert found.texts(first) == found.texts(second) == ["Hello"]
    assert all([one.role for one in chat.members].count("owner") == 1 for chat in (first, second))
