"""The metrics of a worker, on a port of its own: no web process knows what it counts."""

import logging
import socket
import sys
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any

from django.conf import settings
from prometheus_client import CONTENT_TYPE_LATEST

from chatproject.config import environment
from chatproject.counters import counters
from chatproject.health.readers import has_token

logger = logging.getLogger(__name__)
# Of a program that connects and sends nothing, or a byte now and then, or reads no response.
REQUEST_TIMEOUT_S = 5.0
# Answered at the same time. More are not accepted: their connections are closed.
MAX_REQUESTS = 8


class Handler(BaseHTTPRequestHandler):
    """`GET /metrics` with METRICS_TOKEN; 404 for all else."""

    def do_GET(self) -> None:
        """Respond."""
        if self.path != "/metrics" or not has_token(self.headers.get("Authorization", "")):
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body = counters()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", CONTENT_TYPE_LATEST)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        """Without the version of Python."""
        return "parley"

    def log_message(self, *_: object) -> None:
        """No line for a request."""


class Server(ThreadingTCPServer):
    """Answers MAX_REQUESTS at the same time, each in a thread that does not keep the worker from
    ending. Not HTTPServer, which asks the name server for its own name."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: tuple[str, int]) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._free = threading.BoundedSemaphore(MAX_REQUESTS)
        super().__init__(address, Handler)

    def verify_request(self, *_: object) -> bool:
        """Whether there is room for one more."""
        return self._free.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer it, within a time limit as a whole."""
        timer = threading.Timer(REQUEST_TIMEOUT_S, _cut, [request])
        timer.daemon = True
        try:
            timer.start()
            super().process_request_thread(request, client_address)
        finally:
            timer.cancel()
            self._free.release()

    def handle_error(self, *_: object) -> None:
        """Log what went wrong, as a folder of counters that cannot be read, but not that a client
        has gone away."""
        if not isinstance(sys.exception(), ConnectionError):
            logger.exception("a request for the metrics of this worker failed")


def _cut(connection: socket.socket) -> None:
    """End the waits of the thread that answers."""
    with suppress(OSError):  # it has just ended
        connection.shutdown(socket.SHUT_RDWR)


def start() -> Server | None:
    """Serve from now on, if there is a port and a token. A port that is taken is logged: the worker
    does its work without metrics."""
    if not (settings.WORKER_METRICS_PORT and settings.METRICS_TOKEN):
        return None
    address = (environment.read("HOST"), settings.WORKER_METRICS_PORT)
    try:
        server = Server(address)
    except OSError as error:
        logger.warning("WORKER_METRICS_PORT: no metrics at %s:%d: %s", *address, error)
        return None
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
