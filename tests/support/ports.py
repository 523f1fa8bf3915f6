"""Free ports for servers under test."""

import random
import socket

# Below the ports of outgoing connections, so that the kernel gives a port to no other process while
# its server is down.
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port of the loopback on which nothing listens."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
