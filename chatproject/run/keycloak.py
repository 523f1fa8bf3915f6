"""A real Keycloak for development and tests, fetched once into a cache outside of the checkout.

Not for production: it has a fixed administrator and the people of `deploy/keycloak/realm.json`.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from chatproject.run.data_dir import CHECKOUT
from chatproject.run.errors import StartupError
from chatproject.run.service import Service

VERSION = "26.7.3"
SHA1 = "4ff244668809213a1c91ad2505390287203029d0"
ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:tar.gz"
MAVEN_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
REALM_FILE = CHECKOUT / "deploy" / "keycloak" / "realm.json"
REALM = "parley"
ADMIN = "admin"
# The product's client in the realm file, and its secret.
CLIENT = "parley"
CLIENT_SECRET = "only-for-development"
# The public client for apps in the realm file.
APP_CLIENT = "parley-apps"
REQUEST_TIMEOUT_S = 20
FETCH_TIMEOUT_S = 900
BUILD_TIMEOUT_S = 900
SHARED_FOLDERS = ("lib", "conf", "providers", "themes")
JAVA_OPTIONS = (
    *("-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8"),
    *("--add-opens", "java.base/java.util=ALL-UNNAMED"),
    *("--add-opens", "java.base/java.util.concurrent=ALL-UNNAMED"),
    *("--add-opens", "java.base/java.security=ALL-UNNAMED"),
    *("--add-opens", "java.base/java.lang=ALL-UNNAMED"),
    "-Djava.util.concurrent.ForkJoinPool.common.threadFactory="
    "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
    "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
    "-Dpicocli.disable.closures=true",
)


def cache_dir() -> Path:
    """The folder of everything that is fetched once for all checkouts of this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "parley"


def missing_programs() -> list[str]:
    """The programs that are needed and not installed."""
    needed = ["java"] if distribution().exists() else ["java", "mvn"]
    return [name for name in needed if not shutil.which(name)]


def distribution() -> Path:
    """The folder of the unpacked and built distribution; it exists after `install`."""
    return cache_dir() / f"keycloak-{VERSION}"


def saved_database() -> Path:
    """The folder of a database that holds the realm; it depends on the realm file's text."""
    digest = hashlib.sha256(REALM_FILE.read_bytes()).hexdigest()[:12]
    return cache_dir() / f"keycloak-{VERSION}-realm-{digest}"


@contextmanager
def cache_lock() -> Iterator[None]:
    """Let one process at a time change the cache."""
    cache_dir().mkdir(parents=True, exist_ok=True)
    with (cache_dir() / "keycloak.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install() -> None:
    """Fetch, verify, unpack and build the distribution unless it is in the cache.

    Raises StartupError that says what is missing.
    """
    if missing := missing_programs():
        raise StartupError(f"Keycloak needs {' and '.join(missing)}: install it and start again.")
    with cache_lock():
        if distribution().exists():
            return
        archive = _archive()
        new = cache_dir() / f"keycloak-{VERSION}.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        _run(["tar", "-xzf", str(archive), "-C", str(new)], timeout_s=BUILD_TIMEOUT_S)
        home = new / f"keycloak-{VERSION}"
        _run(
            [str(home / "bin" / "kc.sh"), "build", "--db=dev-file", "--health-enabled=true"],
            timeout_s=BUILD_TIMEOUT_S,
        )
        # A rename at the end: an interrupted installation leaves nothing that looks complete.
        home.rename(distribution())
        shutil.rmtree(new, ignore_errors=True)


def _archive() -> Path:
    archive = cache_dir() / f"keycloak-quarkus-dist-{VERSION}.tar.gz"
    if not archive.exists():
        _run(
            ["mvn", "-q", MAVEN_COPY, f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={cache_dir()}"],
            timeout_s=FETCH_TIMEOUT_S,
        )
    with archive.open("rb") as file:
        # The checksum that Maven Central publishes is a SHA-1.
        found = hashlib.file_digest(file, "sha1").hexdigest()
    if found != SHA1:
        archive.unlink()
        raise StartupError(f"Keycloak's archive has the SHA-1 {found}, not {SHA1}: removed it.")
    return archive


def _run(command: list[str], *, timeout_s: float) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StartupError(f"{Path(command[0]).name} failed: {error}") from error
    if done.returncode != 0:
        last = (done.stdout + done.stderr).strip()[-800:]
        raise StartupError(f"{Path(command[0]).name} failed:\n{last}")


def create_home(home: Path) -> None:
    """Create the folder of one server: links to the distribution, and its own data.

    The data is a copy of the saved database if there is one; else the first start imports the
    realm, which takes about ten seconds longer.
    """
    (home / "data" / "import").mkdir(parents=True)
    for name in SHARED_FOLDERS:
        (home / name).symlink_to(distribution() / name)
    if saved_database().exists():
        shutil.copytree(saved_database(), home / "data" / "h2")
    else:
        shutil.copy(REALM_FILE, home / "data" / "import" / "realm.json")


def save_database(home: Path) -> None:
    """Save the database of a stopped server that has imported the realm."""
    with cache_lock():
        if not saved_database().exists():
            new = saved_database().with_suffix(".new")
            shutil.rmtree(new, ignore_errors=True)
            shutil.copytree(home / "data" / "h2", new)
            new.rename(saved_database())


def issuer(port: int) -> str:
    """OIDC_ISSUER of a server on that port."""
    return f"http://127.0.0.1:{port}/realms/{REALM}"


def service(home: Path, *, port: int, management_port: int) -> Service:
    """The server of `home`, on loopback."""
    return Service(
        name="keycloak",
        outage_effect="nobody can sign in with Keycloak",
        # Java itself, not kc.sh: so the process id is the server's, and signals reach it.
        command=(
            *("java", *JAVA_OPTIONS, f"-Dkc.home.dir={home}"),
            *(f"-Djboss.server.config.dir={home / 'conf'}", "-cp", f"{home}/lib/quarkus-run.jar"),
            *("io.quarkus.bootstrap.runner.QuarkusEntryPoint", "start", "--optimized"),
            # Without --cache=local it listens on every interface.
            *("--import-realm", "--cache=local", "--http-enabled=true", "--http-host=127.0.0.1"),
            *(f"--http-port={port}", f"--http-management-port={management_port}"),
            *(f"--hostname=http://127.0.0.1:{port}", "--log-level=warn"),
        ),
        environment={"KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN, "KC_BOOTSTRAP_ADMIN_PASSWORD": ADMIN},
        stop_timeout_s=20,
    )


def ready(port: int) -> bool:
    """Whether the server on that port has its realm. It replies 503 while it starts."""
    address = f"{issuer(port)}/.well-known/openid-configuration"
    try:
        with _direct().open(address, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def send_logouts_to(port: int, url: str) -> None:
    """Have the server on that port send the logouts of our clients to `url`; empty: to nobody.

    The address in the realm file counts at its import only. Raises OSError when the administrator's
    password was changed.
    """
    server = f"http://127.0.0.1:{port}"
    form = {
        "grant_type": "password",
        "client_id": "admin-cli",
        "username": ADMIN,
        "password": ADMIN,
    }
    token = _json(
        urllib.request.Request(
            f"{server}/realms/master/protocol/openid-connect/token", data=urlencode(form).encode()
        )
    )["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    clients = f"{server}/admin/realms/{REALM}/clients"
    for name in (CLIENT, APP_CLIENT):
        asked = urllib.request.Request(f"{clients}?clientId={name}", headers=headers)
        for client in _json(asked):
            client["attributes"]["backchannel.logout.url"] = url
            changed = json.dumps(client).encode()
            address = f"{clients}/{client['id']}"
            _json(urllib.request.Request(address, data=changed, headers=headers, method="PUT"))


def _json(request: urllib.request.Request) -> Any:
    """The parsed response; None for an empty one. Raises OSError."""
    with _direct().open(request, timeout=REQUEST_TIMEOUT_S) as response:
        body = response.read()
    return json.loads(body) if body else None


def _direct() -> urllib.request.OpenerDirector:
    """Never through a proxy of the environment: the server is on this machine."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))
