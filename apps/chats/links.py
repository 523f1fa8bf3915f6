"""The links in a text, as people see them."""

import re

MOST = 3
# What stands in a code block or span is shown, not meant.
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"""https?://[^\s<>"'`\\^{}|]{1,2040}""")
AFTER = ".,;:!?*_~"
PAIRS = {")": "(", "]": "["}


def links(text: str) -> list[str]:
    """The first few different links of a message, without what only follows them in the text."""
    found: dict[str, None] = {}
    if "://" in text:
        for match in LINK.finditer(CODE.sub(" ", text)):
            link = _trimmed(match[0])
            if not link.endswith("://"):
                found[link] = None
            if len(found) == MOST:
                break
    return list(found)


def _trimmed(link: str) -> str:
    # (see https://example.org/a_(b)): a bracket belongs to the link that also opens it.
    closed_too_often = {last: link.count(last) - link.count(first) for last, first in PAIRS.items()}
    end = len(link)
    while (last := link[end - 1]) in AFTER or closed_too_often.get(last, 0) > 0:
        if last in PAIRS:
            closed_too_often[last] -= 1
        end -= 1
    return link[:end]
