"""User namespaces, in which root may start PostgreSQL.

PostgreSQL refuses to run as root. In a user namespace that maps root to nobody it accepts: the
process keeps root's ownership of files outside of the namespace and has no capability left, so no
file has to be copied or given to another user.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000  # unshare(2)
NOBODY = 65534
_libc = ctypes.CDLL(None, use_errno=True)


def enter() -> None:
    """Move this process (a new child with one thread) into its own user namespace.

    Raises OSError when the kernel refuses.
    """
    user, group = os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    for name, value in (
        ("uid_map", f"{NOBODY} {user} 1"),
        ("setgroups", "deny"),
        ("gid_map", f"{NOBODY} {group} 1"),
    ):
        Path(f"/proc/self/{name}").write_text(value)


def is_available(folder: Path) -> bool:
    """Whether a process in a new user namespace is not root and can write to `folder`.

    Some containers forbid user namespaces.
    """
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        try:
            enter()
            # Exec drops the capabilities that the first process of a namespace has.
            os.execv(  # nosec B606 # a fixed command
                "/bin/sh", ["sh", "-c", 'test "$(id -u)" != 0 && test -w "$1"', "sh", str(folder)]
            )
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0
