"""The reader of docs/archive.md reads what we write, without anything of ours."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec

from tests.archive.archives import BEN, NOTE, THEN, an_entry, made

DOCUMENT = Path(__file__).parents[2] / "docs/archive.md"
ENTRIES = [
    an_entry(1, kind="created", text="Team"),
    an_entry(2, BEN, text="Hello", files=[NOTE]),
    an_entry(3, text="Hi", reply_to=2, thread=2),
    an_entry(4, text="", deleted_at=THEN),
]


def test_the_reader_says_that_a_beginning_was_deleted(tmp_path):
    (tmp_path / "reader.py").write_text(program())
    archive = made(an_entry(3, text="kept"))
    archive.chats = [msgspec.structs.replace(archive.chats[0], kept_from=3, kept_days=30)]
    said = run(tmp_path, archive.write(tmp_path / "a"))
    assert said[1:] == ["[older messages were deleted]", "3 2020-01-01T00:03 Anna: kept"]


def program():
    [found] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    return found


def run(folder, archive):
    command = [sys.executable, "-I", "reader.py", str(archive)]
    said = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return said.stdout.splitlines()


def test_the_reader_prints_an_archive(tmp_path):
    assert len([line for line in program().splitlines() if line.strip()]) <= 50
    (tmp_path / "reader.py").write_text(program())
    path = made(*ENTRIES).write(tmp_path / "a")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for each in path.rglob("*.*"):
            file.write(each, each.relative_to(path))
    for archive in ("a", "a.zip"):
        assert run(tmp_path, archive) == [
            "# Team (Anna, ben)",
            "1 2020-01-01T00:01 Anna: [created] Team",
            "2 2020-01-01T00:02 ben: Hello [note.txt]",
            "3 2020-01-01T00:03 Anna (to 2): Hi",
            "4 2020-01-01T00:04 Anna: [deleted]",
        ]
