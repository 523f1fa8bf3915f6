"""A fork server that imports this module cannot fork twice, as with too many processes."""

import errno
import os

_fork, _server = os.fork, os.getpid()


def fork() -> int:
    """Fails in forks."""
    if os.getpid() != _server:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return _fork()


os.fork = fork
