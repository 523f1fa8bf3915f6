"""What is exported, imported into an empty database and exported again is equal, byte by byte."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import UUID

import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from apps.archive.records import Chat, Entry, File, Person
from apps.chats.models import Chat as StoredChat
from apps.chats.models import Message
from tests.archive import world
from tests.support.emptying import empty_tables

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]
# Defaults that nobody of this world has changed.
WITHOUT = {
    "people": {"former"},
    "files": {"as_file", "duration_ms", "waveform", "animated"},
    "chats": set(),
    "entries": set(),
}


def archive(*arguments: object) -> str:
    said = StringIO()
    call_command("archive", *map(str, arguments), stdout=said)
    return said.getvalue()


def contents(path: Path) -> dict[str, bytes]:
    return {
        str(each.relative_to(path)): each.read_bytes() for each in path.rglob("*") if each.is_file()
    }


def count_rows() -> list[int]:
    return [each._base_manager.count() for each in apps.get_models()]


def check_has_everything(path: Path) -> None:
    """No field of a record has its default in all of them."""
    kinds = {"people": Person, "files": File, "chats": Chat, "entries": Entry}
    for name, kind in kinds.items():
        lines = [
            json.loads(line)
            for each in path.rglob("*.jsonl")
            if name in (each.stem, each.parent.name)
            for line in each.read_bytes().splitlines()
        ]
        used = {field for line in lines for field in line}
        assert used == set(kind.__struct_fields__) - WITHOUT[name]


def check_cut(chat_id: UUID) -> None:
    """The beginning stays deleted, and the rule of the chat counts after a day."""
    chat = StoredChat.objects.get(id=chat_id)
    assert Message.objects.order_by("seq").filter(chat_id=chat_id)[0].seq == chat.kept_from > 1
    assert (chat.kept_days, chat.keep_days) == (90, 30)
    assert chat.keep_days_from is not None
    assert chat.keep_days_from > timezone.now() + timedelta(hours=23)


def test_everything_comes_back(tmp_path):
    made = world.build()
    archive("export", tmp_path / "a", "--all")
    archive("export", tmp_path / "a.zip", "--all")
    check_has_everything(tmp_path / "a")
    assert "Nothing is wrong" in archive("check", tmp_path / "a")
    assert "Nothing is wrong" in archive("check", tmp_path / "a.zip")
    empty_tables()
    said = archive("import", tmp_path / "a.zip")
    assert "chats: 5\n" in said
    archive("export", tmp_path / "b", "--all")
    archive("export", tmp_path / "b.zip", "--all")
    assert contents(tmp_path / "b") == contents(tmp_path / "a")
    assert (tmp_path / "b.zip").read_bytes() == (tmp_path / "a.zip").read_bytes()
    assert Message.objects.get(chat_id=made.group, seq=made.hidden).text == ""
    check_cut(made.cut)
    rows = count_rows()
    again = archive("import", tmp_path / "a")
    assert "chats: 0\ncomplete: 5\nrefused: 0\nentries: 0" in again
    assert rows == count_rows()
    archive("export", tmp_path / "c", "--all")
    assert contents(tmp_path / "c") == contents(tmp_path / "a")
