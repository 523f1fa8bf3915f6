from apps.emoji.models.emoji import Alias, Emoji, ListRevision

__all__ = ["Alias", "Emoji", "ListRevision"]
