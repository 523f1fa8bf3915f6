"""Who may see a file besides its owner: what uses files registers a function that knows.

class ChatsConfig(AppConfig):
    def ready(self) -> None:
        register_viewers(attachments.may_see)
"""

from collections.abc import Callable
from uuid import UUID

MaySee = Callable[[UUID, UUID], bool]

_viewers: list[MaySee] = []


def register_viewers(may_see: MaySee) -> None:
    """`may_see` is called with a person with an open account and a file."""
    _viewers.append(may_see)


def may_see(user_id: UUID, file_id: UUID) -> bool:
    """Whether something that the person may see uses the file."""
    return any(each(user_id, file_id) for each in _viewers)
