"""People: the account with its profile, the person's own stream, web sessions, and records of
access that ended."""

from apps.accounts.models.ending import EndedAccess, Ending
from apps.accounts.models.session import Session
from apps.accounts.models.stream import Stream
from apps.accounts.models.user import User, UserManager

__all__ = ["EndedAccess", "Ending", "Session", "Stream", "User", "UserManager"]
