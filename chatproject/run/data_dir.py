"""Where one checkout keeps its data: the folder var/."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from chatproject.run.errors import StartupError

CHECKOUT = Path(__file__).resolve().parents[2]

# sockaddr_un.sun_path holds 108 bytes with its closing zero (unix(7)).
MAX_SOCKET_PATH_BYTES = 107
# Fixed, not TMPDIR: whoever runs manage.py by hand must come to the same folder.
SHORT_PATH_PARENT = Path("/tmp")  # nosec B108 # the folder below it is checked in make_private_dir()


@dataclass(frozen=True)
class DataDir:
    """The names inside one data folder."""

    root: Path

    @property
    def lock(self) -> Path:
        """Held by the running supervisor."""
        return self.root / "lock"

    @property
    def status(self) -> Path:
        """How each part is doing, a line each."""
        return self.root / "status"

    @property
    def secret_key(self) -> Path:
        """The signing key, made at the first start."""
        return self.root / "secret_key"

    @property
    def push_key(self) -> Path:
        """The key that pushes are signed with; with another one every device subscribes anew."""
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
    def stamps(self) -> Path:
        """What was done already and need not be done again."""
        return self.root / "stamps"

    @property
    def metrics(self) -> Path:
        """Counters of the processes that run; nothing in it outlives them."""
        return self.root / "metrics"

    @property
    def sockets(self) -> Path:
        """The folder of the Unix sockets; outside var/ where that path would be too long."""
        inside = self.root / "run"
        if len(os.fsencode(inside / ".s.PGSQL.5432")) <= MAX_SOCKET_PATH_BYTES:
            return inside
        name = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return SHORT_PATH_PARENT / f"parley-{os.geteuid()}-{name}"


def default_data_dir() -> DataDir:
    """The data folder of this checkout."""
    return DataDir(CHECKOUT / "var")


def make_private_dir(path: Path) -> Path:
    """Make `path` a folder that only this user can enter, and return it.

    Raises StartupError when something else stands there (another user's folder, a link):
    the short folders lie under a place where anybody may write.
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
