"""Addresses in a text: where they end, and where they lead.

`static/chats/markup/addresses.js` has the same rules; tests/chats/links.json holds both to them.
"""

import re
import unicodedata
from ipaddress import AddressValueError, IPv6Address
from urllib.parse import unquote

import regex

# A longer address is no link: the beginning of an address leads elsewhere.
MAX_LENGTH = 2048
TRAILING = ".,:;!?'…‘’\u00ad\u200b\u2060\ufeff"  # noqa: RUF001  as they are written
BRACKETS = {")": "(", "]": "[", "}": "{"}
# What words do not show: marks, and characters that are invisible by themselves.
UNSHOWN = regex.compile(r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800`*_~\\]")
IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}")
DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Narrow spaces after a dot, which do not end a sentence.
NARROW_SPACE = re.compile("(?<=[.。\uff0e\uff61\u2024\ufe52\ua4f8])[\u2000-\u200a\u202f\u205f]+")
SPACE_BEFORE_DOT = re.compile("[ \u1680]+(?=[.。\ua4f8])")
# Characters that look like a dot; the digits among them only between Latin letters.
DOT_LIKE = re.compile(
    "[。\ua4f8\u0701\u0702\ua60e\U00010a50\U0001d16d]|(?<=[A-Za-z])[\u0660\u06f0](?=[A-Za-z])"
)
# Words that a reader may take for an address. A version or a date is none, four numbers are.
ADDRESS_LIKE = regex.compile(
    r"://|@|[\p{L}\p{N}\p{M}]\.\p{M}*\p{L}[\p{L}\p{N}\p{M}]|(?:[0-9]+\.){3}[0-9]"
)
SCHEME = re.compile("https?://", re.IGNORECASE | re.ASCII)
WWW = re.compile(r"www\.", re.IGNORECASE | re.ASCII)
WWW_NAME = re.compile(r"www\.[^./?#]+\.[^./?#]", re.IGNORECASE | re.ASCII)
AUTHORITY = re.compile(r"(?:https?://)?[\\/]*([^\\/?#]*)", re.IGNORECASE | re.ASCII)
# What stands in brackets, or before the first colon; and a port.
HOST = re.compile(r"(\[[^\]]*\]|[^:]+)(?::([0-9]*))?")
# Browsers take no host with one of these, but some with an accent on it.
NO_HOST = regex.compile(r"[\p{Cc}<>^|\[\]](?!\p{M})")
MAX_PORT = 65_535
# Browsers remove these at the ends of an address.
CONTROLS = "".join(map(chr, range(0x21)))


def without_punctuation(link: str, marks: set[str]) -> str:
    """An address without the punctuation of the sentence around it, and without those of the given
    marks at its end."""
    # (see https://example.org/a_(b)): a closing bracket belongs to the link if it opens there, too.
    surplus = {last: link.count(last) - link.count(first) for last, first in BRACKETS.items()}
    end = len(link)
    while end and (
        (last := link[end - 1]) in TRAILING or last in marks or surplus.get(last, 0) > 0
    ):
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        end -= 1
    return link[:end]


def target_of(address: str) -> str | None:
    """Where an address leads; None when it names no host."""
    if WWW.match(address):
        if not WWW_NAME.match(address):
            return None
        address = f"https://{address}"
    is_link = SCHEME.match(address) and len(address) <= MAX_LENGTH and host_of(address)
    return address if is_link else None


def host_of(address: str, *, port: bool = False) -> str:
    """The host that browsers connect to, in lower case, with its port if that is wanted. Empty if
    there is none; in doubt, there is one.

    A backslash is a slash to them, %61 an a, and the host begins after the last `@`.
    """
    authority = _authority(address.strip(CONTROLS)).rpartition("@")[2]
    found = HOST.fullmatch(IGNORABLE.sub("", authority))
    if not found or int(found[2] or 0) > MAX_PORT:
        return ""
    host, number = found.groups()
    if host[0] == "[" and host[-1] == "]":
        try:
            IPv6Address(host[1:-1])
        except AddressValueError:
            return ""
    elif NO_HOST.search(host):
        return ""
    host = IGNORABLE.sub("", unquote(host)).lower()
    return f"{host}:{number}" if port and host and number else host


def misleads(words: str, target: str) -> bool:
    """Whether the words of a link look like an address, and it leads elsewhere."""
    if DIRECTIONS.search(words):
        return True
    plain = unicodedata.normalize("NFKC", NARROW_SPACE.sub("", UNSHOWN.sub("", words)))
    plain = DOT_LIKE.sub(".", SPACE_BEFORE_DOT.sub("", UNSHOWN.sub("", plain))).strip()
    return bool(ADDRESS_LIKE.search(plain)) and _named(plain) != _named(target)


def _named(address: str) -> str:
    """The name, port and user of an address, as it was written."""
    user, at, host = _authority(address).rpartition("@")
    return user + at + host.lower().removeprefix("www.")


def _authority(address: str) -> str:
    found = AUTHORITY.match(address)
    return found[1] if found else ""
