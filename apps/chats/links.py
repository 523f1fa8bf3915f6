"""Finds the links in a message text."""

import re

MAX_LINKS = 3
MAX_HOST_LENGTH = 255
# Links in code blocks and code spans are ignored.
CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"""https?://[^\s<>"'`\\^{}|]{1,2040}""")
TRAILING = ".,;:!?*_~"
BRACKETS = {")": "(", "]": "["}


def links(text: str, *, limit: int = MAX_LINKS) -> list[str]:
    """The first `limit` different links of a text, without trailing punctuation."""
    found: dict[str, None] = {}
    if "://" in text:
        for match in LINK.finditer(CODE.sub(" ", text)):
            link = _trimmed(match[0])
            if not link.endswith("://"):
                found[link] = None
            if len(found) == limit:
                break
    return list(found)


def _trimmed(link: str) -> str:
    # (see https://example.org/a_(b)): a closing bracket belongs to the link if it opens there, too.
    closed_too_often = {
        last: link.count(last) - link.count(first) for last, first in BRACKETS.items()
    }
    end = len(link)
    while (last := link[end - 1]) in TRAILING or closed_too_often.get(last, 0) > 0:
        if last in BRACKETS:
            closed_too_often[last] -= 1
        end -= 1
    return link[:end]


def host_of(url: str) -> str:
    """The host that a link names, with its port. `outbound_http` decides separately what is
    connected to."""
    authority = url.split("/", 3)[2].partition("?")[0].partition("#")[0]
    return authority.rpartition("@")[2].lower()[:MAX_HOST_LENGTH]
