"""Uploading in tests, through the API."""

from typing import Any
from uuid import UUID

from django.test import Client

from apps.accounts.models import User
from apps.core.identifiers import new_id
from apps.files.actions import processing
from apps.files.api.uploads import OFFSET_TYPE
from tests.support.people import signed_in

API = "/api/v1/files"


def begin(client: Client, name: str, size: int, **more: object) -> Any:
    """The response to a new upload."""
    body = {"client_id": str(new_id()), "name": name, "size": size, **more}
    return client.post(API, body, content_type="application/json")


def send(client: Client, file: str, content: bytes, *, start: int = 0) -> Any:
    """The response to a part of an upload."""
    return client.patch(
        f"{API}/{file}/content",
        content,
        content_type=OFFSET_TYPE,
        headers={"Upload-Offset": str(start)},
    )


def uploaded(
    user: User, content: bytes = b"some words", name: str = "notes.txt", **more: Any
) -> UUID:
    """The id of a new upload whose bytes are all there, not yet processed."""
    client = signed_in(user)
    file = begin(client, name, len(content), **more).json()["id"]
    assert send(client, file, content).status_code == 204
    return UUID(file)


def ready(user: User, content: bytes = b"some words", name: str = "notes.txt", **more: Any) -> UUID:
    """The id of a new file that messages can use."""
    file = uploaded(user, content, name, **more)
    processing.process_due()
    return file
