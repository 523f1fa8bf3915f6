"""API of a person's own files: uploading, listing, renaming, deleting.

The bytes are sent as the tus protocol 1.0 says (its core: HEAD and PATCH), so that any tus client
can go on with an upload.
"""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core import cursors
from apps.core.authentication import person_id
from apps.core.errors import (
    Conflict,
    FileTooLarge,
    Invalid,
    NotFound,
    NotPossible,
    StorageFull,
    StorageUnavailable,
    UnsupportedType,
)
from apps.files.actions import names
from apps.files.actions import uploads as actions
from apps.files.queries import uploads
from apps.wire import bodies
from apps.wire.http import Cursor, Input, PageLimit, decode, decode_query
from apps.wire.limits import MAX_CHUNK_BYTES, MAX_DURATION_MS, MAX_WAVEFORM_LENGTH
from apps.wire.openapi import UPLOADED, operation

TUS_VERSION = "1.0.0"


class VoiceRecording(Input, frozen=True):
    """What the recorder of a voice message knows: its length, and up to 64 loudnesses (0 to 255),
    as bytes in base64."""

    duration_ms: Annotated[int, Meta(ge=1, le=MAX_DURATION_MS)]
    waveform: Annotated[bytes, Meta(max_length=MAX_WAVEFORM_LENGTH)]


class NewUpload(Input, frozen=True):
    """A file to upload. `client_id` makes it idempotent. `size` is in bytes.

    `as_file`: a picture is stored and sent as it is, as a file to download, also one that cannot be
    converted. Everybody who gets it can read its metadata, which may say where and when it was
    taken: ask the person before.
    """

    client_id: UUID
    name: Annotated[str, Meta(max_length=1_000)]
    size: Annotated[int, Meta(ge=1)]
    voice: VoiceRecording | None = None
    as_file: bool = False


class FilesQuery(Input, frozen=True):
    """A page of files. `kept`: only those that the person keeps, or only the others."""

    kept: bool | None = None
    cursor: Cursor = ""
    limit: PageLimit = 50


class FileName(Input, frozen=True):
    """Another name for a file."""

    name: Annotated[str, Meta(max_length=1_000)]


class FilesPage(Struct):
    """A page of the person's files; `next` is the cursor of the next page."""

    items: list[bodies.Upload]
    next: str | None


class FilesView(APIView):
    """`/files`"""

    @operation("listFiles", "My files", query=FilesQuery, returns=FilesPage)
    def get(self, request: Request) -> Response:
        """What the person has uploaded, newest first."""
        query = decode_query(request, FilesQuery)
        before = cursors.decode(query.cursor, UUID) if query.cursor else None
        found = uploads.of_person(
            person_id(request), before=before, limit=query.limit + 1, kept=query.kept
        )
        rows, following = cursors.page(found, query.limit, lambda row: row.id)
        return Response(FilesPage([uploads.body(row) for row in rows], following))

    @operation(
        "createFile",
        "Begin an upload",
        body=NewUpload,
        returns=bodies.Upload,
        status=(201,),
        errors=(NotFound, FileTooLarge, StorageFull),
        calls=actions.begin,
    )
    def post(self, request: Request) -> Response:
        """Then send the bytes to `/files/{id}/content`. A repeated `client_id` returns the first
        upload."""
        form = decode(request, NewUpload)
        row = actions.begin(
            person_id(request),
            client_id=form.client_id,
            name=form.name,
            size=form.size,
            duration_ms=form.voice.duration_ms if form.voice else None,
            waveform=form.voice.waveform if form.voice else None,
            as_file=form.as_file,
        )
        return Response(uploads.body(row), status=201)


class FileView(APIView):
    """`/files/{file}`"""

    @operation("getFile", "One of my files", returns=bodies.Upload)
    def get(self, request: Request, file: UUID) -> Response:
        """While it is `processing`, ask again after a moment."""
        return Response(uploads.body(uploads.get_own(person_id(request), file)))

    @operation(
        "renameFile",
        "Rename a file of mine",
        body=FileName,
        returns=bodies.Upload,
        errors=(NotPossible,),
        calls=names.rename,
    )
    def patch(self, request: Request, file: UUID) -> Response:
        """The name is made harmless, as that of an upload. 409 while a message shows the file."""
        name = decode(request, FileName).name
        return Response(uploads.body(names.rename(person_id(request), file, name)))

    @operation(
        "deleteFile",
        "Delete a file of mine",
        returns=None,
        status=(204,),
        errors=(NotPossible,),
        calls=actions.cancel,
    )
    def delete(self, request: Request, file: UUID) -> Response:
        """Ends an upload, and the keeping of a file, too. 409 while a message shows the file."""
        actions.cancel(person_id(request), file)
        return Response(status=204)


class ContentView(APIView):
    """`/files/{file}/content`"""

    def head(self, request: Request, file: UUID) -> Response:
        """How much has arrived (tus 1.0): `Upload-Offset` of `Upload-Length`."""
        row = uploads.get_own(person_id(request), file)
        headers = _offset(row.received) | {
            "Upload-Length": str(row.size),
            "Cache-Control": "no-store",
        }
        return Response(status=200, headers=headers)

    @operation(
        "sendFileContent",
        "Send the next bytes of an upload",
        takes=UPLOADED,
        returns=None,
        status=(204,),
        errors=(Conflict, Invalid, FileTooLarge, StorageUnavailable, UnsupportedType),
        calls=actions.add_chunk,
    )
    def patch(self, request: Request, file: UUID) -> Response:
        """`Upload-Offset` (tus 1.0) says where they begin. All requests but the last carry 65,536
        to 8,388,608 bytes. 409: ask with HEAD where to go on."""
        plain = request._request
        if plain.content_type != UPLOADED:
            raise UnsupportedType(f"Send the bytes as {UPLOADED}.")
        start = request.headers.get("Upload-Offset", "")
        if not (start.isascii() and start.isdecimal() and len(start) < 16):
            raise Invalid("Say in Upload-Offset where these bytes begin.")
        content = plain.read(MAX_CHUNK_BYTES + 1)
        row = actions.add_chunk(person_id(request), file, start=int(start), content=content)
        return Response(status=204, headers=_offset(row.received))


class StorageView(APIView):
    """`/files/storage`"""

    @operation("getFileStorage", "My storage", returns=bodies.FileStorage)
    def get(self, request: Request) -> Response:
        """What the person's files take, and what they may take."""
        return Response(uploads.storage(person_id(request)))


def _offset(received: int) -> dict[str, str]:
    return {"Tus-Resumable": TUS_VERSION, "Upload-Offset": str(received)}
