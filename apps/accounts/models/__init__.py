"""People: the account with its profile, the person's own stream, and web sessions."""

from apps.accounts.models.session import Session
from apps.accounts.models.stream import Stream
from apps.accounts.models.user import User, UserManager

__all__ = ["Session", "Stream", "User", "UserManager"]
