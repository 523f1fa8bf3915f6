"""Tests run in a network of their own, without a way out: whatever calls another machine fails.

So the suite shows that the product calls nobody who is not configured (`manage.py egress_report`).
"""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

CLONE_NEWNET, CLONE_NEWUSER = 0x40000000, 0x10000000  # unshare(2)
# A browser counts as offline where loopback is all there is. The address is of nobody (RFC 5737),
# and there is no route beyond it.
INTERFACES = (
    "link set lo up",
    "link add way type veth peer name out",
    "address add 192.0.2.1/32 dev way",
    "link set way up",
    "link set out up",
)


def enter() -> bool:
    """Move this process and those that it will start into such a network, where the machine allows
    it. Call it while the process has one thread. Returns whether it is there."""
    if sys.platform != "linux" or not shutil.which("ip") or not _is_possible():
        return False
    _enter()
    return True


def _is_possible() -> bool:
    """Whether a child process can do it: there is no way back."""
    child = os.fork()
    if child == 0:
        try:
            _enter()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def _enter() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        # Without root: as root of a namespace of its own, whose files stay those of this user.
        user, group = os.geteuid(), os.getegid()
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "no namespace")
        for name, value in (
            ("uid_map", f"{user} {user} 1"),
            ("setgroups", "deny"),
            ("gid_map", f"{group} {group} 1"),
        ):
            Path(f"/proc/self/{name}").write_text(value)
    for command in INTERFACES:
        subprocess.run(["ip", *command.split()], check=True, stderr=subprocess.DEVNULL)
