"""Short texts that people write about themselves and others read: names, descriptions."""

import unicodedata

from django.utils.translation import gettext

# Cc: control characters (NUL is refused by PostgreSQL). Cs: lone surrogates. Zl, Zp: line breaks.
REFUSED = {"Cc", "Cs", "Zl", "Zp"}
# Callers check what a line may contain; this bounds the work of cleaning it.
MAX_LINE_LENGTH = 1_000
# Overrides of the writing direction: they would turn the text around a name, too.
DIRECTION = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_line(text: str) -> str:
    """`text` in NFC without space around it.

    Raises ValueError for control characters, line breaks and direction overrides, and for a text
    that is far longer than any line here may be.
    """
    if len(text) > MAX_LINE_LENGTH:
        raise ValueError(gettext("Use at most {n} characters.").format(n=MAX_LINE_LENGTH))
    text = unicodedata.normalize("NFC", text).strip()
    if any(unicodedata.category(letter) in REFUSED or letter in DIRECTION for letter in text):
        raise ValueError(gettext("Leave out line breaks and characters that cannot be seen."))
    return text
