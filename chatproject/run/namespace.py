"""Starting PostgreSQL as root, which it refuses.

A user namespace in which root is called nobody satisfies it: the process keeps root's
ownership of files outside, has no capability left, and nothing need be copied or given
away. Where namespaces are refused (some containers), plain setuid is the fallback; that
user cannot enter root's folders, so binaries and data then live outside the checkout.
"""

import ctypes
import enum
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000  # unshare(2)
NOBODY = 65534
_libc = ctypes.CDLL(None, use_errno=True)


class Way(enum.Enum):
    """How a program that refuses root is started by this user."""

    PLAIN = "plain"
    NAMESPACE = "namespace"
    SETUID = "setuid"


def way(*, reaches: Path) -> Way:
    """The way that works here for a program that must be able to write in `reaches`."""
    if os.geteuid() != 0:
        return Way.PLAIN
    if sys.platform == "linux" and _namespace_works(reaches):
        return Way.NAMESPACE
    return Way.SETUID


def enter() -> None:
    """Move this process (a fresh child, one thread) into its own user namespace.

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


def become_nobody() -> None:
    """Give up root for good in this process (a fresh child)."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def _namespace_works(reaches: Path) -> bool:
    child = os.fork()
    if child == 0:
        try:
            enter()
            # Exec drops the capabilities that the first process of a namespace has.
            os.execv(  # nosec B606 # a fixed command
                "/bin/sh", ["sh", "-c", 'test "$(id -u)" != 0 && test -w "$1"', "sh", str(reaches)]
            )
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0
