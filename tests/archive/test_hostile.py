"""Archives that are damaged, impossible or made to harm."""

import os
from contextlib import nullcontext
from hashlib import sha256
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from msgspec.structs import replace

from apps.accounts.models import User
from apps.archive import reading
from apps.archive.actions.checking import check
from apps.archive.actions.importing import import_archive
from apps.archive.errors import ArchiveError
from apps.archive.reading import open_source
from apps.archive.records import Edit, Membership, Person, Preview, Reaction, Variant
from apps.chats.models import Chat
from apps.chats.queries import history
from apps.core.identifiers import made_up_id
from apps.files.models import File
from tests.archive.archives import ANNA, BEN, GROUP, NOTE, THEN, an_entry, an_id, made
from tests.support.people import person
from tests.support.uploads import stored_file, stored_picture

FUTURE = THEN.replace(year=2999)
WRONG_FORMAT = (
    b'{"format":"x","version":1,"source":"x","people":0,"files":0,"chats":0,"entries":0}\n'
)
REPLY = {"reply_to": 1, "thread": 1}


def refusal(path):
    """Why the only chat is refused."""
    with open_source(path) as source:
        [error] = check(source).refused.values()
    return str(error)


@pytest.mark.parametrize(
    ("entries", "line", "reason"),
    [
        ([an_entry(2)], 1, "seq is 2 after 0"),
        ([an_entry(1), an_entry(3)], 2, "seq is 3 after 1"),
        ([an_entry(1), an_entry(2, at=THEN)], 2, "before"),
        ([an_entry(1, at=FUTURE)], 1, "past"),
        ([an_entry(1, by=an_id(9))], 1, "no person"),
        ([an_entry(1, mentions=[an_id(9)])], 1, "no person"),
        ([an_entry(1, text=" ")], 1, "has a text"),
        ([an_entry(1, text="a\x00b")], 1, "NUL"),
        ([an_entry(1, text="x" * 100_000)], 1, "longer"),
        ([an_entry(1, kind="exploded")], 1, "unknown"),
        ([an_entry(1, files=[an_id(51)])], 1, "none of the archive"),
        ([an_entry(1, files=[NOTE, NOTE])], 1, "twice"),
        ([an_entry(1, **REPLY)], 1, "after what it replies to"),
        ([an_entry(1), an_entry(2, reply_to=1)], 2, "reply_to and thread"),
        ([an_entry(1), an_entry(2, **REPLY), an_entry(3, reply_to=2, thread=2)], 3, "no reply"),
        ([an_entry(1, deleted_at=THEN)], 1, "no content"),
        ([an_entry(1, reactions=[Reaction("lol", ANNA, THEN)])], 1, "emoji"),
        ([an_entry(1, reactions=[Reaction(":a b:", ANNA, THEN)])], 1, "emoji"),
        ([an_entry(1, reactions=[Reaction("👍", ANNA, THEN)] * 2)], 1, "emoji"),
        ([an_entry(1, edits=[Edit("x", THEN)] * 51)], 1, "more than 50"),
        ([an_entry(1, previews=[Preview("javascript:alert(1)", "", "", "")])], 1, "no web page"),
        ([an_entry(seq, pinned_at=THEN) for seq in range(1, 102)], 101, "pinned"),
    ],
)
def test_impossible_entries_are_refused_with_their_line(tmp_path, entries, line, reason):
    error = refusal(made(*entries).write(tmp_path / "a"))
    assert error.startswith(f"entries/{GROUP}.jsonl, line {line}: ")
    assert reason in error


@pytest.mark.parametrize(
    ("chat", "entries", "reason"),
    [
        ({"kept_from": 0}, [an_entry(1)], "kept_from"),
        ({"kept_from": 2**63}, [an_entry(1)], "kept_from"),
        ({"kept_from": 3}, [an_entry(1)], "seq is 1 after 2"),
        ({"kept_from": 3}, [an_entry(4)], "seq is 4 after 2"),
        ({"kept_from": 3}, [an_entry(3, reply_to=0)], "reply_to and thread"),
        ({"kept_from": 3}, [an_entry(3, reply_to=3)], "reply_to and thread"),
        ({"keep_days": -1}, [an_entry(1)], "keep_days"),
        ({"kept_days": 99_999}, [an_entry(1)], "keep_days"),
        ({"kept_from": 3, "members": (Membership(ANNA, read=4),)}, [an_entry(3)], "read more"),
    ],
)
def test_impossible_beginnings_are_refused(tmp_path, chat, entries, reason):
    archive = made(*entries)
    archive.chats = [replace(archive.chats[0], **chat)]
    assert reason in refusal(archive.write(tmp_path / "a"))


def test_a_long_deleted_beginning_costs_no_memory(tmp_path):
    far = 2**52
    replies = [
        an_entry(far + n, at=THEN, reply_to=far if n else None, thread=far if n else None)
        for n in range(9)
    ]
    archive = made(*replies)
    archive.chats = [replace(archive.chats[0], kept_from=far)]
    with open_source(archive.write(tmp_path / "a")) as source:
        found = check(source)
    assert (found.is_whole, found.entries) == (True, 9)


def test_a_group_above_the_limit_is_refused(tmp_path):
    archive = made()
    many = [an_id(number) for number in range(1, 102)]
    archive.people = [Person(id=each) for each in many]
    archive.chats = [replace(archive.chats[0], members=tuple(map(Membership, many)))]
    assert "line 1: 101 members" in refusal(archive.write(tmp_path / "a"))


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("people.jsonl", b'{"id": 1}\n', "people.jsonl, line 1"),
        ("people.jsonl", b"[" * 100_000, "people.jsonl, line 1"),
        ("people.jsonl", b'{"id":"\xff"}\n', "people.jsonl, line 1"),
        ("archive.json", b"", "archive.json"),
        ("archive.json", WRONG_FORMAT, "archive.json"),
    ],
)
def test_damaged_files_are_named(tmp_path, name, text, place):
    path = made().write(tmp_path / "a")
    (path / name).write_bytes(text)
    with open_source(path) as source, pytest.raises(ArchiveError) as error:
        check(source)
    assert error.value.place == place


@pytest.mark.parametrize("harm", [{"placeholder": "x" * 201}, {"width": -1}, {"height": 10**9}])
def test_pictures_have_possible_sides(tmp_path, harm):
    archive = made()
    archive.files = [replace(archive.files[0], **harm)]
    with (
        open_source(archive.write(tmp_path / "a")) as source,
        pytest.raises(ArchiveError, match=r"files\.jsonl, line 1"),
    ):
        check(source)


def test_unknown_fields_and_wrong_numbers_are_refused(tmp_path):
    path = made().write(tmp_path / "a")
    lines = (path / "people.jsonl").read_bytes()
    (path / "people.jsonl").write_bytes(lines.splitlines(keepends=True)[0])
    with open_source(path) as source, pytest.raises(ArchiveError, match="says 2 people"):
        check(source)
    (path / "people.jsonl").write_bytes(lines.replace(b'"name"', b'"nickname"'))
    with open_source(path) as source, pytest.raises(ArchiveError, match="nickname"):
        check(source)


def test_ids_come_in_order_and_are_not_those_of_load_checks(tmp_path):
    archive = made()
    archive.people.reverse()
    path = archive.write(tmp_path / "a")
    with open_source(path) as source, pytest.raises(ArchiveError, match="order"):
        check(source)
    archive = made()
    archive.people.insert(0, Person(id=made_up_id()))
    path = archive.write(tmp_path / "b")
    with open_source(path) as source, pytest.raises(ArchiveError, match="load checks"):
        check(source)


def test_long_lines_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_LINE_BYTES", 40)
    path = made().write(tmp_path / "a")
    with open_source(path) as source, pytest.raises(ArchiveError, match="too long"):
        check(source)


def trouble(path):
    """What is wrong with an archive or its only chat."""
    try:
        return refusal(path)
    except ArchiveError as error:
        return str(error)


@pytest.mark.parametrize("name", ["people.jsonl", "entries", f"entries/{GROUP}.jsonl"])
def test_links_and_pipes_are_not_followed(tmp_path, name):
    path = made().write(tmp_path / "a")
    (path / name).rename(tmp_path / "real")
    (path / name).symlink_to(tmp_path / "real")
    assert "regular file" in trouble(path)
    (path / name).unlink()
    os.mkfifo(path / name)
    assert "regular file" in trouble(path)


def zipped(path, **extra):
    """A ZIP file of a good archive, with more files."""
    folder = made().write(path / "a")
    with ZipFile(path / "a.zip", "w", ZIP_DEFLATED) as file:
        for each in folder.rglob("*.*"):
            file.write(each, each.relative_to(folder))
        for name, content in extra.get("members", []):
            file.writestr(name, content)
    return path / "a.zip"


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../people.jsonl", "entries/../../x", "contents/x", "x\\y", "people.jsonl"],
)
def test_other_names_in_a_zip_file_are_refused(tmp_path, name):
    with (
        pytest.warns(UserWarning, match="Duplicate name")
        if name == "people.jsonl"
        else nullcontext()
    ):
        path = zipped(tmp_path, members=[(ZipInfo(name), b"x")])
    with pytest.raises(ArchiveError):
        open_source(path)


def test_bombs_are_not_opened(tmp_path):
    bomb = (f"contents/{'0' * 64}", bytes(20_000_000))
    with pytest.raises(ArchiveError, match="compressed more"):
        open_source(zipped(tmp_path, members=[bomb]))


def test_many_small_bombs_are_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "RATIO_FROM_BYTES", 2_000_000)
    bombs = [(f"contents/{number:064}", bytes(2_000_000)) for number in range(10)]
    with pytest.raises(ArchiveError, match=r"a.zip: is compressed more"):
        open_source(zipped(tmp_path, members=bombs))
    (fewer := tmp_path / "fewer").mkdir()
    open_source(zipped(fewer, members=bombs[:1])).close()


def test_what_is_no_archive_says_so(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK no")
    for path in (tmp_path / "x.zip", tmp_path / "missing"):
        with pytest.raises(ArchiveError):
            open_source(path)
    with open_source(tmp_path) as source, pytest.raises(ArchiveError, match="missing"):
        check(source)


@pytest.mark.django_db
def test_nothing_of_a_refused_chat_is_written(tmp_path, folder):
    archive = made(an_entry(1), an_entry(2, kind="exploded"))
    good = replace(archive.chats[0], id=an_id(101), title="Good")
    archive.chats.append(good)
    archive.entries[good.id] = [an_entry(1)]
    said = []
    with open_source(archive.write(tmp_path / "x")) as source:
        done = import_archive(source, say=said.append)
    assert (done.chats, done.refused) == (1, 1)
    assert [f"entries/{GROUP}.jsonl, line 2: kind" in line for line in said] == [True]
    assert list(Chat.objects.values_list("title", flat=True)) == ["Good"]


@pytest.mark.django_db
def test_a_person_of_an_archive_does_not_get_a_picture_of_somebody_else(tmp_path, folder):
    picture = stored_picture(person("alice"))
    archive = made()
    archive.people[0] = replace(archive.people[0], picture=picture)
    with open_source(archive.write(tmp_path / "x")) as source:
        import_archive(source, say=print)
    assert User.objects.get(username="anna").picture is None


@pytest.mark.django_db
@pytest.mark.parametrize("has_content", [True, False])
def test_an_archive_does_not_show_a_file_whose_content_it_lacks(
    tmp_path, folder, alice, has_content
):
    secret = stored_file(alice, "note.txt", b"secret")
    archive = made(an_entry(1, alice.id, files=[secret.id]))
    archive.people = [Person(id=alice.id), *archive.people[1:]]
    archive.people.sort(key=lambda person: person.id)
    archive.chats = [replace(archive.chats[0], members=(Membership(BEN), Membership(alice.id)))]
    # Who knows the hash alone has not seen the content.
    digest = sha256(b"secret").hexdigest()
    archive.files = [replace(archive.files[0], id=secret.id, owner=alice.id, sha256=digest)]
    archive.contents = [b"secret"] if has_content else []
    path = archive.write(tmp_path / "x")
    if not has_content:
        (path / "contents").mkdir()
        (path / "contents" / digest).write_bytes(b"a lie!")
    for _ in range(2):
        with open_source(path) as source:
            import_archive(source, say=print)
    [shown] = history.newest(GROUP, limit=1)[0].files
    assert (shown.id == secret.id, shown.missing == "") == (has_content, has_content)
    assert File.objects.count() == (1 if has_content else 2)


@pytest.mark.django_db
def test_a_picture_that_the_archive_lacks_is_not_shown(tmp_path, folder, alice):
    """Neither the picture of a chat nor that of a person of a closed account."""
    secret = stored_picture(alice)
    User.objects.filter(id=alice.id).update(is_active=False)
    archive = made()
    pixels = {"width": 8, "height": 8}
    other = sha256(b"others").hexdigest()
    variant = Variant(name="thumbnail", type="image/webp", size=6, sha256=other, **pixels)
    named = replace(archive.files[0], id=secret, owner=alice.id, name="me.webp", sha256="")
    archive.files.append(replace(named, type="image/webp", variants=(variant,), **pixels))
    archive.contents.append(b"others")
    archive.chats = [replace(archive.chats[0], picture=secret)]
    archive.people.append(Person(id=alice.id, username="alice", picture=secret))
    with open_source(archive.write(tmp_path / "x")) as source:
        import_archive(source, say=print)
    assert Chat.objects.get().picture not in (None, secret)
    archive.files.pop()
    archive.chats = [replace(archive.chats[0], picture=None)]
    with open_source(archive.write(tmp_path / "y")) as source:
        import_archive(source, say=print)
    alice.refresh_from_db()
    assert alice.picture is None


@pytest.mark.django_db
def test_a_dry_run_writes_nothing(tmp_path, folder):
    with open_source(made().write(tmp_path / "x")) as source:
        done = import_archive(source, say=print, dry_run=True)
    assert (done.made, done.files, done.chats, done.entries) == (2, 1, 1, 3)
    assert not User.objects.exists()
    assert not Chat.objects.exists()
