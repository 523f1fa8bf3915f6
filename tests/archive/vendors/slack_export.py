"""Builds Slack exports in the form that
https://slack.com/help/articles/220556107-How-to-read-Slack-data-exports describes."""

import json
import zipfile
from pathlib import Path
from typing import Any

ALICE, BOB, CAROL = "U0ALICE", "U0BOB", "U0CAROL"


def user(key: str, name: str, **more: Any) -> dict[str, Any]:
    """One of `users.json`."""
    profile = {"real_name": name.title(), "display_name": name, "email": f"{name}@example.org"}
    return {
        "id": key,
        "team_id": "T1",
        "name": name,
        "deleted": False,
        "tz": "Europe/Berlin",
        "profile": profile | more.pop("profile", {}),
        "is_bot": False,
    } | more


def message(ts: str, user: str = ALICE, text: str = "Hello", **more: Any) -> dict[str, Any]:
    """One message of a day."""
    return {"type": "message", "user": user, "text": text, "ts": ts} | more


def channel(key: str = "C1", name: str = "general", **more: Any) -> dict[str, Any]:
    """One of `channels.json`."""
    return {
        "id": key,
        "name": name,
        "created": 1_500_000_000,
        "creator": ALICE,
        "is_archived": False,
        "is_general": name == "general",
        "members": [ALICE, BOB],
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    } | more


USERS = [user(ALICE, "alice"), user(BOB, "bob"), user(CAROL, "carol", deleted=True)]


class _Unmarked(zipfile.ZipInfo):
    """A member whose name is UTF-8, without the flag that says so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode(), self.flag_bits & ~0x800


def export(path: Path, files: dict[str, Any], *, is_marked: bool = True) -> Path:
    """Write a ZIP file with these files: bytes, or what becomes JSON. `users.json` and
    `channels.json` are there in any case."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ({"users.json": USERS, "channels.json": [channel()]} | files).items():
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            archive.writestr(name if is_marked else _Unmarked(name), data)
    return path
