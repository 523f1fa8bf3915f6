"""Exports that are broken, or made to do harm: a clear error, or a report of what is lost."""

import io
import json
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.archive.actions.checking import check as check_archive
from apps.archive.errors import ExportError
from apps.archive.reading import open_source
from apps.archive.vendors import source
from tests.archive.vendors import mattermost_export, slack_export, zulip_export
from tests.archive.vendors.reading import converted

TS = "1577836800.000100"


def slack(path: Path, **files: Any) -> Path:
    return slack_export.export(path / "slack.zip", files)


def refused(path: Path, match: str, vendor: str = "slack") -> None:
    with pytest.raises(ExportError, match=match):
        converted(vendor, path)
    # Nothing was written outside of the work folder.
    assert {one.name for one in path.parent.iterdir()} <= {path.name, "work"}


@pytest.mark.parametrize("name", ["../evil.json", "/etc/evil.json", "a/../../b", "c:\\x", "a\\b"])
def test_paths_out_of_the_export_are_refused(tmp_path: Path, name: str) -> None:
    refused(slack(tmp_path, **{name: b"[]"}), "leads out of the export")


def test_links_are_refused(tmp_path: Path) -> None:
    path = slack(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("general/2020-01-01.json")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    refused(path, "is a link")


def test_a_folder_with_links_is_read_without_them(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    (folder / "general").mkdir(parents=True)
    (folder / "users.json").write_text(json.dumps(slack_export.USERS))
    (folder / "channels.json").write_text(json.dumps([slack_export.channel()]))
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps([slack_export.message(TS, text="secret")]))
    (folder / "general/2020-01-01.json").symlink_to(secret)
    assert converted("slack", folder).texts("general") == []


def test_names_twice_are_refused(tmp_path: Path) -> None:
    path = slack(tmp_path)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("users.json", "[]")
    refused(path, "two files 'users.json'")


@pytest.mark.parametrize("vendor", ["slack", "mattermost"])
def test_bombs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vendor: str) -> None:
    monkeypatch.setattr(source, "GROWTH_ALLOWED_BYTES", 0)
    bomb = b"[" + b" " * 5_000_000 + b"]"
    if vendor == "slack":
        path = slack(tmp_path, **{"general/2020-01-01.json": bomb})
    else:
        path = mattermost_export.export(tmp_path / "m.zip", [mattermost_export.VERSION, bomb])
    refused(path, "times as large", vendor)


def test_large_documents_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_DOCUMENT_BYTES", 1_000_000)
    day = [slack_export.message(TS, text="x" * 1_100_000)]
    refused(slack(tmp_path, **{"general/1.json": day}), "general/1.json has more than")


def test_bombs_in_tar_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "GROWTH_ALLOWED_BYTES", 0)
    path = zulip_export.export(tmp_path / "z.tar.gz", {"uploads/a": bytes(5_000_000)})
    refused(path, "times as large", "zulip")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_in_tar_files_are_refused(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "z.tar"
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("realm.json")
        member.type, member.linkname = kind, "/etc/passwd"
        archive.addfile(member, io.BytesIO())
    refused(path, "is a link or a device", "zulip")


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (tarfile.XHDTYPE, "a header of"),
        (tarfile.XGLTYPE, "a header of"),
        (tarfile.GNUTYPE_LONGNAME, "a header of"),
        (tarfile.GNUTYPE_SPARSE, "a sparse file"),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_headers_that_would_fill_the_memory_are_refused(
    tmp_path: Path, kind: bytes, what: str, is_first: bool
) -> None:
    path = tmp_path / "z.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        if not is_first:
            archive.addfile(tarfile.TarInfo("realm.json"))
        member = tarfile.TarInfo("bomb")
        member.type, member.size = kind, 0 if kind == tarfile.GNUTYPE_SPARSE else 5_000_000
        archive.addfile(member, io.BytesIO(bytes(5_000_000)))
        archive.addfile(tarfile.TarInfo("messages-000001.json"))
    refused(path, what, "zulip")


def test_properties_for_all_members_do_not_fill_the_memory(tmp_path: Path) -> None:
    """Each header is small, and `tarfile` keeps what all of them say."""
    path = tmp_path / "z.tar"
    with tarfile.open(path, "w") as archive:
        for number in range(3):
            said = {f"key{number}.{key}": "value" for key in range(source.MAX_GLOBAL_PROPERTIES)}
            archive.fileobj.write(tarfile.TarInfo.create_pax_global_header(said))  # type: ignore[union-attr]
            archive.addfile(tarfile.TarInfo(f"messages-{number:06}.json"))
    refused(path, "too many properties", "zulip")


def test_directories_count_as_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_FILES", 3)
    path = tmp_path / "z.tar"
    with tarfile.open(path, "w") as archive:
        for number in range(5):
            folder = tarfile.TarInfo(f"folder {number}")
            folder.type = tarfile.DIRTYPE
            archive.addfile(folder)
    refused(path, "more than 3 files", "zulip")


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06", b"no archive", b"PK\x03\x04" + bytes(90)])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(data)
    refused(path, "export.zip")


def test_a_damaged_member_is_refused(tmp_path: Path) -> None:
    path = slack(tmp_path, **{"general/2020-01-01.json": [slack_export.message(TS)] * 50})
    data = bytearray(path.read_bytes())
    at = data.index(b"general/2020-01-01.json") + len(b"general/2020-01-01.json") + 10
    data[at : at + 20] = bytes(20)
    path.write_bytes(data)
    refused(path, "general/2020-01-01.json cannot be read")


def test_a_day_that_is_no_json_is_reported(tmp_path: Path) -> None:
    days = {"general/1.json": b'[{"ts": ', "general/2.json": [slack_export.message(TS)]}
    found = converted("slack", slack(tmp_path, **days))
    assert found.texts("general") == ["Hello"]
    (line,) = [one for one in found.report.as_json() if one["what"] == "days of messages"]
    assert line["examples"] == ["general/1.json"]
    assert "column" in str(line["how"])


@pytest.mark.parametrize("name", ["users.json", "channels.json"])
def test_a_file_that_all_needs_is_refused_with_its_position(tmp_path: Path, name: str) -> None:
    refused(slack(tmp_path, **{name: b"[{,]"}), rf"{name} is not valid JSON: .*char 2")


def test_characters_that_cannot_be_stored(tmp_path: Path) -> None:
    name = "A\u202eB\x00\ud800"
    users = [
        *slack_export.USERS,
        slack_export.user("U\x00\ud800", "odd", profile={"display_name": name}),
    ]
    text = "a\x00b \ud800 \u202etxt.exe"
    day = [slack_export.message(TS, "U\x00\ud800", text)]
    found = converted("slack", slack(tmp_path, **{"users.json": users, "general/1.json": day}))
    entry = found.entries("general")[1]
    assert entry.text == "ab \ufffd \u202etxt.exe"
    assert found.people[entry.by].name == "AB\ufffd"


@pytest.mark.parametrize(
    "ts", ["", "x", "-1.0", "1e9", "99999999999999.0", "4102444800.0", 5, None]
)
def test_messages_without_a_time_are_lost(tmp_path: Path, ts: object) -> None:
    day = [slack_export.message(TS) | {"ts": ts}, slack_export.message(TS, text="kept")]
    found = converted("slack", slack(tmp_path, **{"general/1.json": day}))
    assert found.texts("general") == ["kept"]


def test_an_export_of_another_vendor_is_refused(tmp_path: Path) -> None:
    path = mattermost_export.export(tmp_path / "m.zip", mattermost_export.LINES)
    refused(path, "none of Slack")
    with pytest.raises(ExportError, match="none of Zulip"):
        converted("zulip", path)
    with pytest.raises(ExportError, match="none of Mattermost"):
        converted("mattermost", slack(tmp_path))


def test_a_work_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work/mine.txt").write_text("mine")
    with pytest.raises(ExportError, match="has other files"):
        converted("slack", slack(tmp_path))
    assert (tmp_path / "work/mine.txt").read_text() == "mine"


LONG = ["`" * 90_000, "# " + " " * 40_000 + "x*", "```quote\n" * 9_000, "*a " * 30_000]
TOKENS = ["<" * 90_000, "[" * 90_000, "&gt;" * 20_000, ":a" * 40_000, "@**a" * 20_000]


@pytest.mark.parametrize("vendor", ["slack", "mattermost", "zulip"])
@pytest.mark.parametrize("text", [*LONG, *TOKENS, "~~~\n" * 20_000])
def test_texts_that_could_take_for_ever_do_not(tmp_path: Path, vendor: str, text: str) -> None:
    match vendor:
        case "slack":
            path = slack(tmp_path, **{"general/1.json": [slack_export.message(TS, text=text)]})
        case "mattermost":
            lines = [*mattermost_export.LINES, mattermost_export.post(text)]
            path = mattermost_export.export(tmp_path / "m.zip", lines)
        case _:
            day = {"messages-000001.json": {"zerver_message": [zulip_export.message(1, text)]}}
            path = zulip_export.export(tmp_path / "z.tar.gz", day)
    assert converted(vendor, path).report.counts("kept")["messages", ""] == 1


# Any JSON, and often a value that makes sense in another place.
SENSE = st.sampled_from(
    ["U0ALICE", "U0BOB", TS, "1577836801.0", "C1", "alice", "town", 1, 10, 1e400]
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | SENSE,
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "user", "text", "type"]), inside, max_size=3
        )
    ),
    max_leaves=6,
)


def changed(record: dict[str, Any]) -> st.SearchStrategy[Any]:
    """A record with values of other types in some fields."""
    changes = st.dictionaries(st.sampled_from(sorted(record)), ANY, max_size=4)
    return changes.map(lambda new: record | new)


def mangled(records: list[dict[str, Any]]) -> st.SearchStrategy[list[Any]]:
    """Records with changes, or something else instead of one."""
    of_records = map(changed, records)
    return st.tuples(*(one | ANY for one in of_records)).map(list)


REACTION = {"name": "+1", "users": ["U0BOB"], "count": 1}
FILE = {"id": "F1", "name": "a.txt", "size": 3, "mimetype": "text/plain", "mode": "hosted"}
SLACK_MESSAGE = slack_export.message(
    TS,
    thread_ts="1577836801.0",
    subtype="",
    edited={"user": "U0BOB", "ts": TS},
    reactions=[REACTION],
    files=[FILE],
    attachments=[{"text": "box", "fields": [{"title": "t", "value": "v"}]}],
    blocks=[{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": []}]}],
)


@st.composite
def slack_files(draw: st.DrawFn) -> dict[str, Any]:
    reaction, file = draw(mangled([REACTION])), draw(mangled([FILE]))
    message = SLACK_MESSAGE | {"reactions": reaction, "files": file}
    return {
        "users.json": draw(mangled(slack_export.USERS)),
        "channels.json": [slack_export.channel(), *draw(mangled([slack_export.channel("C2")]))],
        "dms.json": draw(mangled([{"id": "D1", "members": ["U0ALICE", "U0BOB"], "created": 1}])),
        "general/1.json": draw(mangled([message, SLACK_MESSAGE | {"ts": "1577836801.0"}])),
        "D1/1.json": draw(mangled([slack_export.message(TS)])),
    }


@st.composite
def mattermost_lines(draw: st.DrawFn) -> list[Any]:
    reply = {"user": "bob", "message": "r", "create_at": mattermost_export.AT + 1}
    post = mattermost_export.post(replies=[reply], reactions=[], attachments=[], props={})["post"]
    posts = draw(mangled([post, post | {"create_at": 5}]))
    direct = {"channel_members": ["alice", "bob"], "user": "bob", "message": "d", "create_at": 1}
    users = draw(mangled([line["user"] for line in mattermost_export.LINES[3:]]))
    return [
        *mattermost_export.LINES[:3],
        *({"type": "user", "user": one} for one in users),
        *({"type": "post", "post": one} for one in posts),
        *({"type": "direct_post", "direct_post": one} for one in draw(mangled([direct]))),
        *draw(mangled([post])),
    ]


@st.composite
def zulip_files(draw: st.DrawFn) -> dict[str, Any]:
    reaction = {"user_profile": 11, "message": 1, "emoji_name": "+1", "emoji_code": "1f44d"}
    changed: dict[str, Any] = {
        name: draw(mangled(rows)) for name, rows in zulip_export.REALM.items() if rows
    }
    messages = draw(mangled([zulip_export.message(1, edit_history="[]"), zulip_export.message(2)]))
    return {
        "realm.json": changed | {"zerver_reaction": draw(mangled([reaction]))},
        "messages-000001.json": {"zerver_message": messages},
        "attachment.json": {"zerver_attachment": draw(mangled([{"path_id": "a", "size": 1}]))},
    }


Write = Callable[[Path, Any], Path]


@pytest.mark.parametrize(
    ("vendor", "content", "write"),
    [
        ("slack", slack_files(), slack_export.export),
        ("mattermost", mattermost_lines(), mattermost_export.export),
        ("zulip", zulip_files(), zulip_export.export),
    ],
)
def test_wrong_types_anywhere_end_in_an_archive_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory,
    vendor: str,
    content: st.SearchStrategy[Any],
    write: Write,
) -> None:
    @settings(max_examples=20, deadline=None, database=None)
    @given(content)
    def check(made: Any) -> None:
        folder = tmp_path_factory.mktemp(vendor)
        try:
            found = converted(vendor, write(folder / "export", made), large="refuse")
        except ExportError:
            return
        with open_source(found.folder) as archive:
            checked = check_archive(archive)
        assert not checked.refused
        assert not checked.damaged

    check()
