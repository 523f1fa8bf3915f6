"""A server that speaks the protocol exactly as a test tells it to, faults included.

It decodes commands with the product's own strict types and encodes the product's own events, so it
cannot drift from the wire. What it is for: answers lost after the commit, frames sent twice, gaps,
resets. What the real server does is tested against the real server.
"""

from tests.realtime_client.room import Room, now
from tests.realtime_client.scripted.server import ScriptedServer

__all__ = ["Room", "ScriptedServer", "now"]
