"""The address of the server under load."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

P = TypeVar("P", bound=asyncio.BaseProtocol)


@dataclass(frozen=True)
class Endpoint:
    """A host and a port on this machine.

    `public_url`: the server's PUBLIC_URL, if that is another address. `source`: the loopback
    address from which clients connect. One address has 28,232 ports on Linux by default.
    """

    port: int
    host: str = "127.0.0.1"
    public_url: str = ""
    source: str = ""

    @property
    def authority(self) -> str:
        """The value of `Host`."""
        return self.origin.partition("://")[2]

    @property
    def origin(self) -> str:
        """The value of `Origin`."""
        return self.public_url or f"http://{self.host}:{self.port}"

    async def connect(self, make_protocol: Callable[[], P]) -> P:
        """Connect a protocol to the server. Raises OSError."""
        _, protocol = await asyncio.get_running_loop().create_connection(
            make_protocol,
            self.host,
            self.port,
            local_addr=(self.source, 0) if self.source else None,
        )
        return protocol


def source_address(number: int) -> str:
    """The loopback address `number`, from 127.1.0.1 on (Linux has all of 127.0.0.0/8)."""
    high, low = divmod(number, 254)
    return f"127.{1 + high // 256}.{high % 256}.{1 + low}"
