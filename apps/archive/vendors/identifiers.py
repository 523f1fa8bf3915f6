"""Ids of what an export has: the same in each run, and in a newer export of the same workspace."""

from uuid import UUID, uuid5

NAMESPACE = UUID("6f1d3d3e-6f0a-5d0a-9a6e-7f3a0d5f4c11")


class Identifiers:
    """UUIDs (version 5) of the vendor, the workspace and the id there."""

    def __init__(self, vendor: str, workspace: str) -> None:
        self._space = uuid5(uuid5(NAMESPACE, vendor), workspace)

    def person(self, key: str) -> UUID:
        """Of a person."""
        return self._of("person", key)

    def chat(self, key: str, part: int = 0) -> UUID:
        """Of a chat, or of a part of one that was split."""
        return self._of("chat", key, *([str(part)] if part else []))

    def entry(self, chat: UUID, key: str) -> UUID:
        """Of a message of a chat."""
        return uuid5(chat, key)

    def file(self, key: str) -> UUID:
        """Of a file."""
        return self._of("file", key)

    def _of(self, kind: str, *keys: str) -> UUID:
        return uuid5(self._space, "\0".join((kind, *keys)))
