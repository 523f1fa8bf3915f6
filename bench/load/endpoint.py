"""Where the server under load listens."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoint:
    """A host and a port of this machine."""

    port: int
    host: str = "127.0.0.1"

    @property
    def authority(self) -> str:
        """For `Host`."""
        return f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        """For `Origin`, and PUBLIC_URL of the server."""
        return f"http://{self.authority}"
