"""One web process: uvicorn with the product's options.

`python -m chatproject.run.web [--fd N] [--release]` serves a listening socket it inherits, or
listens on HOST and PORT. `--release` applies a pending release first, and prints the link for the
first administrator.
"""

import argparse
import asyncio
import os
import resource
import socket
import sys

import uvicorn
from django.core.exceptions import ImproperlyConfigured

from apps.wire.limits import MAX_FRAME_BYTES
from chatproject.config import environment
from chatproject.run import first_administrator, release
from chatproject.run.address import Address
from chatproject.run.errors import StartupError
from chatproject.run.web_http import HttpProtocol
from chatproject.run.web_socket import LeanWebSocket

# Close a connection whose peer has acknowledged nothing for this long. WebSockets have pings;
# streams have nothing else that detects a dead peer.
TCP_USER_TIMEOUT_MS = 40_000
# Unsent data that the kernel buffers for a connection. Its own limit grows to megabytes: on a slow
# line pings would wait behind them until the peer counts as dead.
MAX_UNSENT_BYTES = 128 * 1024


def uvicorn_config() -> uvicorn.Config:
    """uvicorn's configuration. Forwarding headers count from TRUSTED_PROXIES only."""
    proxies = environment.read("TRUSTED_PROXIES")
    return uvicorn.Config(
        "chatproject.asgi:application",
        loop="uvloop",
        http=HttpProtocol,
        ws=LeanWebSocket,
        ws_max_size=MAX_FRAME_BYTES,
        # Deflate needs tens of kilobytes for each socket, and costs more than it saves on frames of
        # a few hundred bytes.
        ws_per_message_deflate=False,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        server_header=False,
        # Its loggers have no handlers of their own: what they write has the form of all lines
        # (apps.core.log_lines).
        log_config=None,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=8,
    )


class ParleyServer(uvicorn.Server):
    """A uvicorn server that ends streams and polls at shutdown.

    uvicorn waits for pending responses, and these never end by themselves.
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End live connections, then shut down."""
        from apps.realtime.server import get_server  # needs Django's apps

        get_server().close_connections()
        await super().shutdown(sockets)


def serve(listener: socket.socket) -> None:
    """Serve until a signal asks to stop."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:  # each client needs a socket, and the usual soft limit is 1,024
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; connections inherit it from their listener
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MS)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES)
    config = uvicorn_config()
    server = ParleyServer(config)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listener]))


def main() -> None:
    """Parse the arguments and serve."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    parser = argparse.ArgumentParser(prog="python -m chatproject.run.web")
    parser.add_argument("--fd", type=int, help="a listening socket to serve")
    parser.add_argument("--release", action="store_true", help="apply a pending release first")
    arguments = parser.parse_args()
    try:
        listener = socket.socket(fileno=arguments.fd) if arguments.fd else listen()
        if arguments.release:
            release.apply_if_pending()
            first_administrator.print_link()
        serve(listener)
    except (StartupError, ImproperlyConfigured) as error:
        sys.exit(str(error))


def listen() -> socket.socket:
    """A socket at HOST and PORT."""
    return Address.from_environment().listen()


if __name__ == "__main__":
    main()
