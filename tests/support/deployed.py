"""What docker-compose.yml starts, started without Docker: the same commands with the same
environment, Debian's servers with the shipped configuration, and secrets of deploy/create-secrets.

Only addresses differ: everything is on localhost, on free ports.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from chatproject.run import namespace, seaweedfs
from chatproject.run.data_dir import CHECKOUT
from chatproject.run.service import Service
from tests.support.ports import free_port
from tests.support.processes import Process, end_all
from tests.support.static import collected_static

COMPOSE: dict[str, Any] = yaml.load((CHECKOUT / "docker-compose.yml").read_text(), yaml.CSafeLoader)
SERVICES: dict[str, Any] = COMPOSE["services"]
START_TIMEOUT_S = 60.0
INSIDE = "/run/secrets"


def filled(value: str, variables: Mapping[str, str]) -> str:
    """The value as compose fills it in."""

    def one(found: re.Match[str]) -> str:
        name, operator, fallback = found.groups()
        given = variables.get(name)
        if operator in (":-", ":?"):
            given = given or None
        assert operator not in ("?", ":?") or given is not None, f"{name} is missing"
        return fallback if given is None else given

    pattern = r"\$\{(\w+)(:?[-?])([^}]*)\}"
    return re.sub(pattern, one, value).replace("$$", "$")


def values_of(path: Path) -> dict[str, str]:
    """The variables of a file such as .env."""
    lines = (line for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def program(name: str) -> str:
    """The path of a program of Debian, or of the wheel of Caddy; skips the test without it, but
    fails in CI."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    wheels = Path(sys.executable).parent
    path = str(wheels) if name == "caddy" else "/usr/bin:/usr/sbin:/bin"
    found = str(versions[-1]) if versions else shutil.which(name, path=path)
    if found is None:
        message = f"no {name}: apt-get install postgresql redis-server"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


class Deployed:
    """One machine. Ports outlive its processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secrets = folder / "secrets"
        self.ports = {
            name: free_port()
            for name in (
                *("postgres", "valkey", "seaweedfs", "web", "proxy", "plain", "worker", "files"),
            )
        }
        self.url = f"https://localhost:{self.ports['proxy']}"
        self.ca = self.secrets / "ca.crt"
        self.env = values_of(CHECKOUT / ".env.example") | {
            "PUBLIC_URL": self.url,
            "S3_ENDPOINT_URL": f"https://localhost:{self.ports['seaweedfs']}",
        }
        self.started: list[Process] = []
        # Caddy binds loopback in the place of the container's address.
        self.edge = "127.0.0.1"

    def create_secrets(self) -> None:
        """Run deploy/create-secrets, and change the addresses in the URLs."""
        subprocess.run(
            [CHECKOUT / "deploy/create-secrets", self.secrets],
            env={**os.environ, "ENV_FILE": os.devnull},
            check=True,
            capture_output=True,
        )
        for name, store, address in (
            ("database_url", "postgres", "@postgres/"),
            ("redis_url", "valkey", "@valkey:6379/"),
        ):
            url = (self.secrets / name).read_text()
            assert address in url
            here = url.replace(address, f"@localhost:{self.ports[store]}/")
            (self.secrets / name).write_text(here.replace(INSIDE, str(self.secrets)))

    def secret(self, name: str) -> str:
        """The value in one file."""
        return (self.secrets / name).read_text()

    def start_postgres(self) -> None:
        """Debian's PostgreSQL with the options of the service: the embedded one has no TLS."""
        data = self.folder / "postgres"
        enter = namespace.enter if os.geteuid() == 0 else None
        password = str(self.secrets / "postgres_password")
        subprocess.run(
            [
                *(program("initdb"), "-D", data, "--username", "parley", "--pwfile", password),
                *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync"),
            ],
            preexec_fn=enter,
            cwd="/",
            check=True,
            capture_output=True,
        )
        key = data / "tls.key"
        shutil.copy(self.secrets / "postgres.key", key)
        key.chmod(0o600)
        options = [
            word.replace("/tmp/postgres.key", str(key))
            .replace("/etc/postgresql", str(CHECKOUT / "deploy/postgres"))
            .replace(INSIDE, str(self.secrets))
            for word in SERVICES["postgres"]["command"][1:]
        ]
        here = (f"port={self.ports['postgres']}", "listen_addresses=127.0.0.1", "fsync=off")
        here += ("unix_socket_directories=", "full_page_writes=off")
        command = (program("postgres"), "-D", str(data), *options)
        command += tuple(word for option in here for word in ("-c", option))
        self._launch(
            Service(
                name="postgres",
                command=command,
                preexec_fn=enter,
                cwd=Path("/"),
                stop_signal=signal.SIGINT,
            )
        )
        url = self.secret("database_url").replace("/parley?", "/postgres?")

        def create() -> bool:
            try:
                with psycopg.connect(url, autocommit=True) as connection:
                    connection.execute("CREATE DATABASE parley")
            except psycopg.OperationalError:
                return False
            return True

        wait_until(create)

    def start_valkey(self) -> None:
        """Debian's Redis with Valkey's configuration and people: the embedded one has no TLS."""
        configuration = (CHECKOUT / "deploy/valkey/valkey.conf").read_text()
        acl = self.folder / "users.acl"
        people = (CHECKOUT / "deploy/valkey/users.acl").read_text()
        # Redis 7.0 does not know this one.
        known = people.replace(" +client|setinfo", "")
        password = sha256(self.secret("valkey_password").encode()).hexdigest()
        acl.write_text(known.replace("PASSWORD", password))
        path = self.folder / "valkey.conf"
        path.write_text(
            configuration.replace(INSIDE, str(self.secrets))
            .replace("/tmp/users.acl", str(acl))
            .replace("tls-port 6379", f"tls-port {self.ports['valkey']}\nbind 127.0.0.1")
        )
        command = (program("redis-server"), str(path))
        self._launch(Service(name="valkey", command=command, cwd=self.folder))

    def start_seaweedfs(self) -> None:
        """SeaweedFS with the options of the service."""
        options = [
            filled(word, self.env).replace(INSIDE, str(self.secrets))
            for word in SERVICES["seaweedfs"]["command"]
        ]
        data = self.folder / "objects"
        data.mkdir()
        moved = {"-dir": data, "-ip.bind": "127.0.0.1", "-s3.port.https": self.ports["seaweedfs"]}
        inside = {name: free_port() for name in seaweedfs.PORT_OPTIONS}
        self.ports |= {"filer": inside["filer.port.grpc"], "volume": inside["volume.port"]}
        moved |= {f"-{name}": port for name, port in inside.items()}
        kept = [word for word in options if word.partition("=")[0] not in moved]
        secret = self.secret("s3_secret_access_key")
        keys = re.findall(r"WEED_JWT_\w+", SERVICES["seaweedfs"]["entrypoint"][2])
        self._launch(
            Service(
                name="seaweedfs",
                command=(
                    *(str(seaweedfs._program()), f"-logdir={self.folder}", "mini"),
                    *(*kept, f"-admin.password={secret}"),
                    *(f"{name}={value}" for name, value in moved.items()),
                ),
                environment={
                    name: filled(value, self.env).replace(INSIDE, str(self.secrets))
                    for name, value in SERVICES["seaweedfs"]["environment"].items()
                }
                | {"AWS_SECRET_ACCESS_KEY": secret}
                | dict.fromkeys(keys, secrets.token_hex()),
            )
        )

    def environment(self, name: str) -> dict[str, str]:
        """The environment of a service of Parley. Settings of this process itself do not count."""
        given = {
            key: filled(str(value), self.env).replace(INSIDE, str(self.secrets))
            for key, value in SERVICES[name]["environment"].items()
        }
        unset = {key.removesuffix("_FILE"): "" for key in given if key.endswith("_FILE")}
        return {
            **unset,
            **given,
            **({"TRUSTED_PROXIES": self.edge} if name == "web" else {}),
            # Containers have an address each, these processes one together.
            **(
                {"WORKER_METRICS_PORT": str(self.ports.get(name, 0))}
                if "WORKER_METRICS_PORT" in given
                else {}
            ),
            "HOST": "127.0.0.1",
            "PORT": str(self.ports["web"]),
            "STATIC_ROOT": str(collected_static()),
            "FILES_ROOT": str(self.folder / "files"),
        }

    def service(self, name: str, **changed: str) -> Service:
        """A service of Parley, with its command."""
        places = {"python": sys.executable, "celery": str(Path(sys.executable).parent / "celery")}
        program, *words = SERVICES[name]["command"]
        words = [word.replace("/tmp/", f"{self.folder}/") for word in words]
        return Service(
            name=name,
            command=(places[program], *words),
            environment={**self.environment(name), **changed},
            cwd=CHECKOUT,
        )

    def run(self, name: str, *command: str, **changed: str) -> subprocess.CompletedProcess[str]:
        """Run a service of Parley until it exits; `command` instead of its own."""
        service = self.service(name, **changed)
        return subprocess.run(
            command or service.command,
            env={**os.environ, **service.environment},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )

    def launch(self, name: str, **changed: str) -> Process:
        """Start a service of Parley."""
        return self._launch(self.service(name, **changed))

    def start_proxy(self, *web: str) -> None:
        """Caddy with the shipped Caddyfile, in front of the web process of this machine, or of
        those at these addresses. It has no TLS if `url` has none."""
        text = (CHECKOUT / "deploy/caddy/Caddyfile").read_text()
        port = self.ports["proxy"]
        path = self.folder / "Caddyfile"
        # Two ports of this machine's own for the ones that only root may listen on.
        plain, secure = self.ports["plain"], port
        if self.url.startswith("http:"):
            plain, secure = secure, plain
        path.write_text(text.replace("\tadmin off\n", f"\tadmin off\n\thttp_port {plain}\n"))
        environment = {
            "PUBLIC_URL": self.url,
            "HTTPS_PORT": str(secure),
            "KEYCLOAK_URL": f"https://keycloak.localhost:{secure}",
            "SECRETS": str(self.secrets),
            "WEB": " ".join(web or (f"127.0.0.1:{self.ports['web']}",)),
            "XDG_DATA_HOME": str(self.folder / "caddy"),
            "XDG_CONFIG_HOME": str(self.folder / "caddy"),
        }
        command = (program("caddy"), "run", "--adapter", "caddyfile", "--config", str(path))
        self._launch(Service(name="proxy", command=command, environment=environment))

    def wait_for(self, name: str) -> None:
        """Return when a part accepts connections."""

        def accepts() -> bool:
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", self.ports[name])) == 0

        wait_until(accepts)

    def end(self) -> None:
        """Stop everything; what was started first ends last."""
        end_all(self.started[::-1])

    def _launch(self, service: Service) -> Process:
        process = Process(service)
        self.started.append(process)
        process.launch()
        return process


def wait_until(condition: Callable[[], bool]) -> None:
    """Ask until it is so."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)
