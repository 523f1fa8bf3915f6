"""The address of the server under load."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoint:
    """A host and a port on this machine."""

    port: int
    host: str = "127.0.0.1"

    @property
    def authority(self) -> str:
        """The value of `Host`."""
        return f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """The value of `Origin`, and of the server's PUBLIC_URL."""
        return f"http://{self.authority}"
