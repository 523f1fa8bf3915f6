"""Cleaning of short texts in one line: names, titles, descriptions."""

import unicodedata

from django.utils.translation import gettext

# Cc: control characters (PostgreSQL cannot store NUL). Cs: lone surrogates. Zl, Zp: line breaks.
REFUSED_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
# Callers have their own limits; this one only bounds the work of cleaning.
MAX_LINE_LENGTH = 1_000
# Overrides of the writing direction: they would also reverse the text around a name.
DIRECTION_OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_line(text: str) -> str:
    """`text` in Unicode NFC, without surrounding space.

    Raises ValueError for control characters, line breaks and direction overrides, and for a text
    longer than MAX_LINE_LENGTH.
    """
    if len(text) > MAX_LINE_LENGTH:
        raise ValueError(gettext("Use at most {n} characters.").format(n=MAX_LINE_LENGTH))
    text = unicodedata.normalize("NFC", text).strip()
    if any(
        unicodedata.category(letter) in REFUSED_CATEGORIES or letter in DIRECTION_OVERRIDES
        for letter in text
    ):
        raise ValueError(gettext("Leave out line breaks and characters that cannot be seen."))
    return text
