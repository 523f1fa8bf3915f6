"""People: the account with its profile, the person's own stream, sessions, tickets, exports,
deletions, suspensions, warnings, slowdowns, invitations to register, placeholders, and records of
access that ended."""

from apps.accounts.models.barred_email import BarredEmail
from apps.accounts.models.deletion import Deletion, FormerUsername
from apps.accounts.models.ending import EndedAccess, Ending
from apps.accounts.models.export import Export
from apps.accounts.models.moderated import PersonWarning, Slowdown
from apps.accounts.models.placeholder import Placeholder
from apps.accounts.models.registration_invite import RegistrationInvite
from apps.accounts.models.session import Session
from apps.accounts.models.stream import Stream
from apps.accounts.models.suspension import Suspension
from apps.accounts.models.ticket import Ticket
from apps.accounts.models.user import User, UserManager

__all__ = [
    "BarredEmail",
    "Deletion",
    "EndedAccess",
    "Ending",
    "Export",
    "FormerUsername",
    "PersonWarning",
    "Placeholder",
    "RegistrationInvite",
    "Session",
    "Slowdown",
    "Stream",
    "Suspension",
    "Ticket",
    "User",
    "UserManager",
]
