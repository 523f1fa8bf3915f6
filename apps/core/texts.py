"""Short texts that people write about themselves and others read: names, descriptions."""

import re
import unicodedata

from django.utils.translation import gettext

# Cc: control characters (NUL is refused by PostgreSQL). Cs: lone surrogates. Zl, Zp: line breaks.
REFUSED = {"Cc", "Cs", "Zl", "Zp"}
# What a line may have is checked by whoever asks for it; this bounds the work of cleaning it.
MAX_LINE = 1_000
# Overrides of the writing direction: they would turn the text around a name, too.
DIRECTION = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# More than 30 signs in a row that are neither letters, digits, spaces nor of Latin-1: all combining
# characters are among these.
LONG_RUN = re.compile(r"([^\w\s\x00-\u02ff]{30})[^\w\s\x00-\u02ff]+")


def nfc(text: str) -> str:
    """`text` in Unicode's form NFC, in linear time.

    Of more than 30 combining characters (or other signs) in a row the first 30 are kept, as in the
    Stream-Safe Text Format (UAX #15, section 13): sorting 100,000 of them takes 11 s.
    """
    return unicodedata.normalize("NFC", LONG_RUN.sub(r"\1", text))


def one_line(text: str) -> str:
    """`text` in NFC without space around it.

    Raises ValueError for control characters, line breaks and direction overrides, and for a text
    that is far longer than any line here may be.
    """
    if len(text) > MAX_LINE:
        raise ValueError(gettext("Use at most {n} characters.").format(n=MAX_LINE))
    text = nfc(text).strip()
    if any(unicodedata.category(letter) in REFUSED or letter in DIRECTION for letter in text):
        raise ValueError(gettext("Leave out line breaks and characters that cannot be seen."))
    return text
