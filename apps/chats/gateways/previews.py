"""Fetches pages and extracts their title, description and site name."""

import codecs
import logging
import re
import unicodedata
from email.message import Message
from html.parser import HTMLParser
from itertools import islice

from apps.core.graphemes import cut
from apps.core.outbound_http import FetchedPage, RequestFailed, outbound_client
from apps.core.outbound_url import ForbiddenUrl, parse_outbound_url
from apps.wire import bodies

logger = logging.getLogger(__name__)

MEDIA_TYPES = ("text/html", "application/xhtml+xml")
MAX_LENGTHS = {"title": 200, "description": 400, "site": 100}
# The first name with a value is used.
META_NAMES = {
    "title": ("og:title", "twitter:title", "title"),
    "description": ("og:description", "twitter:description", "description"),
    "site": ("og:site_name",),
}

# Neither pattern backtracks beyond its tag, which ends at the next `<` at the latest.
TAG = re.compile(
    r"""<(?:meta\b(?:[^<>"']|"[^"<]*"|'[^'<]*')*>|title\b[^<>]*>[^<]*)""", re.IGNORECASE
)
BODY = re.compile(r"<body\b|</head\b", re.IGNORECASE)
MAX_TAG_LENGTH = 8192
MAX_TAGS = 500
DECLARED = re.compile(
    rb"""<meta[^>]{0,200}charset\s*=\s*["']?([A-Za-z0-9_.-]{2,40})""", re.IGNORECASE
)
CHARSETS = re.compile(
    r"ascii|utf-(8|8-sig|16|16-le|16-be)|iso8859-\d+|cp(125\d|874|932|949|950)|koi8-[ru]"
    r"|mac-\w+|shift_jis|euc_(jp|kr)|iso2022_jp|gb2312|gbk|gb18030|big5"
)


async def fetch(url: str) -> bodies.Preview | None:
    """The preview of a page. None if it has nothing to show, cannot be fetched, or must not be.

    Never raises, and ends within `outbound_http.REQUEST_TIMEOUT_S`.
    """
    try:
        return parse(url, await outbound_client().fetch(url, media_types=MEDIA_TYPES))
    except (ForbiddenUrl, RequestFailed) as error:
        logger.debug("no preview: %s", error)
    except Exception:
        logger.exception("a page cannot be parsed")
    return None


def parse(url: str, page: FetchedPage) -> bodies.Preview | None:
    """The preview of a fetched page, as plain text; None when it has no title."""
    head = _head(_decoded(page))
    values = {
        part: next(filter(None, (_plain(head.get(name, "")) for name in names)), "")
        for part, names in META_NAMES.items()
    }
    if not values["title"]:
        return None
    return bodies.Preview(
        url=url,
        title=_cut(values["title"], "title"),
        description=_cut(values["description"], "description"),
        site=_cut(values["site"] or parse_outbound_url(url).host.removeprefix("www."), "site"),
    )


class Head(HTMLParser):
    """Collects the title and the named meta values of a page's head; fed one tag at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the value of a `meta` tag."""
        self._title = tag == "title" and "title" not in self.values
        if tag == "meta":
            given = {name: value or "" for name, value in attrs}
            name = (given.get("property") or given.get("name") or "").strip().lower()
            self.values.setdefault(name, given.get("content", ""))

    def handle_data(self, data: str) -> None:
        """Collect the text of the title."""
        if self._title:
            self.values["title"] = self.values.get("title", "") + data


def _head(text: str) -> dict[str, str]:
    """The values in a page's head, by name.

    The parser gets only the relevant tags, each of limited length. A whole hostile page would take
    it minutes: its cost is quadratic in the length of unclosed markup.
    """
    end = BODY.search(text)
    head = Head()
    tags = TAG.finditer(text, 0, end.start() if end else len(text))
    for match in islice((m for m in tags if len(m[0]) <= MAX_TAG_LENGTH), MAX_TAGS):
        head.reset()
        head.feed(match[0])
        head.close()
    return head.values


def _decoded(page: FetchedPage) -> str:
    header = Message()
    header["Content-Type"] = page.content_type
    charset = header.get_content_charset() or _declared(page.body)
    return page.body.decode(charset if _is_known(charset) else "utf-8", errors="replace")


def _declared(body: bytes) -> str:
    """The charset in `<meta charset>`, which must be in the first kilobyte (HTML Standard)."""
    found = DECLARED.search(body[:1024])
    return found[1].decode("ascii") if found else ""


def _is_known(charset: str) -> bool:
    """Whether pages are written in this charset. Python knows other codecs, some of which are not
    charsets or take quadratic time."""
    try:
        return bool(CHARSETS.fullmatch(codecs.lookup(charset).name))
    except (LookupError, ValueError):
        return False


def _plain(text: str) -> str:
    """The text in one line, without invisible and direction-changing characters."""
    shown = (letter if unicodedata.category(letter)[0] != "C" else " " for letter in text)
    return " ".join("".join(shown).split())


def _cut(text: str, part: str) -> str:
    limit = MAX_LENGTHS[part]
    return text if len(text) <= limit else cut(text, limit - 1).rstrip() + "…"
