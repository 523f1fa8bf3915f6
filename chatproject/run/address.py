"""The address the product is served at: HOST and PORT."""

import contextlib
import errno
import ipaddress
import os
import socket
from dataclasses import dataclass

from chatproject.run.errors import StartupError

BACKLOG = 2048


@dataclass(frozen=True)
class Address:
    """Where to listen."""

    host: str
    port: int

    @classmethod
    def from_environment(cls) -> "Address":
        """HOST (default loopback) and PORT (default 8000). Raises StartupError on nonsense."""
        port = os.environ.get("PORT") or "8000"
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise StartupError(f"PORT is {port!r}: set it to a number from 1 to 65535.")
        return cls(os.environ.get("HOST") or "127.0.0.1", int(port))

    def url(self) -> str:
        """What to type into a browser on this machine."""
        host, port = self.local_endpoint
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def local_endpoint(self) -> tuple[str, int]:
        """Where a client on this machine connects: the loopback of a wildcard."""
        with contextlib.suppress(ValueError):
            address = ipaddress.ip_address(self.host)
            if address.is_unspecified:
                return "::1" if address.version == 6 else "127.0.0.1", self.port
        return self.host, self.port

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def listen(self) -> socket.socket:
        """A listening socket, for the web processes to share.

        Raises StartupError with the way out when the address cannot be had.
        """
        try:
            family, kind, _, _, place = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
        except socket.gaierror as error:
            raise StartupError(f"HOST is {self.host!r}: {error.strerror}.") from error
        listener = socket.socket(family, kind)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(place)
            listener.listen(BACKLOG)
        except OSError as error:
            listener.close()
            raise StartupError(self._listen_error(error)) from error
        return listener

    def _listen_error(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            free = "PORT=8001" if self.port == 8000 else "another PORT"
            return (
                f"Port {self.port} of {self.host} is taken: stop what listens there, or set {free}."
            )
        if error.errno == errno.EACCES:
            return f"Port {self.port} is for root: set PORT to 1024 or above."
        return f"Cannot listen on {self.host} port {self.port}: {error.strerror}."
