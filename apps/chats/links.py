"""Finds the links in a message text: those that the browser shows as links.

`static/chats/markup/parse.js` has the same rules; tests/chats/links.json holds both to them.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

MAX_LINKS = 3
MAX_HOST_LENGTH = 255
# A longer address is no link: the beginning of an address leads elsewhere.
MAX_LENGTH = 2048
FENCE_START = re.compile(r"```[A-Za-z0-9_+#-]{0,20}\s*")
FENCE_END = re.compile(r"```\s*")
BACKTICKS = re.compile("`+")
# No address contains these unencoded: where no spaces are written, they end it.
FULL_WIDTH = "。、，；：？！（）「」『』【】《》〈〉"  # noqa: RUF001  as they are written
QUOTES = '"`“”„«»'
LINK = re.compile(rf"(?<![A-Za-z0-9])https?://(?![/?#])[^\s<>{QUOTES}{FULL_WIDTH}]+", re.IGNORECASE)
TRAILING = ".,:;!?'*_…‘’"  # noqa: RUF001  as they are written
BRACKETS = {")": "(", "]": "[", "}": "{"}


def links(text: str, *, limit: int = MAX_LINKS) -> list[str]:
    """The first `limit` different links of a text, without trailing punctuation. Links in code are
    ignored."""
    found: dict[str, None] = {}
    if "://" in text:
        for match in LINK.finditer("\n".join(_lines_without_code(text))):
            link = "" if len(match[0]) > MAX_LENGTH else _trimmed(match[0])
            if _names_a_host(link):
                found[link] = None
            if len(found) == limit:
                break
    return list(found)


def _lines_without_code(text: str) -> Iterator[str]:
    """The lines outside of fenced blocks, without code spans. A fence without an end is text."""
    lines = text.split("\n")
    ends = [at for at, line in enumerate(lines) if FENCE_END.fullmatch(line)]
    last = ends[-1] if ends else -1
    is_code = False
    for at, line in enumerate(lines):
        if is_code:
            is_code = not FENCE_END.fullmatch(line)
        elif at < last and FENCE_START.fullmatch(line):
            is_code = True
        else:
            yield _without_spans(line)


def _without_spans(line: str) -> str:
    """A line without code spans: each goes from some backticks to as many backticks."""
    runs = [match.span() for match in BACKTICKS.finditer(line)]
    closing: dict[int, tuple[int, int]] = {}
    seen: dict[int, int] = {}
    for at, (start, end) in reversed([*enumerate(runs)]):
        if (later := seen.get(end - start)) is not None:
            closing[start] = runs[later]
        seen[end - start] = at
    kept, since = [], 0
    for start, _ in runs:
        if start >= since and start in closing:
            kept.append(line[since:start])
            since = closing[start][1]
    return " ".join([*kept, line[since:]])


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


def _names_a_host(link: str) -> bool:
    try:
        parts = urlsplit(link)
        return bool(parts.hostname) and (parts.port is None or parts.port >= 0)
    except ValueError:  # brackets that are no IPv6 address, or a port that is no number
        return False


def host_of(url: str) -> str:
    """The host that a link names, with its port. `outbound_http` decides separately what is
    connected to."""
    authority = url.split("/", 3)[2].partition("?")[0].partition("#")[0]
    return authority.rpartition("@")[2].lower()[:MAX_HOST_LENGTH]
