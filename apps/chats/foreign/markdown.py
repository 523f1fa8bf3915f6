"""Converts Markdown that is not that of Parley, without touching code."""

import re
from collections.abc import Callable

# Fenced blocks, then code in a line.
CODE = re.compile(
    r"^[ ]{0,3}(?P<fence>`{3,}(?!`)|~{3,}(?!~))[^\n]*\n.*?(?:^[ ]{0,3}(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?<!`)(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`)",
    re.DOTALL | re.MULTILINE,
)
IMAGE = re.compile(r"!(\[[^\[\]\n]+\]\([^()\s]+\))")
HEADING = re.compile(r"^#{1,6}[ ]+(?! )([^\n#*]*[^\n#* ])[ ]*#*$", re.MULTILINE)


def outside_code(text: str, convert: Callable[[str], str]) -> str:
    """`text`, with what is no code converted."""
    shown, at = [], 0
    for code in CODE.finditer(text):
        shown += [convert(text[at : code.start()]), code[0]]
        at = code.end()
    return "".join([*shown, convert(text[at:])])


def plain(text: str) -> str:
    """Pictures as links, and headings in bold: Parley has neither in texts."""
    return HEADING.sub(r"**\1**", IMAGE.sub(r"\1", text))
