"""`manage.py reopenaccount`: lets a person sign in again."""

from typing import Any

from django.core.management.base import CommandError

from apps.accounts.actions import accounts
from apps.accounts.management.account_command import AccountCommand


class Command(AccountCommand):
    """Reopens an account that was closed."""

    help = "Open a closed account again. What ended when it was closed does not come back."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError for an unknown person, and one who stays closed."""
        user = self.person(options)
        accounts.reopen_by(None, user.id)
        user.refresh_from_db(fields=["is_active"])
        if not user.is_active:
            raise CommandError(
                f"{user.username} stays closed: the account is suspended (`manage.py moderate "
                "lift`), or its deletion has begun."
            )
        words = f"{user.username} can sign in."
        self.show(options, words, {"username": user.username, "open": True})
