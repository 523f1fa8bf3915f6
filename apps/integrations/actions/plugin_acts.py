"""What people do with entries of plugins."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.chats.models import Message
from apps.chats.queries.access import get_membership
from apps.core.errors import NotFound
from apps.core.limits import PLUGIN_ACTS, limited
from apps.integrations.plugins import registry
from apps.integrations.plugins.contract import Act


@limited(PLUGIN_ACTS)
def act(user_id: UUID, chat_id: UUID, *, seq: int, name: str, data: Mapping[str, Any]) -> object:
    """Carry out an action of the plugin whose entry is at `seq`, and return its result.

    The plugin's action checks what the person may do. Raises NotFound without such an entry in a
    chat of the person, for an action that its plugin does not have or a plugin that is switched
    off, Unavailable for one that takes too long, and what the action raises.
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
    return action(Act(user_id, chat_id, seq, data))
