"""Asks a web process for /readyz without blocking the caller for long.

`python -m chatproject.run.probe` asks the process at HOST and PORT: a health check for containers.
"""

import socket
import sys
import time
from urllib.parse import urlsplit

from chatproject.config import environment
from chatproject.run.address import Address

# Long enough not to flood a busy machine with requests, short enough for a quick start.
READ_TIMEOUT_S = 0.05
PROBE_TIMEOUT_S = 2


class Probe:
    """One request for /readyz at a time. `ready` may be called as often as needed."""

    def __init__(self, address: Address, public_url: str) -> None:
        self._address = address
        self._host = urlsplit(public_url).netloc  # the server refuses other hosts
        self._client: socket.socket | None = None

    def ready(self) -> bool:
        """Whether the server has responded, with a status below 500."""
        try:
            response = self._connection().recv(64)
        except TimeoutError:
            return False
        except OSError:
            response = b""
        self.close()
        return response.startswith(b"HTTP/1.") and response[9:10] in b"1234"

    def close(self) -> None:
        """Abandon the current request."""
        if self._client:
            self._client.close()
            self._client = None

    def _connection(self) -> socket.socket:
        if self._client is None:
            self._client = socket.create_connection(self._address.local_endpoint, timeout=1)
            self._client.sendall(
                f"GET /readyz HTTP/1.1\r\nHost: {self._host}\r\nConnection: close\r\n\r\n".encode()
            )
            self._client.settimeout(READ_TIMEOUT_S)
        return self._client


def main() -> int:
    """Ask until the server is ready or the time is up. Returns the exit code."""
    address = Address.from_environment()
    environment.set_default("PUBLIC_URL", address.url(), source="HOST and PORT")
    probe = Probe(address, environment.read("PUBLIC_URL"))
    deadline = time.monotonic() + PROBE_TIMEOUT_S
    while time.monotonic() < deadline:
        if probe.ready():
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
