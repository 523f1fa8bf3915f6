"""Uploads and files."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from apps.wire.bodies.base import Body, Month

AutoLoad = Literal["always", "good", "never"]
FileKind = Literal["image", "video", "audio", "voice", "document", "file"]
FileProblem = Literal["", "no_picture", "too_many_pixels", "failed"]
FileState = Literal["uploading", "processing", "ready", "failed"]


class FileVariant(Body, frozen=True, omit_defaults=True):
    """One stored form of a file. `name` is part of its address; `size` is in bytes; pictures have
    `width` and `height` in pixels."""

    name: str
    type: str
    size: int
    width: int = 0
    height: int = 0


class FileContent(Body, frozen=True, kw_only=True, omit_defaults=True):
    """What a file contains, as the server found it.

    `type` is the media type of the original. A picture has the size of the original as shown, in
    pixels, and a `placeholder` (a ThumbHash, in base64). Its `variants` may have fewer pixels: what
    is stored and loaded has their sizes. Files of other kinds have one variant, `original`.
    """

    kind: FileKind
    type: str
    variants: list[FileVariant]
    width: int = 0
    height: int = 0
    animated: bool = False
    placeholder: str = ""


class File(FileContent, frozen=True, kw_only=True, omit_defaults=True):
    """A file that messages can show. `size` is that of the upload, in bytes; of a picture, each of
    the `variants` has another. A voice message has its `duration` in seconds, and its `waveform`:
    up to 64 loudnesses as bytes, in base64. `missing`: an import brought the message without the
    content of its file, and this says why; then there are no `variants`."""

    id: UUID
    name: str
    size: int
    duration: float = 0
    waveform: str = ""
    missing: str = ""


class Upload(Body, frozen=True):
    """An upload of the reader's. `received` bytes of `size` have arrived; then it is `processing`
    for a moment, and `ready` when messages can use its `file`. `failed`: it could not be stored,
    and `problem` says why: a picture that is damaged (`no_picture`) or has too many pixels
    (`too_many_pixels`), or something else (`failed`). A picture that failed can be uploaded again
    `as_file`. It is deleted at `expires_at` if nothing uses
    it; null: something does. `kept`: the reader keeps it, which is a use. `direct`: its parts may
    be sent to the object storage.
    """

    id: UUID
    client_id: UUID
    name: str
    size: int
    received: int
    state: FileState
    file: File | None
    problem: FileProblem
    at: datetime
    kept: bool
    expires_at: datetime | None
    direct: bool = False


class UploadPart(Body, frozen=True):
    """Where to send one part of an upload until `expires_at`: as a form (multipart/form-data) with
    these `fields`, and then the bytes as `file`."""

    url: str
    fields: dict[str, str]
    expires_at: datetime


class FileStorage(Body, frozen=True):
    """The bytes that the reader's files take, how many they may take (null: any number), and how
    large one file may be."""

    used: int
    quota: int | None
    file_bytes: int


class BytesSaved(Body, frozen=True):
    """How many bytes of pictures the reader's devices did not load in a month of UTC (`2026-11`):
    all of them, and the one that asks."""

    month: Month
    bytes: int
    device: int
