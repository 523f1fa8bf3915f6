"""Uploading in tests, through the API."""

from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID

from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.core.identifiers import new_id
from apps.files.actions import processing
from apps.files.actions.uploads import UNUSED_TTL
from apps.files.gateways import objects
from apps.files.models import Blob, File, StoredObject
from apps.wire.openapi import UPLOADED
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
        content_type=UPLOADED,
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


def stored_picture(user: User, content: bytes = b"pixels") -> UUID:
    """The id of a ready picture, which no worker has looked at."""
    pixels = {"width": 8, "height": 8}
    variant = {"name": "thumbnail", "type": "image/webp", "size": len(content), **pixels}
    shown = {"kind": "image", "type": "image/webp", "variants": [variant], **pixels}
    return stored_file(user, "me.webp", content, shown).id


def stored_file(user: User, name: str, content: bytes, shown: dict[str, Any] | None = None) -> File:
    """A ready file, a text unless `shown` says otherwise, without asking a worker."""
    text = {"name": "original", "type": "text/plain", "size": len(content)}
    shown = shown or {"kind": "document", "type": "text/plain", "variants": [text]}
    blob = Blob.objects.create(
        owner_id=user.id, sha256=sha256(content).hexdigest(), stored=len(content), content=shown
    )
    key = blob.key(shown["variants"][0]["name"])
    StoredObject.objects.create(key=key, size=len(content))
    objects.put(key, BytesIO(content))
    now, file = timezone.now(), new_id()
    return File.objects.create(
        id=file,
        owner_id=user.id,
        client_id=new_id(),
        name=name,
        size=len(content),
        received=len(content),
        state=File.State.READY,
        blob=blob,
        body={"id": str(file), "name": name, "size": len(content), **shown},
        created_at=now,
        expires_at=now + UNUSED_TTL,
    )


def ready(user: User, content: bytes = b"some words", name: str = "notes.txt", **more: Any) -> UUID:
    """The id of a new file that messages can use."""
    file = uploaded(user, content, name, **more)
    processing.process_due()
    return file
