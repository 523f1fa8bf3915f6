"""People: the account with its profile, the person's own stream, sessions and tickets."""

from apps.accounts.models.session import Session
from apps.accounts.models.stream import Stream
from apps.accounts.models.ticket import Ticket
from apps.accounts.models.user import User, UserManager

__all__ = ["Session", "Stream", "Ticket", "User", "UserManager"]
