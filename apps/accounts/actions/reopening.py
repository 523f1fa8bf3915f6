"""Opens an account again that was closed."""

from apps.accounts.access_handlers import Scope
from apps.accounts.actions.access import Way, end_access
from apps.accounts.models import Session, User


def reopen(user: User) -> None:
    """Let the person of a closed account sign in again. The caller holds the locks on their stream
    and their row.

    First ends the sessions of sign-ins that were under way when the account was closed: they had
    found it open, and must not come to life now.
    """
    if Session.objects.filter(user=user).exists():
        end_access(Scope(user.id), way=Way(user.closed_way or Way.ADMINISTRATOR))
    user.is_active, user.closed_way = True, ""
    user.save(update_fields=["is_active", "closed_way"])
