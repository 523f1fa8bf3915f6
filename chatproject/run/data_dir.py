"""The data directory of a checkout: var/."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from chatproject.run.errors import StartupError

CHECKOUT = Path(__file__).resolve().parents[2]

# sockaddr_un.sun_path holds 108 bytes with its closing zero (unix(7)).
MAX_SOCKET_PATH_BYTES = 107
# Not TMPDIR: every process must find the same folder, manage.py in another shell too.
SHORT_PATH_PARENT = Path("/tmp")  # nosec B108 # make_private_dir() checks the folder below it


@dataclass(frozen=True)
class DataDir:
    """The paths inside one data directory."""

    root: Path

    @property
    def lock(self) -> Path:
        """Locked by the running supervisor."""
        return self.root / "lock"

    @property
    def status(self) -> Path:
        """A line about each service."""
        return self.root / "status"

    @property
    def restart(self) -> Path:
        """How the last restart of the services went."""
        return self.root / "restart"

    @property
    def public_url(self) -> Path:
        """PUBLIC_URL of the running server, or of the last one that ran."""
        return self.root / "public_url"

    @property
    def secret_key(self) -> Path:
        """The signing key, created by the first start."""
        return self.root / "secret_key"

    @property
    def push_key(self) -> Path:
        """The key that signs pushes. After a change every device has to subscribe again."""
        return self.root / "push_key"

    @property
    def postgres(self) -> Path:
        """PostgreSQL's data."""
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's working folder."""
        return self.root / "valkey"

    @property
    def metrics(self) -> Path:
        """Counters of the running processes; emptied by each start."""
        return self.root / "metrics"

    @property
    def sockets(self) -> Path:
        """The folder of the Unix sockets, outside of var/ where its path would be too long."""
        inside = self.root / "run"
        if len(os.fsencode(inside / ".s.PGSQL.5432")) <= MAX_SOCKET_PATH_BYTES:
            return inside
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return SHORT_PATH_PARENT / f"parley-{os.geteuid()}-{name}"


def default_data_dir() -> DataDir:
    """The data directory of this checkout."""
    return DataDir(CHECKOUT / "var")


def make_private_dir(path: Path) -> Path:
    """Create a folder that only this user can enter, and return its path.

    Raises StartupError when `path` is something else (another user's folder, a link): the short
    paths are below a folder in which anybody may write.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
    except OSError as error:
        raise StartupError(f"Cannot make the folder {path}: {error.strerror}.") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise StartupError(f"{path} is not a folder of this user; remove it or start as its owner.")
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)
    return path
