"""A single web process, as containers and other tests run it."""

import http.client
import re
import socket
import subprocess
import sys

import pytest

from chatproject.run import web, web_http
from chatproject.run.data_dir import CHECKOUT
from tests.support.servers import Server


def status(server: Server, path: str) -> int:
    """The status of a GET request."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", path)
    code = connection.getresponse().status
    connection.close()
    return code


def test_a_killed_server_refuses_connections_fails_its_probe_and_can_restart_at_its_address(server):
    assert status(server, "/livez") == 200
    assert probe(server) == 0
    server.kill9()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))
    assert probe(server) == 1
    server.restart()
    assert status(server, "/readyz") == 200


def test_the_proxy_closes_idle_connections_before_a_web_process_does():
    """Otherwise a request may be on its way when the web process closes."""
    caddy = (CHECKOUT / "deploy/caddy/Caddyfile").read_text()
    [kept] = re.findall(r"^\s*keepalive (\d+)s$", caddy, re.MULTILINE)
    # nginx and Amazon's load balancers keep theirs 60 s by default.
    assert int(kept) < 60 < web.uvicorn_config().timeout_keep_alive


def test_handshakes_that_fail_or_are_left_give_their_turn_to_the_next(server):
    """The version is wrong; the path is none; the peer has gone; nobody is signed in."""
    most = web_http.MAX_HANDSHAKES
    for _ in range(most):
        assert handshake(server, version=12) == b"HTTP/1.1 400"
        assert handshake(server, path="/ä") == b"HTTP/1.1 400"
        with socket.create_connection(("127.0.0.1", server.port)) as gone:
            gone.sendall(handshake_request())
    assert handshake(server) == b"HTTP/1.1 101"


def handshake(server: Server, *, version: int = 13, path: str = "/ws") -> bytes:
    """The beginning of the response to a request for a WebSocket."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(handshake_request(version=version, path=path))
        return connection.recv(12)


def handshake_request(*, version: int = 13, path: str = "/ws") -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: {version}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Authorization: Bearer unknown\r\n\r\n"
    ).encode()


def probe(server: Server) -> int:
    """The exit code of the program that asks whether a server is ready."""
    command = [sys.executable, "-m", "chatproject.run.probe"]
    environment = {"PORT": str(server.port), "PUBLIC_URL": server.url}
    return subprocess.run(command, env=environment, cwd=CHECKOUT, check=False).returncode


def test_a_bad_setting_ends_the_start_with_one_line(start_server):
    with pytest.raises(RuntimeError) as failure:
        start_server(LOG_LEVEL="LOUD")
    lines = str(failure.value).splitlines()
    assert lines == ["The server does not start:", lines[1]]
    assert lines[1].startswith("LOG_LEVEL is 'LOUD'")
