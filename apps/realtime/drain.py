"""How a web process hands its clients over to others before it ends (SIGTERM).

Clients that are cut off together come back together, and the next process has to read what all of
them missed at once. So each is told to reconnect at a turn of its own, and is served until then.
docs/decisions/0095-a-process-drains-before-it-ends.md.
"""

import asyncio
import random

from apps.chats.actions.gathered_receipts import gathered_receipts
from apps.chats.actions.group_commit import group_commit
from apps.realtime.connection import Connection
from apps.realtime.server import Server
from apps.wire.close_codes import CloseCode

# The turns of the clients are spread over this time.
SPREAD_S = 12.0
# How long a client may take to go after it was told; other programs may not know the event. What it
# sent before has its reply sooner.
LEAVE_TIMEOUT_S = 4.0
# How long the end waits for commands in progress.
FINISH_TIMEOUT_S = 3.0
TICK_S = 0.1


async def hand_over(server: Server) -> None:
    """Tell each client at its turn to reconnect, and wait until they have gone. Returns as soon as
    there is no other process that they could go to."""
    loop = server.loop
    told_by = loop.time() + SPREAD_S
    turns: dict[Connection, float] = {}
    while (now := loop.time()) < told_by + LEAVE_TIMEOUT_S:
        if not (server.hub.connections and server.relay.has_successor):
            return
        for connection in list(server.hub.connections):
            if connection not in turns:
                turns[connection] = random.uniform(now, max(now, told_by))  # noqa: S311  # nosec B311  no secret
            if turns[connection] <= now - LEAVE_TIMEOUT_S:
                connection.outgoing.close(CloseCode.RESTARTING)
            elif turns[connection] <= now:
                connection.ask_to_reconnect()
        await asyncio.sleep(TICK_S)


async def finish(server: Server) -> None:
    """Take no more commands, wait until those in progress have their replies, and close all
    connections."""
    server.ending = True
    give_up_at = server.loop.time() + FINISH_TIMEOUT_S
    while _in_progress(server) and server.loop.time() < give_up_at:  # noqa: ASYNC110
        await asyncio.sleep(TICK_S)
    # The last replies are written by callbacks of this loop, and leave at its next turns.
    await asyncio.sleep(TICK_S)
    server.close_connections()


def _in_progress(server: Server) -> bool:
    return server.commands > 0 or not (group_commit.idle and gathered_receipts.idle)
