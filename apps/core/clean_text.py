"""Cleaning of short texts in one line: names, titles, descriptions."""

import unicodedata

import regex
from django.utils.translation import gettext

# Cc: control characters (PostgreSQL cannot store NUL). Cs: lone surrogates. Zl, Zp: line breaks.
REFUSED_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
# Callers have their own limits; this one only bounds the work of cleaning.
MAX_LINE_LENGTH = 1_000
# Overrides of the writing direction: they would also reverse the text around a name.
DIRECTION_OVERRIDES = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# What shows nothing: white space, and characters that are invisible by themselves (U+200B, U+00AD,
# fillers, the blank of Braille, selectors, tags). Not all of Cf is: U+06DD is a sign of Arabic.
# static/realtime/both/blank.js has the same.
BLANK = regex.compile(
    r"[\s\p{Cc}\p{Zs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb]*", regex.V1
)


def is_blank(text: str) -> bool:
    """Whether nobody sees anything of a text."""
    return BLANK.fullmatch(text) is not None


def clean_line(text: str) -> str:
    """`text` in Unicode NFC, without surrounding space; empty if nobody sees anything of it.

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
    return "" if is_blank(text) else text
