"""Attributes of a process that only Linux has (prctl(2))."""

import ctypes
import os
import sys

SET_PDEATHSIG = 1
SET_NAME = 15
SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int | bytes) -> None:
    """Set an attribute of this process. Raises OSError where that is not possible."""
    if sys.platform != "linux":
        raise OSError("only Linux has prctl(2)")
    if _libc.prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
