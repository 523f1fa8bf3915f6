"""A web server of the test's own, for what the product fetches."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext


class Page(BaseHTTPRequestHandler):
    """One request to a `Web`; its answer is `web.answer(page)`."""

    protocol_version = "HTTP/1.1"
    server: "Web"
    body = b""

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers)))
        self.server.answer(self)

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def say(self, body: bytes = b"<title>Hi</title>", *, status: int = 200, **headers: str) -> None:
        """Answer; underscores in names of headers stand for hyphens."""
        self.send_response(status)
        given = {"Content-Type": "text/html", "Content-Length": str(len(body))}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in given.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class Web(ThreadingHTTPServer):
    """Keeps what it was asked for, as (path, headers)."""

    def __init__(self, answer: Callable[[Page], None], page: type[Page] = Page) -> None:
        super().__init__(("127.0.0.1", 0), page)
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.answer = answer
        self.origin = f"http://127.0.0.1:{self.server_port}"


@contextmanager
def serving(
    answer: Callable[[Page], None], tls: SSLContext | None = None, page: type[Page] = Page
) -> Iterator[Web]:
    """A server that answers on loopback until the block ends. `page`: with further methods."""
    web = Web(answer, page)
    if tls is not None:
        web.socket = tls.wrap_socket(web.socket, server_side=True)
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield web
    finally:
        web.shutdown()
        thread.join()
        web.server_close()
