"""What the clients have sent."""

import time
from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from apps.wire import commands
from tests.realtime_client.scripted.world import World

C = TypeVar("C", bound=commands.Command)


class Asked(World):
    """The commands and requests received so far."""

    def asked(self, kind: type[C]) -> list[C]:
        """The commands of a type received so far."""
        return [one for one in self.received if isinstance(one, kind)]

    def sends(self) -> list[commands.Send]:
        """The `send` commands received so far."""
        return self.asked(commands.Send)

    def reported(self, chat: UUID) -> list[tuple[int | None, int | None]]:
        """The (delivered, read) pairs received for a chat, in order."""
        return [
            (position.delivered, position.read)
            for one in self.received
            if isinstance(one, commands.Receipts)
            for position in one.positions
            if position.chat == chat
        ]

    def pages(self) -> list[str]:
        """The pages of history requested so far."""
        return [one for one in self.gets if "/messages?" in one]

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition is true of what reached the server."""
        deadline = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.01)
