"""Cutting texts between graphemes (UAX 29): between what people take for characters."""

import regex

GRAPHEME = regex.compile(r"\X")


def cut(text: str, limit: int) -> str:
    """The longest beginning of a text that has at most `limit` code points and no cut grapheme. A
    grapheme that is longer by itself is cut.

    Of a text that was cut before, `limit` + 1 code points are enough.
    """
    if len(text) <= limit:
        return text
    last = 0
    for grapheme in GRAPHEME.finditer(text, 0, limit + 1):
        last = grapheme.start()
    return text[: last or limit]
