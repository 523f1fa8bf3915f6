"""One web process: uvicorn with the product's options.

`python -m chatproject.run.web [--fd N] [--release]` serves a listening socket it inherits, or
listens on HOST and PORT. `--release` applies a pending release first, and prints the link for the
first administrator.
"""

import argparse
import asyncio
import os
import resource
import signal
import socket
import sys
from contextlib import suppress
from types import FrameType

import uvicorn
from django.core.exceptions import ImproperlyConfigured

from apps.core.draining import draining
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
# How long a connection may wait for its next request. Longer than proxies keep theirs (Caddy as
# configured 30 s, nginx and Amazon's load balancers 60 s): the end that sends requests has to close
# first. Otherwise a request may be on its way when the server closes, and a POST is not repeated.
KEEP_ALIVE_S = 75
# Until proxies have noticed by /readyz that the process is about to end.
NOTICE_S = 3.0


def uvicorn_config() -> uvicorn.Config:
    """uvicorn's configuration. Forwarding headers count from TRUSTED_PROXIES only."""
    proxies = environment.read("TRUSTED_PROXIES")
    return uvicorn.Config(
        "chatproject.asgi:application",
        loop="uvloop",
        http=DrainingHttp,
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
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=6,
    )


class DrainingHttp(HttpProtocol):
    """The HTTP protocol, which ends a connection with its response while the process drains.
    An idle one stays: a request may be on its way, and not every client would repeat it."""

    def on_headers_complete(self) -> None:
        """Begin a request."""
        super().on_headers_complete()
        if draining.is_set():
            self.end_after_response()

    def end_after_response(self) -> None:
        """Accept no further request after the one that is being answered, if any."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False


class ParleyServer(uvicorn.Server):
    """A uvicorn server that hands its clients over to other processes before it ends.

    SIGTERM: tells clients to move, in turns, and finishes what they have asked for. Takes at most
    half a minute. SIGINT: disconnects them at once; they come back spread over ten seconds.

    `notice_s`: how long it still accepts connections after SIGTERM, while /readyz says 503, until a
    load balancer has noticed. `ready_fd`: gets a byte once it serves.
    """

    def __init__(
        self, config: uvicorn.Config, *, notice_s: float = 0, ready_fd: int | None = None
    ) -> None:
        super().__init__(config)
        self._notice_s = notice_s
        self._ready_fd = ready_fd
        self._drains = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell the supervisor."""
        await super().startup(sockets)
        if self.started and self._ready_fd is not None:
            os.write(self._ready_fd, b"1")
            os.close(self._ready_fd)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Be asked to stop."""
        draining.set()
        if sig == signal.SIGINT:
            self._drains = False
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End live connections, which never end by themselves, then shut down."""
        from apps.realtime import drain  # needs Django's apps
        from apps.realtime.server import get_server

        server = get_server()
        # However it ends: nobody is to be sent to this process.
        await server.relay.say_goodbye()
        moving = self._drains and server.relay.has_successor
        if moving:
            await asyncio.sleep(self._notice_s)
        self._stop_accepting()
        if moving:
            handing_over = asyncio.ensure_future(drain.hand_over(server))
            while not handing_over.done() and self._drains:
                await asyncio.wait([handing_over], timeout=0.1)
            handing_over.cancel()
        await drain.finish(server)
        await super().shutdown(sockets)

    def _stop_accepting(self) -> None:
        """Accept no connection, and end those of requests with their response: the next request
        goes to another process."""
        for each in self.servers:
            each.close()
        for connection in list(self.server_state.connections):
            if isinstance(connection, DrainingHttp):
                connection.end_after_response()


def serve(listener: socket.socket, *, shared: bool, ready_fd: int | None = None) -> None:
    """Serve until a signal asks to stop. `shared`: others accept from the listener, too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:  # each client needs a socket, and the usual soft limit is 1,024
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; connections inherit it from their listener
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MS)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES)
    config = uvicorn_config()
    server = ParleyServer(config, notice_s=0 if shared else NOTICE_S, ready_fd=ready_fd)
    # uvicorn raises the signal again once it has stopped.
    with (
        suppress(KeyboardInterrupt),
        asyncio.Runner(loop_factory=config.get_loop_factory()) as runner,
    ):
        runner.run(server.serve(sockets=[listener]))


def main() -> None:
    """Parse the arguments and serve."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatproject.settings")
    parser = argparse.ArgumentParser(prog="python -m chatproject.run.web")
    parser.add_argument("--fd", type=int, help="a listening socket to serve")
    parser.add_argument("--release", action="store_true", help="apply a pending release first")
    parser.add_argument("--ready-fd", type=int, help="a pipe that gets a byte when it serves")
    arguments = parser.parse_args()
    try:
        listener = socket.socket(fileno=arguments.fd) if arguments.fd else listen()
        if arguments.release:
            release.apply_if_pending()
            first_administrator.print_link()
        serve(listener, shared=bool(arguments.fd), ready_fd=arguments.ready_fd)
    except (StartupError, ImproperlyConfigured) as error:
        sys.exit(str(error))


def listen() -> socket.socket:
    """A socket at HOST and PORT."""
    return Address.from_environment().listen()


if __name__ == "__main__":
    main()
