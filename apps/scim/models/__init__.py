"""What a directory says of people."""

from apps.scim.models.entry import DirectoryEntry

__all__ = ["DirectoryEntry"]
