"""People: the account with its profile, and the person's own stream."""

from apps.accounts.models.stream import Stream
from apps.accounts.models.user import User, UserManager

__all__ = ["Stream", "User", "UserManager"]
