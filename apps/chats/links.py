"""The links in a message text: those that the browser shows as links."""

import re

from apps.chats import addresses
from apps.chats.markup import Link, parts

MAX_LINKS = 3
MAX_HOST_LENGTH = 255
# Most texts contain neither, and are not parsed.
MAY_BE_LINK = re.compile(r"://|www\.", re.IGNORECASE | re.ASCII)


def links(text: str, *, limit: int = MAX_LINKS) -> list[str]:
    """The first `limit` different web addresses that a text leads to. Those in code are ignored."""
    found: dict[str, None] = {}
    if MAY_BE_LINK.search(text):
        for part in parts(text):
            if isinstance(part, Link):
                found[part.address] = None
            if len(found) == limit:
                break
    return list(found)


def host_of(url: str) -> str:
    """The host that a link names, with its port. `outbound_http` decides separately what is
    connected to."""
    return addresses.host_of(url, port=True)[:MAX_HOST_LENGTH]
