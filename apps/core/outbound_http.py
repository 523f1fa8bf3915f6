"""HTTP requests to URLs from users, guarded against server-side request forgery (SSRF).

Only https on port 443 and only public addresses are allowed, unless the setting OUTBOUND_ORIGINS
lists the origin. Names are resolved here, every address found must be public, and the connection
goes to the checked address, so a name that resolves differently a moment later (DNS rebinding)
changes nothing. Each redirect is checked again. No cookies, credentials or proxies from the
environment are used; the response is limited in bytes and in seconds.
"""

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TypeVar

import httpx
from django.conf import settings
from msgspec import Struct

from apps.core.outbound_url import Fault, ForbiddenUrl, OutboundUrl, parse_outbound_url
from apps.core.public_address import is_public_address

MAX_BODY_BYTES = 512 * 1024
READ_BYTES = 16_384
REQUEST_TIMEOUT_S = 5.0
BODY_TIMEOUT_S = 2.0
# Name servers that respond at all need less.
DNS_TIMEOUT_S = 2.0
# Lookups of this process at once, including those whose caller gave up: the system's resolver
# cannot be interrupted and needs some ten seconds to time out.
MAX_DNS_LOOKUPS = 64
MAX_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; Parley)",
    # A compressed body could unpack to any size.
    "Accept-Encoding": "identity",
}

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
T = TypeVar("T")
ReadBody = Callable[[httpx.Response], Awaitable[bytes]]


class RequestFailed(Exception):
    """There was no response, or an unusable one."""


class FetchedPage(Struct, frozen=True):
    """A response's media type and the first MAX_BODY_BYTES of its body."""

    content_type: str
    body: bytes


class Download(Struct, frozen=True):
    """A whole body of any type. `etag`: what the server calls this version of it; may be empty."""

    body: bytes
    etag: str


class PostResponse(Struct, frozen=True):
    """The response to a POST, and what was read of its body."""

    status: int
    retry_after: str
    content_type: str = ""
    body: bytes = b""

    @property
    def retry_after_s(self) -> float | None:
        """Either form of Retry-After (RFC 9110, 10.2.3) as seconds from now, never below 0; None
        when it is neither."""
        try:
            seconds = float(self.retry_after)
        except ValueError:
            try:
                at = parsedate_to_datetime(self.retry_after)
                seconds = (at - datetime.now(UTC)).total_seconds()
            except (TypeError, ValueError, OverflowError):
                return None
        return max(seconds, 0.0) if seconds == seconds else None


class OutboundClient:
    """Makes requests within the rules of this module.

    `exceptions` are origins (scheme://host[:port]) for which scheme, port and address are not
    checked; `resolve` and `tls` are for tests.
    """

    def __init__(
        self,
        *,
        exceptions: Collection[str] = (),
        resolve: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._exceptions = {parse_outbound_url(origin).origin for origin in exceptions}
        self._resolve = resolve or _resolve
        self._tls = tls or _tls_context()

    async def fetch(self, url: str, *, media_types: Collection[str]) -> FetchedPage:
        """GET `url`, following redirects, if its media type is one of `media_types`.

        Raises ForbiddenUrl for a URL that is not allowed, RequestFailed for any other failure.
        """
        return await self._get(
            url,
            headers={"Accept": ", ".join(media_types)},
            read=lambda response: _read_page(response, media_types),
            seconds=REQUEST_TIMEOUT_S,
        )

    async def download(
        self, url: str, *, accept: str, etag: str, max_bytes: int, seconds: float
    ) -> Download | None:
        """GET all of `url`, following redirects. None: it is still the version called `etag`.

        The media type is not looked at: callers recognise the content. Raises ForbiddenUrl for a
        URL that is not allowed, RequestFailed for any other failure, as a body above `max_bytes`.
        """
        return await self._get(
            url,
            headers={"Accept": accept, **({"If-None-Match": etag} if etag else {})},
            read=lambda response: _read_whole(response, max_bytes),
            seconds=seconds,
        )

    async def post(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes,
        seconds: float = REQUEST_TIMEOUT_S,
        read: ReadBody | None = None,
    ) -> PostResponse:
        """POST `body` to `url`. Redirects are returned, not followed. `read`: what to read of the
        response's body (`beginning`, `whole`); nothing without it.

        Raises ForbiddenUrl for a URL that is not allowed, RequestFailed when there is no response,
        or `read` refuses it; `__cause__` says why.
        """
        try:
            async with asyncio.timeout(seconds):
                target = parse_outbound_url(url)
                address = await self.resolve(target)
                async with self._open(
                    "POST", target, address, headers=headers, content=body, seconds=seconds
                ) as response:
                    return PostResponse(
                        response.status_code,
                        str(response.headers.get("retry-after", "")),
                        str(response.headers.get("content-type", "")),
                        await read(response) if read else b"",
                    )
        except (httpx.HTTPError, OSError, TimeoutError, UnicodeError) as error:
            raise RequestFailed(repr(error)) from error

    def check(self, target: OutboundUrl) -> None:
        """Check scheme, port, and an IP address, without resolving a name. Raises ForbiddenUrl."""
        if target.origin in self._exceptions:
            return
        if (target.scheme, target.port) != ("https", 443):
            raise ForbiddenUrl(Fault.ONLY_HTTPS)
        if target.literal and not is_public_address(target.host):
            raise ForbiddenUrl(Fault.NOT_PUBLIC)

    async def resolve(self, target: OutboundUrl) -> str:
        """The checked address to connect to. Raises ForbiddenUrl, OSError for an unknown name, and
        TimeoutError when no name server responds."""
        self.check(target)
        if target.literal:
            found: Sequence[str] = [target.host]
        else:
            async with asyncio.timeout(DNS_TIMEOUT_S):
                found = await self._resolve(target.host, target.port)
        free = target.origin in self._exceptions
        if not found or not (free or all(is_public_address(address) for address in found)):
            raise ForbiddenUrl(Fault.NOT_PUBLIC)
        return found[0]

    async def _get(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        read: Callable[[httpx.Response], Awaitable[T]],
        seconds: float,
    ) -> T:
        """What `read` makes of the response after at most MAX_REDIRECTS redirects."""
        try:
            async with asyncio.timeout(seconds):
                for _ in range(1 + MAX_REDIRECTS):
                    target = parse_outbound_url(url)
                    address = await self.resolve(target)
                    async with self._open(
                        "GET", target, address, headers=headers, seconds=seconds
                    ) as response:
                        location = str(response.headers.get("location", ""))
                        if response.status_code not in REDIRECTS or not location:
                            return await read(response)
                    url = _redirect_url(target, location)
        except (httpx.HTTPError, OSError, TimeoutError, UnicodeError) as error:
            raise RequestFailed(repr(error)) from error
        raise RequestFailed("too many redirects")

    @asynccontextmanager
    async def _open(
        self,
        method: str,
        target: OutboundUrl,
        address: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        seconds: float,
    ) -> AsyncIterator[httpx.Response]:
        """A response from the checked address, with its body still unread."""
        transport = httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False)
        async with httpx.AsyncClient(
            transport=transport, trust_env=False, timeout=seconds
        ) as client:
            request = client.build_request(
                method,
                httpx.URL(
                    scheme=target.scheme, host=address, port=target.port, raw_path=target.path
                ),
                headers={**HEADERS, "Host": target.authority, **headers},
                content=content,
                # The connection goes to the address; the certificate must match the name.
                extensions={} if target.literal else {"sni_hostname": target.host},
            )
            response = await client.send(request, stream=True)
            try:
                yield response
            finally:
                await response.aclose()


def outbound_client() -> OutboundClient:
    """A client with the exceptions from the settings."""
    return OutboundClient(exceptions=settings.OUTBOUND_ORIGINS)


@cache
def _tls_context() -> ssl.SSLContext:
    # Cached: loading the certificate authorities takes longer than a request.
    return ssl.create_default_context()


_dns_slots = threading.BoundedSemaphore(MAX_DNS_LOOKUPS)


async def _resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name.

    Each lookup has a thread of its own, which the event loop does not join when it ends. In the
    loop's pool of some six threads, six names with a silent name server would block all others.
    """
    if not _dns_slots.acquire(blocking=False):
        raise OSError("too many unanswered DNS lookups")
    found: Future[Sequence[str]] = Future()
    try:
        threading.Thread(
            target=_look_up, args=[host, port, found], name="dns-lookup", daemon=True
        ).start()
    except RuntimeError as error:
        _dns_slots.release()
        raise OSError("no thread for a DNS lookup") from error
    return await asyncio.wrap_future(found)


def _look_up(host: str, port: int, found: "Future[Sequence[str]]") -> None:
    try:
        if found.set_running_or_notify_cancel():
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.set_result([str(entry[4][0]) for entry in entries])
    except (OSError, UnicodeError) as error:
        found.set_exception(error)
    finally:
        _dns_slots.release()


async def _read_page(response: httpx.Response, media_types: Collection[str]) -> FetchedPage:
    content_type = str(response.headers.get("content-type", ""))
    if response.status_code != 200:
        raise RequestFailed(f"status {response.status_code}")
    _require_plain(response)
    if content_type.partition(";")[0].strip().lower() not in media_types:
        raise RequestFailed("unexpected media type")
    body = bytearray()
    async for part in response.aiter_raw(READ_BYTES):
        body += part
        if len(body) >= MAX_BODY_BYTES:
            break
    return FetchedPage(content_type, bytes(body[:MAX_BODY_BYTES]))


def beginning(max_bytes: int) -> ReadBody:
    """Reads at most `max_bytes` of any response, for BODY_TIMEOUT_S at most: what is missing then
    is left out."""

    async def read(response: httpx.Response) -> bytes:
        body = bytearray()
        with suppress(httpx.HTTPError, TimeoutError):
            async with asyncio.timeout(BODY_TIMEOUT_S):
                async for part in response.aiter_raw():
                    body += part
                    if len(body) >= max_bytes:
                        break
        return bytes(body[:max_bytes])

    return read


def whole(max_bytes: int) -> ReadBody:
    """Reads the body of a successful response. Refuses one above `max_bytes`, or a compressed
    one."""

    async def read(response: httpx.Response) -> bytes:
        return await _read_bytes(response, max_bytes) if response.is_success else b""

    return read


async def _read_whole(response: httpx.Response, max_bytes: int) -> Download | None:
    if response.status_code == 304:
        return None
    if response.status_code != 200:
        raise RequestFailed(f"status {response.status_code}")
    return Download(await _read_bytes(response, max_bytes), str(response.headers.get("etag", "")))


async def _read_bytes(response: httpx.Response, max_bytes: int) -> bytes:
    """The whole body. Raises RequestFailed for one above `max_bytes`, or a compressed one."""
    _require_plain(response)
    body = bytearray()
    async for part in response.aiter_raw(READ_BYTES):
        body += part
        if len(body) > max_bytes:
            raise RequestFailed(f"more than {max_bytes} bytes")
    return bytes(body)


def _require_plain(response: httpx.Response) -> None:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestFailed("compressed")


def _redirect_url(target: OutboundUrl, location: str) -> str:
    try:
        return str(httpx.URL(target.url).join(location))
    except (httpx.InvalidURL, ValueError) as error:
        raise RequestFailed("invalid redirect") from error
