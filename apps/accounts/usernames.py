"""Makes usernames of Parley from the names that people have elsewhere."""

import re
import unicodedata
from collections.abc import Iterator
from secrets import token_hex

MAX_LENGTH = 32
FALLBACK = "person"
REFUSED = re.compile(r"[^a-z0-9._-]+")


def candidates(wish: str) -> Iterator[str]:
    """Valid usernames in the order in which to try them: `wish` made valid, then with a number,
    then with random digits, without end.

    Accents and widths are folded. A name with any other letters is not used at all: without its
    Cyrillic letter, a look-alike of `alice` would come close to the name that it imitates.
    """
    base = _base(wish)
    if base != FALLBACK:
        yield base
        for number in range(2, 6):
            yield _with_suffix(base, str(number))
    while True:
        yield _with_suffix(base, token_hex(4))


def _base(wish: str) -> str:
    # Longer than any account name; bounds the work.
    wish = wish[:200].strip().partition("@")[0]
    folded = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", wish).lower()
        if not unicodedata.combining(letter)
    )
    if not folded.isascii():
        return FALLBACK
    return REFUSED.sub("-", folded)[:MAX_LENGTH].strip("._-") or FALLBACK


def _with_suffix(base: str, suffix: str) -> str:
    return f"{base[: MAX_LENGTH - len(suffix) - 1].rstrip('._-')}-{suffix}"
