"""The links in a text, as people see them."""

import re

MAX_LINKS = 3
# What stands in a code block or span is shown, not meant.
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"""https?://[^\s<>"'`\\^{}|]{1,2040}""")
TRAILING = ".,;:!?*_~"
BRACKETS = {")": "(", "]": "["}


def links(text: str) -> list[str]:
    """The first few different links of a message, without what only follows them in the text."""
    found: dict[str, None] = {}
    if "://" in text:
        for match in LINK.finditer(CODE.sub(" ", text)):
            link = _trimmed(match[0])
            if not link.endswith("://"):
                found[link] = None
            if len(found) == MAX_LINKS:
                break
    return list(found)


def _trimmed(link: str) -> str:
    # (see https://example.org/a_(b)): a bracket belongs to the link that also opens it.
    closed_too_often = {
        last: link.count(last) - link.count(first) for last, first in BRACKETS.items()
    }
    end = len(link)
    while (last := link[end - 1]) in TRAILING or closed_too_often.get(last, 0) > 0:
        if last in BRACKETS:
            closed_too_often[last] -= 1
        end -= 1
    return link[:end]
