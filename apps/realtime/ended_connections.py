"""Confirms in PostgreSQL which live connections this process has closed because access ended.

An administrator sees the confirmations in the record of the ending (`accounts.models.Ending`).
Nothing is written while nothing was closed.
"""

import asyncio
import os
import socket
from collections import Counter
from uuid import UUID

from django.db import Error

from apps.accounts.actions.access import confirm_closed
from apps.core.database import database_outages
from apps.realtime.connection import Connection
from apps.realtime.database import in_background_database
from apps.wire.close_codes import CloseCode

RETRY_DELAY_S = 1.0
# Sessions that wait to be confirmed; beyond them nothing is counted until PostgreSQL is back.
MAX_PENDING = 10_000
PROCESS = f"{socket.gethostname()}:{os.getpid()}"[-100:]


class EndedConnections:
    """Closes connections whose session has ended, and counts them by person and session."""

    def __init__(self) -> None:
        self._pending: Counter[tuple[UUID, str]] = Counter()
        self._added = asyncio.Event()

    def close(self, connection: Connection) -> None:
        """Close a connection whose session has ended; count it unless it was closed already."""
        if connection.outgoing.closed:
            return
        connection.outgoing.close(CloseCode.SIGNED_OUT)
        if len(self._pending) < MAX_PENDING:
            self._pending[connection.person, connection.session_hash] += 1
            self._added.set()

    async def run(self) -> None:
        """Confirm until shutdown what was closed."""
        while True:
            await self._added.wait()
            self._added.clear()
            pending, self._pending = self._pending, Counter()
            try:
                await in_background_database(confirm_closed, PROCESS, pending)
            except Error as error:
                database_outages.failed(error)
                self._pending.update(pending)
                self._added.set()
                await asyncio.sleep(RETRY_DELAY_S)
