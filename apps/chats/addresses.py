"""Addresses in a text: where they end, and where they lead.

`static/chats/markup/addresses.js` has the same rules; tests/chats/links.json holds both to them.
"""

import re
import unicodedata
from urllib.parse import SplitResult, urlsplit

import regex

# A longer address is no link: the beginning of an address leads elsewhere.
MAX_LENGTH = 2048
TRAILING = ".,:;!?'*_~…‘’\u00ad\u200b\u2060\ufeff"  # noqa: RUF001  as they are written
BRACKETS = {")": "(", "]": "[", "}": "{"}
# Characters that nobody sees, or that turn the direction of what follows.
UNSEEN = regex.compile(r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u2800\u3164\uffa0]")
DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Words that a reader may take for an address.
ADDRESS_LIKE = regex.compile(r"://|@|[\p{L}\p{N}]\.\p{L}{2}")
WWW = re.compile(r"www\.", re.IGNORECASE)
WWW_NAME = re.compile(r"www\.[^./?#]+\.[^./?#]", re.IGNORECASE)
SCHEME = re.compile("https?://", re.IGNORECASE)


def without_punctuation(link: str) -> str:
    """An address without the punctuation of the sentence around it."""
    # (see https://example.org/a_(b)): a closing bracket belongs to the link if it opens there, too.
    surplus = {last: link.count(last) - link.count(first) for last, first in BRACKETS.items()}
    end = len(link)
    while end and ((last := link[end - 1]) in TRAILING or surplus.get(last, 0) > 0):
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
    return address if _parts(address) and len(address) <= MAX_LENGTH else None


def misleads(words: str, target: str) -> bool:
    """Whether the words of a link look like an address, and it leads elsewhere."""
    if DIRECTIONS.search(words):
        return True
    plain = unicodedata.normalize("NFKC", UNSEEN.sub("", words)).replace("。", ".").strip()
    if not ADDRESS_LIKE.search(plain):
        return False
    named = _parts(plain if SCHEME.match(plain) else f"https://{plain}")
    return named is None or _authority(named) != _authority(urlsplit(target))


def _parts(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        is_valid = bool(parts.hostname) and (parts.port is None or parts.port >= 0)
    except ValueError:  # brackets that are no IPv6 address, or a port that is no number
        return None
    # As a browser, which takes no host with a space.
    return parts if is_valid and not re.search(r"[\s<>^|]", str(parts.hostname)) else None


def _authority(parts: SplitResult) -> str:
    user, _, host = parts.netloc.rpartition("@")
    return f"{user}@{host.lower().removeprefix('www.')}"
