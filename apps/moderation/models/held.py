"""Messages that wait for a moderator, as the admin lists them."""

from apps.chats.models import Scheduled


class HeldMessage(Scheduled):
    """A message of the chats that rules held. No table of its own: `chats.actions.held` changes
    the row."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = "held message"

    def __str__(self) -> str:
        return f"held message {self.id}"
