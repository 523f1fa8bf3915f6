"""Fetches pictures from the addresses that the identity provider names.

People can often choose such an address themselves, so it is as untrusted as a link in a message.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

from apps.core.outbound_http import Download, RequestFailed, outbound_client
from apps.core.outbound_url import ForbiddenUrl
from apps.files.file_types import recognise

MAX_BYTES = 5_000_000
TIMEOUT_S = 10.0
ACCEPT = "image/avif, image/webp, image/jpeg, image/png, image/gif"


class NoPicture(Exception):
    """There is nothing at the address that may be used; asking again soon changes nothing."""


# None: the picture is still the version that was asked about.
Outcome = Download | None | NoPicture | RequestFailed


def fetch(wanted: Iterable[tuple[str, str]]) -> list[Outcome]:
    """What each address has: (address, version that is known here, or empty). All at once, each
    within TIMEOUT_S."""
    return asyncio.run(_fetch_all(wanted))


async def _fetch_all(wanted: Iterable[tuple[str, str]]) -> list[Outcome]:
    return await asyncio.gather(*(_fetch(url, etag) for url, etag in wanted))


async def _fetch(url: str, etag: str) -> Outcome:
    try:
        found = await outbound_client().download(
            url, accept=ACCEPT, etag=etag, max_bytes=MAX_BYTES, seconds=TIMEOUT_S
        )
    except RequestFailed as error:
        return error
    except Exception as error:  # one bad address must not stop the others
        return NoPicture(str(error) if isinstance(error, ForbiddenUrl) else repr(error))
    if found is not None and not _is_picture(found.body):
        return NoPicture("the content is no picture")
    return found


def _is_picture(content: bytes) -> bool:
    with NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return recognise(Path(file.name)).kind == "image"
