"""A server that speaks the protocol exactly as a test tells it to, faults included.

It decodes commands with the product's own strict types and encodes the product's own events, so it
cannot drift from the wire. It is for replies lost after the commit, frames sent twice, gaps and
resets. What the real server does is tested against the real server.
"""

from tests.realtime_client.scripted.chat import ScriptedChat, now
from tests.realtime_client.scripted.server import ScriptedServer

__all__ = ["ScriptedChat", "ScriptedServer", "now"]
