"""Custom emoji of the installation."""

from uuid import UUID

from apps.wire.bodies.base import Body, Rev


class CustomEmoji(Body, frozen=True):
    """Written as `:name:`, or as an alias between colons. The image at `url` never changes; that at
    `still_url` is the first frame of one that moves."""

    id: UUID
    name: str
    aliases: list[str]
    url: str
    still_url: str | None


class EmojiList(Body, frozen=True):
    """All custom emoji, by name. `revision` is that of `welcome` and `server`."""

    revision: Rev
    items: list[CustomEmoji]
