"""API of parts of uploads that clients send to the object storage."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.authentication import person_id
from apps.core.errors import Conflict, Invalid, NotPossible, StorageUnavailable
from apps.files.actions import direct_parts as actions
from apps.files.queries import uploads
from apps.wire import bodies
from apps.wire.http import Input, decode
from apps.wire.openapi import operation

Bytes = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class NextPart(Input, frozen=True):
    """The next part of an upload: where it begins, and its size in bytes."""

    start: Bytes
    size: Bytes


class StoredPart(Input, frozen=True):
    """Where the part begins that the storage has now."""

    start: Bytes


class PartView(APIView):
    """`/files/{file}/part`"""

    @operation(
        "beginPart",
        "Send a part to the storage",
        body=NextPart,
        returns=bodies.UploadPart,
        errors=(Conflict, Invalid, NotPossible),
        calls=actions.begin_part,
    )
    def post(self, request: Request, file: UUID) -> Response:
        """Where an upload is `direct`, instead of `PATCH …/content`, and with parts of the same
        sizes. The form takes exactly these bytes. 409 `not_possible`: send them to this server."""
        form = decode(request, NextPart)
        part = actions.begin_part(person_id(request), file, start=form.start, size=form.size)
        expires_at = timezone.now() + timedelta(seconds=part.ttl_s)
        return Response(
            bodies.UploadPart(url=part.form.url, fields=part.form.fields, expires_at=expires_at)
        )

    @operation(
        "finishPart",
        "Add a part that the storage has",
        body=StoredPart,
        returns=bodies.Upload,
        errors=(Conflict, StorageUnavailable),
        calls=actions.finish_part,
    )
    def put(self, request: Request, file: UUID) -> Response:
        """409: the storage does not have it, or another part is the next one."""
        start = decode(request, StoredPart).start
        return Response(uploads.body(actions.finish_part(person_id(request), file, start=start)))
