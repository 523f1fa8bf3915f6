"""Markup of programs that name people by the ids that they have from us."""

import re
from collections.abc import Mapping
from uuid import UUID

from apps.chats.foreign.slack_markup import Markup
from apps.integrations.queries import incoming

# In JSON: many programs escape the brackets there.
MENTION = re.compile(
    r"(?:<|\\u003c)@([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:[|>]|\\u003e)",
    re.IGNORECASE | re.ASCII,
)
MAX_MENTIONS = 100


class MemberMarkup(Markup):
    """Knows the members of the chat that a text names by their ids."""

    def __init__(self, usernames: Mapping[UUID, str]) -> None:
        self._usernames = {str(person): name for person, name in usernames.items()}

    def mention(self, key: str, label: str = "") -> str:
        """Their `@username`."""
        return super().mention(key, self._usernames.get(key.lower(), label))


def markup_for(chat_id: UUID, payload: bytes | str) -> MemberMarkup:
    """The markup of a payload in JSON for a chat."""
    text = payload if isinstance(payload, str) else payload.decode("utf-8", "replace")
    named = {UUID(key) for key in [*dict.fromkeys(MENTION.findall(text))][:MAX_MENTIONS]}
    return MemberMarkup(incoming.usernames(chat_id, named) if named else {})
