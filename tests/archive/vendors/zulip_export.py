"""Builds Zulip exports in the form that `zerver/lib/export.py` of zulip/zulip writes."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

ALICE, BOB, CAROL = 10, 11, 12
STREAM, TO_BOB, PAIR = 1, 2, 3
AT = 1_577_836_800.5


def user(key: int, name: str, **more: Any) -> dict[str, Any]:
    """One of `zerver_userprofile`."""
    return {
        "id": key,
        "full_name": name,
        "email": f"user{key}@zulip.example.org",
        "delivery_email": f"{name.lower()}@example.org",
        "is_active": True,
        "is_bot": False,
        "timezone": "Europe/Berlin",
    } | more


def message(key: int, text: str = "Hello", by: int = ALICE, **more: Any) -> dict[str, Any]:
    """One of `zerver_message`, in the channel."""
    return {
        "id": key,
        "sender": by,
        "recipient": STREAM,
        "subject": "plans",
        "content": text,
        "date_sent": AT + key,
        "last_edit_time": None,
        "edit_history": None,
    } | more


REALM = {
    "zerver_realm": [{"id": 2, "string_id": "test", "name": "Test"}],
    "zerver_userprofile": [user(ALICE, "Alice"), user(BOB, "Bob"), user(CAROL, "Carol")],
    "zerver_stream": [{"id": 5, "name": "general", "date_created": AT, "creator": ALICE}],
    "zerver_recipient": [
        {"id": STREAM, "type": 2, "type_id": 5},
        {"id": TO_BOB, "type": 1, "type_id": BOB},
        {"id": PAIR, "type": 3, "type_id": 1},
    ],
    "zerver_subscription": [
        {"user_profile": ALICE, "recipient": STREAM, "active": True},
        {"user_profile": BOB, "recipient": STREAM, "active": True},
        {"user_profile": CAROL, "recipient": STREAM, "active": False},
        {"user_profile": ALICE, "recipient": PAIR, "active": True},
        {"user_profile": CAROL, "recipient": PAIR, "active": True},
    ],
    "zerver_reaction": [],
}


def export(path: Path, files: dict[str, Any]) -> Path:
    """Write a `.tar.gz` file with these files: bytes, or what becomes JSON."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in ({"realm.json": REALM} | files).items():
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            member = tarfile.TarInfo(f"zulip-export/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path
