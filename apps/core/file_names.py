"""Names of files in headers, harmless on the disk of the person who saves them."""

import unicodedata
from urllib.parse import quote

MAX_NAME_BYTES = 200
MAX_EXTENSION_BYTES = 20
DEFAULT_NAME = "file"
# What Windows, macOS or a shell read as something else than a part of a name.
RESERVED = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))
# Join letters and emoji. All other characters of their category are invisible, or change the
# direction of writing, so that "gpj.exe" could be read as "exe.jpg".
JOINERS = "\u200c\u200d"
# RFC 8187, attr-char; quote() leaves letters, digits and "_.-~" alone.
ATTR_CHARS = "!#$&+^`|"


def safe_name(name: str) -> str:
    """`name` as the name of a file: one line, no folder, no hidden characters, MAX_NAME_BYTES."""
    name = unicodedata.normalize("NFC", name)
    name = "".join(
        letter for letter in name if letter in JOINERS or unicodedata.category(letter)[0] not in "C"
    )
    name = " ".join(name.translate(RESERVED).split()).strip(". ")
    return _shortened(name) or DEFAULT_NAME


def content_disposition(name: str, *, inline: bool) -> str:
    """The header (RFC 6266), with a name in ASCII for clients that know no other."""
    name = safe_name(name)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    # Some clients decode percents here.
    plain = safe_name(plain.replace("%", "_"))
    header = f'{"inline" if inline else "attachment"}; filename="{plain}"'
    if plain != name:
        header += f"; filename*=UTF-8''{quote(name, safe=ATTR_CHARS)}"
    return header


def _shortened(name: str) -> str:
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > MAX_EXTENSION_BYTES:
        stem, dot, extension = name, "", ""
    rest = MAX_NAME_BYTES - len((dot + extension).encode())
    return stem.encode()[:rest].decode(errors="ignore").rstrip(". ") + dot + extension
