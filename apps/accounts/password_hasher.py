"""Passwords are hashed for a few people at a time.

By design a hash takes a quarter of a second of a processor, in eight threads, and 100 MiB
(Argon2id, RFC 9106). A hundred people who sign in together would take the memory of the machine,
and the processor from everybody who is connected.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection

from apps.core.errors import Unavailable

T = TypeVar("T")

# Each process has so many.
AT_ONCE = 2
# Each of them keeps a thread of requests, which others need as well.
MAX_WAITING = 40
TIMEOUT_S = 8.0
# Of a thread, on Linux: a hash has little of a busy machine, and all of an idle one.
NICENESS = 10


class Turns:
    """Runs work in a few threads of low priority."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, "password", initializer=_yield_to_others)
        self._places = threading.BoundedSemaphore(AT_ONCE + MAX_WAITING)

    def run(self, work: Callable[[], T]) -> T:
        """The result of `work`. Raises Unavailable when too much waits, or for too long."""
        if not self._places.acquire(blocking=False):
            raise Unavailable(retry_after=5)
        future = self._threads.submit(work)
        future.add_done_callback(lambda _: self._places.release())
        try:
            return future.result(TIMEOUT_S)
        except TimeoutError:
            future.cancel()
            raise Unavailable(retry_after=5) from None


class PasswordHasher(Argon2PasswordHasher):
    """Argon2 as Django has it, in turns.

    Inside of a transaction nobody waits for a turn, because that would keep its locks. Neither does
    a command: it runs in the main thread, where Ctrl+C raises an exception. One that comes while a
    thread of the executor starts leaves a thread that never ends, and so the command does not.
    """

    def encode(self, password: str, salt: str) -> str:
        """Hash a password. Raises Unavailable, as `Turns.run`."""
        return _in_turn(lambda: super(PasswordHasher, self).encode(password, salt))

    def verify(self, password: str, encoded: str) -> bool:
        """Whether the password has this hash. Raises Unavailable, as `Turns.run`."""
        return _in_turn(lambda: super(PasswordHasher, self).verify(password, encoded))


def _in_turn(work: Callable[[], T]) -> T:
    if connection.in_atomic_block or threading.current_thread() is threading.main_thread():
        return work()
    # Others need it: those who wait would keep all connections of the pool.
    connection.close()
    return _turns.run(work)


def _yield_to_others() -> None:
    thread = threading.get_native_id()
    with suppress(OSError):
        niceness = max(os.getpriority(os.PRIO_PROCESS, thread), NICENESS)
        os.setpriority(os.PRIO_PROCESS, thread, niceness)


_turns = Turns()
