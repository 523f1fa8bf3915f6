"""The client address that limits are counted by."""

import logging
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

from apps.core.public_address import is_public_address

logger = logging.getLogger(__name__)
UNKNOWN = "unknown"
# One subscriber usually has a whole /64 network, so counting single IPv6 addresses would give each
# of them 2^64 separate allowances.
IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str:
    """The client's address, or its /64 network for IPv6.

    `X-Forwarded-For` is trusted only for hops listed in `TRUSTED_PROXIES` (addresses or networks):
    read from the right, the first address that is not a trusted proxy is the client. Entries that
    a client forges stand further left and are never reached.
    """
    return address_behind_proxies(
        str(request.META.get("REMOTE_ADDR") or UNKNOWN),
        str(request.META.get("HTTP_X_FORWARDED_FOR", "")),
    )


def address_behind_proxies(peer: str, forwarded: str) -> str:
    """As `client_address`, for a connection from `peer` with this `X-Forwarded-For` header."""
    proxies = _networks(tuple(settings.TRUSTED_PROXIES))
    client = peer
    hops = forwarded.split(",")
    while hops and _within(client, proxies):
        hop = hops.pop().strip()
        if not _is_address(hop):
            break
        client = hop
    if client == peer and forwarded and settings.HTTPS and not _within(peer, proxies):
        _tell_of_proxy(peer)
    return _counted(client)


@lru_cache(maxsize=1_000)
def _tell_of_proxy(peer: str) -> None:
    """Log it, once: a proxy of one's own has a private address, strangers have not."""
    if _is_address(peer) and not is_public_address(peer):
        logger.warning(
            "%s forwards requests and is not in TRUSTED_PROXIES: all its clients share the limits "
            "of one address",
            peer,
        )


@lru_cache(maxsize=1)
def _networks(texts: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(each, strict=False) for each in texts]


@lru_cache(maxsize=1_000)
def _counted(client: str) -> str:
    """The address or network that `client` is counted by."""
    if not _is_address(client):
        return client
    address = ip_address(client)
    if not isinstance(address, IPv6Address):
        return client
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address), IPV6_PREFIX), strict=False))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _within(text: str, networks: list[IPv4Network | IPv6Network]) -> bool:
    if not _is_address(text):
        return False
    address = ip_address(text)
    return any(address in network for network in networks if network.version == address.version)
