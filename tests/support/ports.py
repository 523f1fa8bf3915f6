"""Ports for servers under test."""

import random
import socket

# Below those that the kernel gives to outgoing connections, so that a port stays ours
# while its server is dead.
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port of the loopback that nobody listens at."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
