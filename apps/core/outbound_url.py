"""Parsing URLs from users strictly, so that the checked host is the one connected to."""

import re
from enum import StrEnum
from ipaddress import ip_address

import httpx
from msgspec import Struct

from apps.core.default_ports import DEFAULT_PORTS

MAX_URL_LENGTH = 2048
NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
# Names that resolvers read as an IPv4 address: 2130706433, 0x7f.1, 0177.0.0.1. As in the URL
# Standard, the last label of a name must not look like a number.
NUMBER = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)")


class Fault(StrEnum):
    """What is wrong with a URL."""

    TOO_LONG = "too long"
    NO_WEB_ADDRESS = "not a web address"
    CREDENTIALS = "credentials in the address"
    NO_HOST = "not the name of a host"
    ONLY_HTTPS = "only https on port 443"
    NOT_PUBLIC = "not a public address"


class ForbiddenUrl(Exception):
    """Requests to this URL are not allowed."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class OutboundUrl(Struct, frozen=True):
    """The parts of a URL. `literal`: the host is an IP address, not a name."""

    url: str
    scheme: str
    host: str
    port: int
    path: bytes
    literal: bool

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """The value of the Host header: the host, and the port unless it is the default."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_outbound_url(text: str) -> OutboundUrl:
    """Parse an http or https URL. Raises ForbiddenUrl if it is not one, carries credentials, or
    hides an IP address in another notation."""
    if len(text) > MAX_URL_LENGTH:
        raise ForbiddenUrl(Fault.TOO_LONG)
    try:
        url = httpx.URL(text)
        host = url.raw_host.decode("ascii").lower().removesuffix(".")
        port = url.port or DEFAULT_PORTS[url.scheme]
    except (httpx.InvalidURL, ValueError, KeyError, TypeError) as error:
        raise ForbiddenUrl(Fault.NO_WEB_ADDRESS) from error
    if url.userinfo:
        raise ForbiddenUrl(Fault.CREDENTIALS)
    literal = _is_address(host)
    if not literal and (NUMBER.fullmatch(host) or not NAME.fullmatch(host)):
        raise ForbiddenUrl(Fault.NO_HOST)
    return OutboundUrl(str(url), url.scheme, host, port, url.raw_path, literal)


def _is_address(host: str) -> bool:
    if "%" in host:
        return False
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
