"""What people do with entries of plugins."""

from collections import defaultdict
from collections.abc import Mapping
from threading import BoundedSemaphore
from typing import Any
from uuid import UUID

from django.db import connection

from apps.chats.models import Message
from apps.chats.queries.access import get_membership
from apps.core.errors import NotFound, Unavailable
from apps.core.limits import PLUGIN_ACTS, limited
from apps.integrations.plugins import registry
from apps.integrations.plugins.contract import Act

# Of one plugin at the same time: each takes a thread and a database connection of this process, and
# an action may hang. One more waits for this long.
MAX_AT_ONCE = 8
WAIT_S = 2.5
_free = defaultdict[str, BoundedSemaphore](lambda: BoundedSemaphore(MAX_AT_ONCE))


@limited(PLUGIN_ACTS)
def act(user_id: UUID, chat_id: UUID, *, seq: int, name: str, data: Mapping[str, Any]) -> object:
    """Carry out an action of the plugin whose entry is at `seq`, and return its result.

    The plugin's action checks what the person may do. Raises NotFound without such an entry in a
    chat of the person, for an action that its plugin does not have or a plugin that is switched
    off, Unavailable while many actions of the plugin do not end, and what the action raises.
    """
    membership = get_membership(user_id, chat_id)
    entries = Message.objects.filter(
        chat_id=chat_id, seq=seq, seq__gte=membership.chat.kept_from, deleted_at=None
    )
    layout = entries.values_list("layout", flat=True).first()
    plugin: str = (layout or {}).get("plugin", "")
    action = registry.action(plugin, name) if plugin else None
    if action is None:
        raise NotFound
    free = _free[plugin]
    if not free.acquire(blocking=False):
        if not connection.in_atomic_block:
            # Back to the pool while it waits.
            connection.close()
        if not free.acquire(timeout=WAIT_S):
            raise Unavailable(retry_after=WAIT_S)
    try:
        return action(Act(user_id, chat_id, seq, data))
    finally:
        free.release()
