"""The reader of docs/archive.md reads what we write, without anything of ours."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.archive.archives import BEN, NOTE, THEN, an_entry, made

DOCUMENT = Path(__file__).parents[2] / "docs/archive.md"
ENTRIES = [
    an_entry(1, kind="created", text="Team"),
    an_entry(2, BEN, text="Hello", files=[NOTE]),
    an_entry(3, text="Hi", reply_to=2, thread=2),
    an_entry(4, text="", deleted_at=THEN),
]


def test_the_reader_prints_an_archive(tmp_path):
    [program] = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert len([line for line in program.splitlines() if line.strip()]) <= 50
    (tmp_path / "reader.py").write_text(program)
    path = made(*ENTRIES).write(tmp_path / "a")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        for each in path.rglob("*.*"):
            file.write(each, each.relative_to(path))
    for archive in ("a", "a.zip"):
        command = [sys.executable, "-I", "reader.py", archive]
        said = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
        assert said.stdout.splitlines() == [
            "# Team (Anna, ben)",
            "1 2020-01-01T00:01 Anna: [created] Team",
            "2 2020-01-01T00:02 ben: Hello [note.txt]",
            "3 2020-01-01T00:03 Anna (to 2): Hi",
            "4 2020-01-01T00:04 Anna: [deleted]",
        ]
