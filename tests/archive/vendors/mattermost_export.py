"""Builds Mattermost exports in the form that
https://docs.mattermost.com/onboard/bulk-loading-data-format.html describes."""

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

AT = 1_577_836_800_000
VERSION = {"type": "version", "version": 1}


def line(kind: str, **fields: Any) -> dict[str, Any]:
    """A line of the file."""
    return {"type": kind, kind: fields}


def user(name: str, *channels: str, roles: str = "channel_user", **more: Any) -> dict[str, Any]:
    """A person in channels of the team `main`."""
    joined = [{"name": channel, "roles": roles} for channel in channels]
    teams = [{"name": "main", "roles": "team_user", "channels": joined}]
    return line("user", username=name, email=f"{name}@example.org", teams=teams, **more)


def post(text: str = "Hello", by: str = "alice", at: int = AT, **more: Any) -> dict[str, Any]:
    """A post in the channel `town`."""
    given = {"team": "main", "channel": "town", "user": by, "message": text, "create_at": at}
    return line("post", **(given | more))


LINES = [
    VERSION,
    line("team", name="main", display_name="Main", type="O"),
    line("channel", team="main", name="town", display_name="Town Square", type="O"),
    user("alice", "town", roles="channel_user channel_admin", first_name="Alice", last_name="A"),
    user("bob", "town", nickname="Bobby"),
]


def export(path: Path, lines: Iterable[Any], files: dict[str, bytes] | None = None) -> Path:
    """Write a ZIP file with these lines: bytes, or what becomes JSON."""
    data = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("import.jsonl", b"\n".join(data))
        for name, content in (files or {}).items():
            archive.writestr(name, content)
    return path
