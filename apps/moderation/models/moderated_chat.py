"""Chats, as the admin lists them."""

from apps.chats.models import Chat


class ModeratedChat(Chat):
    """A chat of which moderators see who is in it and how large it is. No table of its own."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "moderated chat"

    def __str__(self) -> str:
        return str(self.id)
