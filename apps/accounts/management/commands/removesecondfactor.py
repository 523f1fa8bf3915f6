"""`manage.py removesecondfactor`: for somebody who has lost phone, passkeys and recovery codes."""

from typing import Any

from apps.accounts.actions import second_factor
from apps.accounts.management.account_command import AccountCommand


class Command(AccountCommand):
    """Removes all second factors of one account."""

    help = (
        "Remove the second factors of an account, whose password alone signs in then. Make sure "
        "first that it is its owner who asks. The owner is told by mail."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove them. Raises CommandError for an account that does not exist."""
        user = self.person(options)
        removed = second_factor.remove_all(user.id)
        words = "signs in with the password alone now." if removed else "has no second factor."
        result = {"username": user.username, "removed": removed}
        self.show(options, f"{user.username} {words}", result)
