"""Texts of other chat servers as Parley stores them."""

import re
import unicodedata
from urllib.parse import urlsplit

from apps.chats.addresses import misleads
from apps.chats.markup import WORDS_LINK, parts
from apps.core.clean_text import DIRECTION_OVERRIDES, is_blank
from apps.core.graphemes import cut

BREAKS = re.compile(r"\s+")
MAX_WORK = 1_000
# Words and an address of the longest links that there are (`apps.chats.markup`).
MAX_LINK = 2_600


def line(text: str, limit: int) -> str:
    """A short text in one line, without characters that cannot be seen."""
    one_line = BREAKS.sub(" ", text[:MAX_WORK])
    kept = (
        letter
        for letter in unicodedata.normalize("NFC", one_line)
        if unicodedata.category(letter) not in {"Cc", "Cs", "Zl", "Zp"}
        and letter not in DIRECTION_OVERRIDES
    )
    cleaned = cut("".join(kept).strip(), limit).strip()
    return "" if is_blank(cleaned) else cleaned


def link(words: str, address: str) -> str:
    """A link as Parley writes it. Where words would not become a link, or would mislead, both."""
    address = address.strip()
    words = BREAKS.sub(" ", words).strip()
    bare = address.partition("://")[2].rstrip("/")
    if not words or words in (address, bare, bare.removeprefix("www.")):
        return address
    escaped = re.sub(r"([\[\]\\])", r"\\\1", words)
    both = f"[{escaped}]({address})"
    if (
        len(both) <= MAX_LINK
        and WORDS_LINK.fullmatch(both)
        and len([*parts(both)]) == 1
        # As `README.md` does. The address in it is a link then.
        and not misleads(escaped, address)
    ):
        return both
    return f"{words} ({address})" if has_scheme(address) else words


def quoted(text: str) -> str:
    """A text as a quote, for what apps show in boxes."""
    return "\n".join(f"> {one}" for one in text.splitlines()) if text.strip() else ""


def has_scheme(address: str) -> bool:
    """Whether it names how to get there, as `https:` does."""
    try:
        return bool(urlsplit(address).scheme)
    except ValueError:
        return False
