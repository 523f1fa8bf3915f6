"""What messages show of a file."""

from base64 import b64encode

import msgspec

from apps.files.file_types import PLAIN_FILE, TEXT, is_shown_as_text
from apps.files.models import Blob, File
from apps.wire import bodies


def file_body(row: File, blob: Blob) -> bodies.File:
    """The wire body of a file with this content, under its present name."""
    content = _named(msgspec.convert(blob.content, bodies.FileContent), row.name)
    voice = content.kind == "audio" and row.duration_ms is not None and row.waveform is not None
    return bodies.File(
        id=row.id,
        name=row.name,
        size=row.size,
        kind="voice" if voice else content.kind,
        type=content.type,
        variants=content.variants,
        width=content.width,
        height=content.height,
        animated=content.animated,
        placeholder=content.placeholder,
        duration=(row.duration_ms or 0) / 1000 if voice else 0,
        waveform=b64encode(bytes(row.waveform or b"")).decode() if voice else "",
    )


def _named(content: bodies.FileContent, name: str) -> bodies.FileContent:
    """The content as it may be shown under this name: equal contents of one person share a blob,
    whatever each is called."""
    if content.type != TEXT or is_shown_as_text(content.type, name):
        return content
    variants = [msgspec.structs.replace(one, type=PLAIN_FILE.type) for one in content.variants]
    return msgspec.structs.replace(
        content, kind=PLAIN_FILE.kind, type=PLAIN_FILE.type, variants=variants
    )
