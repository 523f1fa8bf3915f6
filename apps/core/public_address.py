"""Which IP addresses are on the public internet."""

from ipaddress import IPv6Address, ip_address, ip_network

# RFC 6052: an IPv4 address behind a translator. The embedded address is checked.
NAT64 = ip_network("64:ff9b::/96")
GLOBAL_UNICAST = ip_network("2000::/3")
# Parts of the global ranges that are not public: Teredo and other protocol assignments (RFC 2928),
# 6to4 (RFC 3056) and its relays (RFC 3068), documentation (RFC 9637, unknown to older Pythons),
# and the address of a large cloud's internal metadata service.
NON_PUBLIC_NETWORKS = [
    ip_network(text)
    for text in (
        *("2001::/23", "2002::/16", "192.88.99.0/24", "3fff::/20"),
        "168.63.129.16/32",
    )
]


def is_public_address(text: str) -> bool:
    """Whether an address is on the public internet; looks into IPv4 addresses inside IPv6 ones."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public_address(str(address.ipv4_mapped))
        if address in NAT64:
            return is_public_address(str(ip_address(int(address) & 0xFFFFFFFF)))
        if address not in GLOBAL_UNICAST:
            return False
    outside = address.is_global and not address.is_multicast and not address.is_reserved
    return outside and not any(
        address in network for network in NON_PUBLIC_NETWORKS if network.version == address.version
    )
