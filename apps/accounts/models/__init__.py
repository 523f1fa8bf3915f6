"""People: the account with its profile, the person's own stream, sessions, tickets, exports,
deletions, suspensions, warnings, slowdowns, and records of access that ended."""

from apps.accounts.models.deletion import Deletion, FormerUsername
from apps.accounts.models.ending import EndedAccess, Ending
from apps.accounts.models.export import Export
from apps.accounts.models.moderated import PersonWarning, Slowdown
from apps.accounts.models.session import Session
from apps.accounts.models.stream import Stream
from apps.accounts.models.suspension import Suspension
from apps.accounts.models.ticket import Ticket
from apps.accounts.models.user import User, UserManager

__all__ = [
    "Deletion",
    "EndedAccess",
    "Ending",
    "Export",
    "FormerUsername",
    "PersonWarning",
    "Session",
    "Slowdown",
    "Stream",
    "Suspension",
    "Ticket",
    "User",
    "UserManager",
]
