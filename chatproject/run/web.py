"""One web process: uvicorn, as the product needs it, wherever it runs.

`python -m chatproject.run.web [--fd N] [--release]` serves a socket it is handed, or listens
on HOST and PORT by itself. `--release` applies a pending release first.
"""

import argparse
import asyncio
import os
import resource
import socket
import sys

import uvicorn
from django.core.exceptions import ImproperlyConfigured

from apps.wire.limits import FRAME_BYTES
from chatproject.run import release
from chatproject.run.address import Address
from chatproject.run.errors import StartupError

# A peer that acknowledges nothing for so long has vanished. Sockets are pinged, streams are not.
TCP_USER_TIMEOUT_MS = 40_000
# What the kernel takes of a connection before the peer has read what came before. Its own limit
# grows to megabytes: on a slow line pings would wait behind them until the peer is taken for gone.
MAX_UNSENT_BYTES = 128 * 1024


def config() -> uvicorn.Config:
    """How the application is served. TRUSTED_PROXIES: whose forwarding headers count."""
    proxies = os.environ.get("TRUSTED_PROXIES", "")
    return uvicorn.Config(
        "chatproject.asgi:application",
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=FRAME_BYTES,
        # Deflate keeps tens of kilobytes for each socket and costs more than it saves on
        # frames of a few hundred bytes.
        ws_per_message_deflate=False,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=8,
    )


class ParleyServer(uvicorn.Server):
    """Sends streams and polls away at its end: it waits for answers, and theirs have none."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve no more."""
        from apps.realtime.server import server  # the apps are loaded by the application

        server().end()
        await super().shutdown(sockets)


def serve(listener: socket.socket) -> None:
    """Serve until told to stop."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:  # a socket a person, and the usual soft limit is 1,024
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; connections have it from their listener
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MS)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES)
    settings = config()
    server = ParleyServer(settings)
    with asyncio.Runner(loop_factory=settings.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listener]))


def main() -> None:
    """Read the arguments and serve."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    reader = argparse.ArgumentParser(prog="python -m chatproject.run.web")
    reader.add_argument("--fd", type=int, help="a listening socket to serve")
    reader.add_argument("--release", action="store_true", help="apply a pending release first")
    given = reader.parse_args()
    try:
        listener = socket.socket(fileno=given.fd) if given.fd else listen()
        if given.release:
            release.apply_if_pending()
        serve(listener)
    except (StartupError, ImproperlyConfigured) as error:
        sys.exit(str(error))


def listen() -> socket.socket:
    """A socket at HOST and PORT."""
    return Address.from_environment().listen()


if __name__ == "__main__":
    main()
