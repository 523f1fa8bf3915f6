"""Asking a web process whether it serves, without waiting for it.

`python -m chatproject.run.probe` asks the one at HOST and PORT, for container health checks.
"""

import os
import socket
import sys
import time
from urllib.parse import urlsplit

from chatproject.run.address import Address

# Long enough that a busy machine is not asked over and over, short enough to stay quick.
READ_TIMEOUT_S = 0.05


class Probe:
    """One request for /readyz at a time; `ready` may be called as often as one likes."""

    def __init__(self, address: Address, public_url: str) -> None:
        self._address = address
        self._host = urlsplit(public_url).netloc  # requests for other hosts are refused
        self._client: socket.socket | None = None

    def ready(self) -> bool:
        """Whether the server has answered, and with something else than "not yet" (5xx)."""
        try:
            answer = self._connection().recv(64)
        except TimeoutError:
            return False
        except OSError:
            answer = b""
        self.close()
        return answer.startswith(b"HTTP/1.") and answer[9:10] in b"1234"

    def close(self) -> None:
        """Forget the request that is under way."""
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
    """Ask for two seconds at most. Returns the exit code."""
    address = Address.from_environment()
    probe = Probe(address, os.environ.get("PUBLIC_URL") or address.url())
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        if probe.ready():
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
