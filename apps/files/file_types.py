"""What a file is, from its content alone: the types that Parley shows, and all others.

The signatures are those of the MIME Sniffing Standard (WHATWG). `puremagic` and `filetype` know
hundreds of types, but neither tells the MP4, MP3 and WebM of recorders and phones apart.
"""

from dataclasses import dataclass
from pathlib import Path

from apps.files.media_containers import ebml_type, iso_media_type, mp3_type, ogg_type
from apps.wire.bodies import FileKind

TEXT = "text/plain"
HEAD_BYTES = 64 * 1024
MAX_TEXT_BYTES = 2 * 2**20
SIGNATURES = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBPVP8", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"fLaC", "audio/flac"),
    (0, b"%PDF-", "application/pdf"),
)
KINDS: dict[str, FileKind] = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "application": "document",
}
# Text under these names stays a download, because programs on the reader's computer run it.
ACTIVE_SUFFIXES = (
    *(".htm", ".html", ".ehtml", ".hta", ".mht", ".mhtml", ".shtm", ".shtml", ".webarchive"),
    *(".xht", ".xhtm", ".xhtml", ".xml", ".xsl", ".xslt", ".xul", ".atom", ".rdf", ".rss"),
    *(".svg", ".svgz", ".css", ".js", ".mjs", ".swf", ".bat", ".cmd", ".ps1", ".vbs", ".wsf"),
    *(".lnk", ".url"),
)
# C0 controls that no text has. NUL also excludes UTF-16.
NO_TEXT = frozenset(map(chr, {*range(32)} - set(b"\t\n\f\r\x1b")))


@dataclass(frozen=True)
class FileType:
    """A kind, a media type, and whether browsers may show the content in place.

    Content must be sent with `nosniff` and this very type, text with `charset=utf-8`.
    """

    kind: FileKind
    type: str
    inline: bool


PLAIN_FILE = FileType("file", "application/octet-stream", False)


def recognise(path: Path) -> FileType:
    """The type of a file's content."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        media_type = (
            _signature(head)
            or iso_media_type(file, head)
            or ebml_type(head)
            or ogg_type(head)
            or mp3_type(head)
        )
    if media_type:
        return FileType(KINDS[media_type.partition("/")[0]], media_type, True)
    return FileType("document", TEXT, True) if _is_plain_text(path, head) else PLAIN_FILE


def is_shown_as_text(media_type: str, name: str) -> bool:
    """Whether a text may be shown under its name. The name can only take away: no name makes a file
    more than its content is."""
    return media_type == TEXT and not name.rstrip(" .").lower().endswith(ACTIVE_SUFFIXES)


def _signature(head: bytes) -> str | None:
    if head[8:12] in (b"WEBP", b"WAVE") and not head.startswith(b"RIFF"):
        return None
    return next((type_ for at, magic, type_ in SIGNATURES if head.startswith(magic, at)), None)


def _is_plain_text(path: Path, head: bytes) -> bool:
    """Whether the whole file is UTF-8 that begins like no markup."""
    size = path.stat().st_size
    if not 0 < size <= MAX_TEXT_BYTES:
        return False
    if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return False
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        return False
    return NO_TEXT.isdisjoint(text)
