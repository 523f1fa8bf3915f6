"""What is wrong with an archive."""


class Wrong(Exception):
    """A record that cannot be. The message says why."""


class ArchiveError(Exception):
    """An archive that cannot be read or imported, and where: `place` is a file, perhaps with a
    line."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class ExportError(Exception):
    """An export that cannot be converted. The text says why, and in which file."""
