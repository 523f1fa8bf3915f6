"""The address on which the product listens: HOST and PORT."""

import contextlib
import errno
import ipaddress
import socket
from dataclasses import dataclass

from chatproject.config import environment
from chatproject.run.errors import StartupError

BACKLOG = 2048


@dataclass(frozen=True)
class Address:
    """A host and a port to listen on."""

    host: str
    port: int

    @classmethod
    def from_environment(cls) -> "Address":
        """HOST and PORT. Raises SettingError for a bad port."""
        return cls(environment.read("HOST"), environment.read("PORT"))

    def url(self) -> str:
        """The URL for a browser on this machine."""
        host, port = self.local_endpoint
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def local_endpoint(self) -> tuple[str, int]:
        """Host and port for clients on this machine: the loopback in place of a wildcard."""
        with contextlib.suppress(ValueError):
            address = ipaddress.ip_address(self.host)
            if address.is_unspecified:
                return "::1" if address.version == 6 else "127.0.0.1", self.port
        return self.host, self.port

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def listen(self) -> socket.socket:
        """A listening socket that the web processes share.

        Raises StartupError, which says what to change, when the address is not available.
        """
        try:
            family, kind, _, _, address = socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
        except socket.gaierror as error:
            raise StartupError(f"HOST is {self.host!r}: {error.strerror}.") from error
        listener = socket.socket(family, kind)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError as error:
            listener.close()
            raise StartupError(self._explain(error)) from error
        return listener

    def _explain(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            free = "PORT=8001" if self.port == 8000 else "another PORT"
            return (
                f"Port {self.port} of {self.host} is taken: stop what listens there, or set {free}."
            )
        if error.errno == errno.EACCES:
            return f"Port {self.port} is for root: set PORT to 1024 or above."
        return f"Cannot listen on {self.host} port {self.port}: {error.strerror}."
